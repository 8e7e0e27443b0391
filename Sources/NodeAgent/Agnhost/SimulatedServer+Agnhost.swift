import JSONCore
import Objects
import Values

/// The servers of the helper image of Kubernetes' own tests.
extension SimulatedServer {
  /// The program and its options; nil for other images.
  var agnhostWords: [String]? {
    guard ImageReference(request.container.image).short == "agnhost" else { return nil }
    let words = Array(request.words.drop { $0 == "/agnhost" || $0 == "agnhost" })
    return words.isEmpty ? ["pause"] : words
  }

  private func option(_ name: String, _ words: [String]) -> String? { Agnhost.value(name, in: words) }

  private func port(_ name: String, _ usual: Int, _ words: [String]) -> [Int] {
    [option(name, words).flatMap { Int($0) } ?? usual].filter { $0 > 0 }
  }

  /// Where it listens; nil when that is not known.
  func agnhostPorts(_ words: [String], _ transport: Transport) -> [Int]? {
    switch (words[0], transport) {
    case ("netexec", .tcp): return port("http-port", 8080, words)
    case ("netexec", .udp): return port("udp-port", 8081, words)
    case ("serve-hostname", .tcp): return words.contains("--udp") ? [] : port("port", 9376, words)
    case ("serve-hostname", .udp): return words.contains("--udp") ? port("port", 9376, words) : []
    case ("test-webserver", .tcp): return port("port", 80, words)
    case ("nettest", .tcp), ("liveness", .tcp): return port("port", 8080, words)
    case ("guestbook", .tcp): return port("http-port", 80, words)
    case ("webhook", .tcp): return port("port", 443, words)
    case ("grpc-health-checking", .tcp): return port("port", 5000, words) + port("http-port", 8080, words)
    case ("porter", .tcp):
      return request.surroundings.environment.own.keys.compactMap { Self.portServed(by: $0) }.sorted()
    case ("pause", _), ("mounttest", _), ("sh", _), ("/bin/sh", _), ("sleep", _): return []
    default: return nil
    }
  }

  /// `SERVE_PORT_80`, `SERVE_TLS_PORT_443`
  private static func portServed(by variable: String) -> Int? {
    for prefix in ["SERVE_PORT_", "SERVE_TLS_PORT_"] where variable.hasPrefix(prefix) {
      return Int(variable.dropFirst(prefix.count))
    }
    return nil
  }

  // MARK: HTTP

  func agnhost(_ asked: PortRequest, port: Int) -> PortResponse {
    if let webhook { return webhook.answer(asked) }
    let words = agnhostWords ?? ["netexec"]
    switch words[0] {
    case "guestbook": return guestbook(asked, words)
    case "porter": return porter(asked, port, words.contains("--json-response"))
    case "serve-hostname": return Self.plain(world.hostname)
    case "test-webserver": return file(asked)
    case "nettest": return nettest(asked)
    default: return netexec(asked)
    }
  }

  private func porter(_ asked: PortRequest, _ port: Int, _ isJSON: Bool) -> PortResponse {
    let variables = request.surroundings.environment.own
    let text = variables["SERVE_PORT_\(port)"] ?? variables["SERVE_TLS_PORT_\(port)"] ?? ""
    if isJSON {
      let body: JSON = ["Method": .string(asked.method), "Body": .string(text)]
      return Self.plain(asked.method == "HEAD" ? "" : body.text, type: "application/json")
    }
    return Self.plain(text, type: text.hasPrefix("<a ") ? "text/html; charset=utf-8" : "text/plain; charset=utf-8")
  }

  /// Any file of the container.
  private func file(_ asked: PortRequest) -> PortResponse {
    let path = asked.target.prefix { $0 != "?" }.split(separator: "/").filter { $0 != ".." }.joined(separator: "/")
    if world.isDirectory(path) {
      let links = world.names(in: path).map { "<a href=\"\($0)\">\($0)</a>\n" }.joined()
      return Self.plain("<pre>\n\(links)</pre>\n", type: "text/html; charset=utf-8")
    }
    guard let text = try? world.read(path) else { return Self.plain("404 page not found\n", status: 404) }
    return Self.plain(text)
  }

  private func netexec(_ asked: PortRequest) -> PortResponse {
    var target = asked.target
    if let override = agnhostWords.flatMap({ option("http-override", $0) }) { target = override }
    let parts = target.split(separator: "?", maxSplits: 1).map(String.init)
    let path = parts.first ?? "/"
    let query = Query(parts.count > 1 ? parts[1] : "")
    switch path {
    case "/echo":
      note("GET /echo?msg=\(query["msg"])&code=\(query["code"])")
      return Self.plain(query["msg"], status: Int(query["code"]).flatMap { (200...599).contains($0) ? $0 : nil } ?? 200)
    case "/dial":
      note(
        "GET /dial?host=\(query["host"])&protocol=\(query["protocol"])&port=\(query["port"])"
          + "&request=\(query["request"])&tries=\(query["tries"])")
      return dial(query)
    case "/shell":
      let command = query["shellCommand"].isEmpty ? query["cmd"] : query["shellCommand"]
      note("GET /shell?cmd=\(command)")
      return shell(command)
    case "/redirect":
      note("GET /redirect?location=\(query["location"])&code=\(query["code"])")
      return PortResponse(
        status: Int(query["code"]).flatMap { (300...399).contains($0) ? $0 : nil } ?? 302,
        headers: [PortHeader("location", query["location"])])
    default: note("GET \(path)")
    }
    switch path {
    case "/hostname", "/hostName": return Self.plain(world.hostname)
    case "/clientip": return Self.plain("\(client):40000")
    case "/healthz", "/readyz": return Self.plain("")
    case "/header": return Self.plain(asked[query["key"].lowercased()])
    default: return Self.plain("NOW: \(Calendar(world.now).text(["+%F %T"])) +0000 UTC")
    }
  }

