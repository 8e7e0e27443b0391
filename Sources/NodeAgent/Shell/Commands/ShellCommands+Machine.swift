/// What a process asks the machine about.
extension ShellCommands {
  /// The name with its domain, as the file of hosts has it.
  private static func fullHostname(_ world: ShellWorld) -> String {
    for line in ((try? world.read("etc/hosts")) ?? "").split(separator: "\n") where !line.hasPrefix("#") {
      let names = line.split(whereSeparator: \.isWhitespace).dropFirst()
      if names.contains(where: { $0 == world.hostname }) { return names.first.map(String.init) ?? world.hostname }
    }
    return world.hostname
  }

  static let machine: [String: SimulatedCommand] = [
    "hostname": { shell, arguments, world in
      let full = fullHostname(world)
      let name =
        switch arguments.first {
        case "-i", "-I": world.network.addresses(of: world.hostname).first ?? ""
        case "-f", "--fqdn", "--long": full
        case "-d", "--domain": String(full.drop { $0 != "." }.dropFirst())
        case "-s", "--short": String(world.hostname.prefix { $0 != "." })
        default: world.hostname
        }
      shell.print(name, &world)
      return 0
    },
    "uname": { shell, arguments, world in
      let all = "Linux \(world.hostname) 6.12.0-swiftlet #1 SMP x86_64 GNU/Linux"
      let letter = arguments.first ?? "-s"
      let single = ["-s": "Linux", "-n": world.hostname, "-m": "x86_64", "-r": "6.12.0-swiftlet"]
      shell.print(single[letter] ?? all, &world)
      return 0
    },
    "nproc": { shell, _, world in
      shell.print("8", &world)
      return 0
    },
    "which": { shell, arguments, world in
      let found = arguments.filter { isKnown($0) && shell.has($0, world) }
      for name in found { shell.print("/bin/" + name, &world) }
      return found.count == arguments.count ? 0 : 1
    },
    "type": { shell, arguments, world in
      let found = arguments.filter { isKnown($0) && shell.has($0, world) || shell.functions[$0] != nil }
      for name in found { shell.print("\(name) is a shell command", &world) }
      return found.count == arguments.count ? 0 : 127
    },
    "httpd": { shell, _, _ in
      shell.pending.append(.endless)
      return 0
    },
    "stress": stress, "stress-ng": stress,
    "pause": { shell, _, _ in
      shell.pending.append(.endless)
      return 0
    },
  ]

  /// What it uses is seen from outside, by the words of its command.
  private static let stress: SimulatedCommand = { shell, arguments, world in
    let load = StressLoad(arguments: arguments)
    shell.print(load.line, &world)
    guard let time = load.time else {
      shell.pending.append(.endless)
      return 0
    }
    shell.pending.append(.wait(time))
    return 0
  }
}
