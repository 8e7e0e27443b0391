import Values

/// Names and other machines: Services are found by their names and answer when a ready pod stands behind them.
extension ShellCommands {
  static let network: [String: SimulatedCommand] = [
    "nslookup": lookup, "host": lookup, "dig": lookup,
    "getent": { shell, arguments, world in
      guard arguments.first == "hosts", let host = arguments[safelyAt: 1] else { return 1 }
      let addresses = world.network.addresses(of: host)
      for address in addresses { shell.print("\(address)  \(host)", &world) }
      return addresses.isEmpty ? 2 : 0
    },
    "ping": { shell, arguments, world in
      guard let host = target(arguments) else { return shell.fail("ping: missing host", &world) }
      guard let address = world.network.addresses(of: host).first else {
        return shell.fail("ping: bad address '\(host)'", &world)
      }
      shell.print("PING \(host) (\(address)): 56 data bytes", &world)
      shell.print("64 bytes from \(address): seq=0 ttl=64 time=0.1 ms", &world)
      return 0
    },
    "nc": connect, "ncat": connect, "telnet": connect,
    "pg_isready": probe(port: 5432), "mysqladmin": probe(port: 3306),
  ]

  private static let lookup: SimulatedCommand = { shell, arguments, world in
    guard let host = target(arguments) else { return 0 }
    let addresses = world.network.addresses(of: host)
    shell.print("Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n", &world)
    if addresses.isEmpty {
      shell.print("** server can't find \(host): NXDOMAIN\n", &world)
      return 1
    }
    for address in addresses { shell.print("Name:\t\(host)\nAddress: \(address)\n", &world) }
    return 0
  }

  /// The first argument that is neither an option nor the number after one.
  private static func target(_ arguments: [String]) -> String? {
    arguments.first { !$0.hasPrefix("-") && !$0.hasPrefix("+") && Double($0) == nil }
  }

  /// `nc -z -w 1 host port`; `nc -l` listens for ever.
  private static let connect: SimulatedCommand = { shell, arguments, world in
    if arguments.contains(where: { $0.hasPrefix("-") && $0.contains("l") }) {
      shell.pending.append(.endless)
      return 0
    }
    guard let host = target(arguments), let port = arguments.last.flatMap({ Int($0) }) else { return 1 }
    if world.network.isListening(host, port: port) { return 0 }
    return shell.fail("nc: \(host) (\(port)): Connection refused", &world)
  }

  /// Clients that ask whether their server is up: `-h host -p port`.
  private static func probe(port: Int) -> SimulatedCommand {
    { shell, arguments, world in
      func value(_ option: String) -> String? {
        if let index = arguments.firstIndex(of: option) { return arguments[safelyAt: index + 1] }
        return arguments.first { $0.hasPrefix(option) && $0.count > 2 }.map { String($0.dropFirst(2)) }
      }
      let host = value("-h") ?? "localhost"
      if world.network.isListening(host, port: value("-p").flatMap { Int($0) } ?? port) { return 0 }
      return shell.fail("could not connect to \(host)", &world, code: 2)
    }
  }
}
