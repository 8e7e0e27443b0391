import Objects
import Values

/// Other machines, beside those that are asked over HTTP.
extension ShellCommands {
  static let network: [String: SimulatedCommand] = [
    "ping": { shell, arguments, world in
      guard let host = target(arguments) else { return shell.fail("ping: missing host", &world) }
      guard let address = world.network.addresses(of: host).first else {
        return shell.fail("ping: bad address '\(host)'", &world)
      }
      let count = arguments.firstIndex(of: "-c").flatMap { arguments[safelyAt: $0 + 1] }.flatMap { Int($0) } ?? 1
      shell.print("PING \(host) (\(address)): 56 data bytes", &world)
      if case .lost = world.network.route(to: host, port: 7, .tcp) {
        shell.pending.append(.wait(.seconds(10)))
        shell.print("\n--- \(host) ping statistics ---", &world)
        shell.print("\(count) packets transmitted, 0 packets received, 100% packet loss", &world)
        return 1
      }
      for number in 0..<max(1, min(count, 20)) {
        shell.print("64 bytes from \(address): seq=\(number) ttl=64 time=0.1 ms", &world)
      }
      shell.print("\n--- \(host) ping statistics ---", &world)
      shell.print("\(count) packets transmitted, \(count) packets received, 0% packet loss", &world)
      return 0
    },
    "nc": connect, "ncat": connect, "telnet": connect,
    "pg_isready": probe(port: 5432), "mysqladmin": probe(port: 3306),
  ]

  /// The first argument that is neither an option nor the number after one.
  private static func target(_ arguments: [String]) -> String? {
    arguments.first { !$0.hasPrefix("-") && !$0.hasPrefix("+") && Double($0) == nil }
  }

  /// Whether a connection would come about.
  static func isListening(_ host: String, _ port: Int, _ shell: Shell, _ world: inout ShellWorld) -> Bool {
    if case .answered = world.converse(host, port: port, "", .tcp, turn: shell.steps).outcome { return true }
    return false
  }

  /// `nc -z -w 1 host port`; `nc -l` listens for ever.
  private static let connect: SimulatedCommand = { shell, arguments, world in
    let letters = arguments.filter { $0.hasPrefix("-") && !$0.hasPrefix("--") }.joined()
    if letters.contains("l") {
      shell.pending.append(.endless)
      return 0
    }
    var patience: Duration?
    var names: [String] = []
    var rest = arguments[...]
    while let word = rest.popFirst() {
      if word.hasPrefix("-"), word.count > 1 {
        if word.last == "w" || word.last == "i" { patience = rest.popFirst().flatMap { time($0) ?? nil } }
      } else {
        names.append(word)
      }
    }
    guard names.count >= 2, let port = Int(names[1]) else { return shell.fail("nc: missing port number", &world) }
    let (host, isVerbose) = (names[0], letters.contains("v"))
    let transport = letters.contains("u") ? Transport.udp : .tcp
    let text = letters.contains("z") ? "" : shell.input
    let (reply, outcome) = world.converse(host, port: port, text, transport, turn: shell.steps)
    switch outcome {
    case .unknownHost: return shell.fail("nc: bad address '\(host)'", &world)
    // A datagram that nobody takes is not missed, unless one looks for just that.
    case .refused where transport == .udp && !letters.contains("z"): return 0
    case .refused:
      return shell.fail(
        "nc: connect to \(host) port \(port) (\(transport.rawValue.lowercased())) failed: Connection refused", &world)
    case .lost:
      shell.pending.append(.wait(patience ?? ShellWorld.patience))
      if transport == .udp { return letters.contains("z") ? 1 : 0 }
      return shell.fail("nc: connect to \(host) port \(port) (tcp) timed out: Operation in progress", &world)
    case .answered, .asked:
      if isVerbose {
        let note = "Connection to \(host) \(port) port [\(transport.rawValue.lowercased())/*] succeeded!\n"
        shell.write(note, to: shell.streams.error, &world)
      }
      if let reply { shell.write(reply, to: shell.streams.out, &world) }
      return 0
    }
  }

  /// Clients that ask whether their server is up: `-h host -p port`.
  private static func probe(port: Int) -> SimulatedCommand {
    { shell, arguments, world in
      func value(_ option: String) -> String? {
        if let index = arguments.firstIndex(of: option) { return arguments[safelyAt: index + 1] }
        return arguments.first { $0.hasPrefix(option) && $0.count > 2 }.map { String($0.dropFirst(2)) }
      }
      let host = value("-h") ?? "localhost"
      if isListening(host, value("-p").flatMap { Int($0) } ?? port, shell, &world) { return 0 }
      return shell.fail("could not connect to \(host)", &world, code: 2)
    }
  }
}
