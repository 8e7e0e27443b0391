/// The helper image of Kubernetes' own tests: one binary with many small programs, of which the first argument names one.
///
/// Those that serve (`netexec`, `serve-hostname`, `test-webserver`, …) only go on; what they answer is in `Ports`.
enum Agnhost {
  static let programs: [String: SimulatedCommand] = [
    MountTest.program, MountTest.loop, resolverPrograms, writers, IssuerDiscovery.programs,
  ]
  .reduce(into: [:]) { all, part in all.merge(part) { first, _ in first } }

  /// - Parameter name: what the program calls itself.
  static func command(as own: String) -> SimulatedCommand {
    { shell, arguments, world in
      guard let name = arguments.first else { return shell.fail("Usage:\n  agnhost [command]", &world) }
      if name == "entrypoint-tester" {
        shell.print("[\(([own] + arguments).joined(separator: " "))]", &world)
        return 0
      }
      if let program = programs[name] { return program(&shell, Array(arguments.dropFirst()), &world) }
      shell.pending.append(.endless)
      shell.endOnTerm = endOfServers
      return 0
    }
  }

  /// With what programs in Go end when they are asked to, and have not thought of it.
  static let endOfServers = 2

  /// The value of an option: `--name=value`, `--name value`.
  static func value(_ name: String, in arguments: [String]) -> String? {
    for (index, word) in arguments.enumerated() {
      if word == "--" + name { return arguments[safelyAt: index + 1] }
      if word.hasPrefix("--\(name)=") { return String(word.dropFirst(name.count + 3)) }
    }
    return nil
  }

  /// What the files say by which names are found.
  private static let resolverPrograms: [String: SimulatedCommand] = [
    "dns-suffix": { shell, _, world in
      shell.write(words("search", world).joined(separator: ","), to: shell.streams.out, &world)
      return 0
    },
    "dns-server-list": { shell, _, world in
      shell.write(words("nameserver", world).joined(separator: ","), to: shell.streams.out, &world)
      return 0
    },
    "etc-hosts": { shell, _, world in
      shell.write((try? world.read("etc/hosts")) ?? "", to: shell.streams.out, &world)
      return 0
    },
  ]

  private static func words(_ key: String, _ world: ShellWorld) -> [String] {
    let lines = ((try? world.read("etc/resolv.conf")) ?? "").split(separator: "\n")
    return lines.flatMap { line -> [String] in
      let words = line.split(separator: " ").map(String.init)
      return words.first == key ? Array(words.dropFirst()) : []
    }
  }
}