  private static let receipt = " Received a word of "

  /// Counts those who write to it; what it has counted is in its log.
  private func nettest(_ asked: PortRequest) -> PortResponse {
    let path = asked.target.prefix { $0 != "?" }
    if path == "/write" {
      guard let json = try? JSON.parse(asked.body), let source = json["Source"]?.string else {
        return Self.plain("Warning: unable to decode body\n", status: 400)
      }
      note(String(Self.receipt.dropFirst()) + source)
      return Self.plain("{}", type: "application/json")
    }
    if path != "/read" && path != "/status" { return Self.plain("404 page not found\n", status: 404) }
    var received: [String: Int64] = [:]
    for line in log?.lines ?? [] {
      guard let found = line.text.firstRange(of: Self.receipt) else { continue }
      received[String(line.text[found.upperBound...]), default: 0] += 1
    }
    if path == "/status" { return Self.plain("running") }
    let counts = JSON.object(Members(received.map { ($0.key, .int($0.value)) }))
    let body: JSON = [
      "Hostname": .string(world.hostname), "Sent": .emptyObject, "Received": counts, "Errors": .null, "Log": .null,
      "StillContactingPeers": true,
    ]
    return Self.plain(body.text, type: "application/json")
  }

  /// What it writes into its log, as programs in Go do.
  private func note(_ text: String) {
    log?.write(LogLine(time: world.now, text: Calendar(world.now).text(["+%Y/%m/%d %T"]) + " " + text))
  }

  /// Asks another server, and tells what it said.
  private func dial(_ query: Query) -> PortResponse {
    let (host, request) = (query["host"], query["request"])
    guard let port = Int(query["port"]), !host.isEmpty else {
      return Self.plain("host and/or port param are invalid\n", status: 400)
    }
    if request.isEmpty { return Self.plain("request parameter not specified\n", status: 400) }
    var world = world
    var (responses, errors): ([JSON], [JSON]) = ([], [])
    for attempt in 0..<min(max(1, Int(query["tries"]) ?? 1), 100) {
      let outcome: ShellWorld.PortOutcome
      var reply: String?
      if query["protocol"] == "udp" {
        (reply, outcome) = world.converse(host, port: port, request, .udp, turn: attempt)
      } else {
        let asked = PortRequest(target: "/" + request, headers: [PortHeader("host", "\(host):\(port)")])
        outcome = world.ask(host, port: port, asked, turn: attempt, depth: depth + 1)
        if case .answered(let response, _) = outcome { reply = RawText.text(response.body) }
      }
      if let reply {
        responses.append(.string(reply))
      } else {
        errors.append(.string("dial \(host):\(port): \(Self.reason(outcome))"))
      }
    }
    var result: JSON = .emptyObject
    if !responses.isEmpty { result["responses"] = .array(responses) }
    if !errors.isEmpty { result["errors"] = .array(errors) }
    return Self.plain(result.text)
  }

  static func reason(_ outcome: ShellWorld.PortOutcome) -> String {
    switch outcome {
    case .unknownHost: "no such host"
    case .refused: "connect: connection refused"
    case .lost, .answered, .asked: "i/o timeout"
    }
  }

  /// Runs a command on a copy of the files: what it writes is not kept.
  private func shell(_ text: String) -> PortResponse {
    var world = world
    var shell = Shell(
      words: ["sh", "-c", text], request.surroundings.environment.all, .missing(from: nil))
    shell.streams.error = .buffer
    let outcome = shell.outcome(in: &world)
    var result: JSON = .emptyObject
    if !outcome.text.isEmpty { result["output"] = .string(outcome.text) }
    if outcome.status != 0 { result["error"] = .string("exit status \(outcome.status)") }
    return Self.plain(result.text)
  }

  // MARK: Datagrams

  /// What it says to one; nil when it does not answer.
  func datagram(_ text: String, port: Int) -> String? {
    guard agnhostWords != nil else { return nil }
    let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    switch words.first?.lowercased() {
    case "hostname": return world.hostname
    case "echo": return words.dropFirst().joined(separator: " ")
    case "clientip": return "\(client):40000"
    default: return words.isEmpty ? nil : "received unknown command: \(text)"
    }
  }
}

/// The part of an address behind its question mark, decoded.
struct Query {
  private var values: [String: String] = [:]

  init(_ text: String) {
    for part in text.split(separator: "&") {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      values[Self.decoded(pair[0])] = pair.count > 1 ? Self.decoded(pair[1]) : ""
    }
  }

  subscript(name: String) -> String { values[name] ?? "" }

  static func decoded(_ text: String) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "+") {
        bytes.append(UInt8(ascii: " "))
      } else if byte == UInt8(ascii: "%"), let value = UInt8(String(Substring(rest.prefix(2))), radix: 16) {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension Shell {
  /// Runs to the end on the spot, without waiting: what it wrote, and its status.
  mutating func outcome(in world: inout ShellWorld) -> (text: String, status: Int) {
    streams.out = .buffer
    var lines = ""
    for _ in 0..<Self.stepLimit {
      switch next(&world) {
      case .line(let text): lines += text + "\n"
      case .output(let text, _): lines += text
      case .wait(let time): world.now = world.now + time
      case .exit(let code): return (buffer + lines, code)
      case .input, .endless, .join: return (buffer + lines, 124)
      }
    }
    return (buffer + lines, 124)
  }
}
