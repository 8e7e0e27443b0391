import Objects
import Values

/// `wget` and `curl`: what the servers of pods answer; hosts outside of the cluster exist, and say that they do.
extension ShellCommands {
  static let fetching: [String: SimulatedCommand] = ["wget": wget, "curl": curl]

  private struct Address {
    var isSecure: Bool
    var host: String
    var port: Int
    var target: String

    init(_ text: String) {
      isSecure = text.hasPrefix("https://")
      let plain = text.components(separatedBy: "://").last ?? text
      let place = plain.prefix { $0 != "/" && $0 != "?" }
      let parts = place.split(separator: ":").map(String.init)
      host = parts.first ?? ""
      port = parts[safelyAt: 1].flatMap { Int($0) } ?? (isSecure ? 443 : 80)
      let rest = String(plain.dropFirst(place.count)).prefix { $0 != "#" }
      target = rest.hasPrefix("/") ? String(rest) : "/" + rest
    }

    var hostAndPort: String { port == 80 || port == 443 ? host : "\(host):\(port)" }
  }

  private static func ask(
    _ address: Address, _ request: PortRequest, _ asked: Int?, _ shell: Shell, _ world: inout ShellWorld
  ) -> ShellWorld.PortOutcome {
    if let asked {
      guard let response = world.network.api?.take(asked) else { return .asked(asked) }
      return .answered(response, after: .zero)
    }
    if !address.isSecure, case .api = world.network.route(to: address.host, port: address.port, .tcp) {
      let refusal = "Client sent an HTTP request to an HTTPS server.\n"
      return .answered(SimulatedServer.plain(refusal, status: 400), after: .zero)
    }
    return world.ask(address.host, port: address.port, request, turn: shell.steps)
  }

  /// How long until one looks again for an answer.
  private static let pause = Duration.milliseconds(2)

  /// Runs the same command again, to look for the answer.
  private static func wait(for number: Int, _ program: String, _ arguments: [String], _ shell: inout Shell) -> Int {
    shell.pending.append(.wait(pause))
    let words = arguments.filter { !$0.hasPrefix(FetchOptions.askedOption) }
    shell.queue([[program, FetchOptions.askedOption + String(number)] + words])
    return 0
  }

  private static func asked(_ address: Address, _ options: FetchOptions, agent: String) -> PortRequest {
    var headers = [
      PortHeader("host", address.hostAndPort), PortHeader("user-agent", agent), PortHeader("accept", "*/*"),
    ]
    headers += options.headers
    if let body = options.body { headers.append(PortHeader("content-length", String(body.utf8.count))) }
    return PortRequest(
      method: options.method, target: address.target, headers: headers, body: RawText.bytes(options.body ?? ""))
  }

  private static func write(
    _ text: String, to file: String?, _ program: String, _ shell: inout Shell, _ world: inout ShellWorld
  ) -> Int {
    guard let file, file != "-" else {
      shell.write(text, to: shell.streams.out, &world)
      return 0
    }
    do throws(ShellWorld.Failure) { try world.write(shell.path(file), text) } catch {
      return shell.fail("\(program): can't open '\(file)': \(error.text)", &world)
    }
    return 0
  }

  // MARK: wget

  /// `wget -qO- http://web:8080/path`
  private static let wget: SimulatedCommand = { shell, arguments, world in
    let options = FetchOptions(wget: arguments)
    guard let text = options.address else { return shell.fail("wget: missing URL", &world) }
    let address = Address(text)
    let place = world.network.addresses(of: address.host).first ?? ""
    func say(_ line: String, _ shell: inout Shell, _ world: inout ShellWorld) {
      if !options.isQuiet { shell.write(line + "\n", to: shell.streams.error, &world) }
    }
    if !place.isEmpty { say("Connecting to \(address.hostAndPort) (\(place):\(address.port))", &shell, &world) }
    switch ask(address, asked(address, options, agent: "Wget"), options.asked, shell, &world) {
    case .asked(let number): return wait(for: number, "wget", arguments, &shell)
    case .unknownHost: return shell.fail("wget: bad address '\(address.host)'", &world)
    case .refused:
      return shell.fail("wget: can't connect to remote host (\(place)): Connection refused", &world)
    case .lost:
      shell.pending.append(.wait(options.patience ?? ShellWorld.patience))
      let isTimeout = options.patience != nil
      return shell.fail(
        isTimeout
          ? "wget: download timed out" : "wget: can't connect to remote host (\(place)): Host is unreachable", &world)
    case .answered(let response, let delay):
      if delay > .zero { shell.pending.append(.wait(delay)) }
      if response.status >= 400 {
        let reason = PortConversation.reasons[response.status] ?? ""
        return shell.fail("wget: server returned error: HTTP/1.1 \(response.status) \(reason)", &world)
      }
      if options.isSpider {
        say("remote file exists", &shell, &world)
        return 0
      }
      let name = address.target.prefix { $0 != "?" }.split(separator: "/").last.map(String.init) ?? "index.html"
      let file = options.file ?? name
      say(file == "-" ? "writing to stdout" : "saving to '\(file)'", &shell, &world)
      return write(RawText.text(response.body), to: file, "wget", &shell, &world)
    }
  }

  // MARK: curl

  /// The most answers that lead elsewhere before it is given up.
  private static let redirectLimit = 10

  /// `curl -s -o /dev/null -w '%{http_code}' web`
  private static let curl: SimulatedCommand = { shell, arguments, world in
    let options = FetchOptions(curl: arguments)
    guard let text = options.address else {
      return shell.fail("curl: (2) no URL specified", &world, code: 2)
    }
    var address = Address(text)
    if address.isSecure, !options.trusts, case .api = world.network.route(to: address.host, port: address.port, .tcp) {
      return complain(60, "SSL certificate problem: unable to get local issuer certificate", options, &shell, &world)
    }
    for _ in 0...redirectLimit {
      switch ask(address, asked(address, options, agent: "curl/8.14.1"), options.asked, shell, &world) {
      case .asked(let number): return wait(for: number, "curl", arguments, &shell)
      case .unknownHost: return complain(6, "Could not resolve host: \(address.host)", options, &shell, &world)
      case .refused:
        let why = "Failed to connect to \(address.host) port \(address.port) after 0 ms: Could not connect to server"
        return complain(7, why, options, &shell, &world)
      case .lost:
        let time = options.patience ?? ShellWorld.patience
        shell.pending.append(.wait(time))
        let why = "Connection timed out after \(time.components.seconds * 1000) milliseconds"
        return complain(28, why, options, &shell, &world)
      case .answered(let response, let delay):
        if delay > .zero { shell.pending.append(.wait(delay)) }
        let location = response.headers.first { $0.name == "location" }?.value
        if options.follows, (300...399).contains(response.status), let location {
          address = Address(
            location.contains("://") ? location : "http://\(address.host):\(address.port)\(location)")
          continue
        }
        if options.fails, response.status >= 400 {
          return complain(22, "The requested URL returned error: \(response.status)", options, &shell, &world)
        }
        return show(response, address, options, &shell, &world)
      }
    }
    return complain(47, "Maximum (\(redirectLimit)) redirects followed", options, &shell, &world)
  }

  private static func complain(
    _ code: Int, _ why: String, _ options: FetchOptions, _ shell: inout Shell, _ world: inout ShellWorld
  ) -> Int {
    if !options.isQuiet { shell.write("curl: (\(code)) \(why)\n", to: shell.streams.error, &world) }
    if let format = options.format { shell.write(filled(format, 0, 0), to: shell.streams.out, &world) }
    return code
  }

  private static func show(
    _ response: PortResponse, _ address: Address, _ options: FetchOptions, _ shell: inout Shell,
    _ world: inout ShellWorld
  ) -> Int {
    var text = ""
    if options.showsHead {
      text += "HTTP/1.1 \(response.status) \(PortConversation.reasons[response.status] ?? "")\n"
      for header in response.headers { text += "\(header.name): \(header.value)\n" }
      text += "content-length: \(response.body.count)\n\n"
    }
    if options.method != "HEAD" { text += RawText.text(response.body) }
    let name = address.target.prefix { $0 != "?" }.split(separator: "/").last.map(String.init)
    let status = write(text, to: options.usesRemoteName ? name : options.file, "curl", &shell, &world)
    if let format = options.format {
      shell.write(filled(format, response.status, response.body.count), to: shell.streams.out, &world)
    }
    return status
  }

  private static func filled(_ format: String, _ status: Int, _ size: Int) -> String {
    let code = String(repeating: "0", count: max(0, 3 - String(status).count)) + String(status)
    return format.replacing("%{http_code}", with: code).replacing("%{response_code}", with: code)
      .replacing("%{size_download}", with: String(size)).replacing("%{time_total}", with: "0.001")
      .replacing("\\n", with: "\n")
  }
}
