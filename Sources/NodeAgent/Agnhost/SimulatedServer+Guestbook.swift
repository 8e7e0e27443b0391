import JSONCore
import Objects
import Values

/// `guestbook`: a front that asks others, one that keeps what it is told, and replicas that ask that one. What has been kept is in
/// the log of who keeps it.
extension SimulatedServer {
  private static let primary = "agnhost-primary"
  private static let replica = "agnhost-replica"
  private static let usualPort = 6379
  private static let keeping = "Keeping "

  func guestbook(_ asked: PortRequest, _ words: [String]) -> PortResponse {
    let parts = asked.target.split(separator: "?", maxSplits: 1).map(String.init)
    let query = Query(parts.count > 1 ? parts[1] : "")
    let port = Agnhost.value("backend-port", in: words).flatMap { Int($0) } ?? Self.usualPort
    let key = query["key"]
    switch (parts.first ?? "/", query["cmd"]) {
    case ("/guestbook", "set"):
      return pass(to: Self.primary, port, "/set?key=\(Query.encoded(key))&value=\(Query.encoded(query["value"]))")
    case ("/guestbook", "get"): return pass(to: Self.replica, port, "/get?key=\(Query.encoded(key))")
    case ("/set", _):
      let record = JSON.array([.string(key), .string(query["value"])])
      log?.write(LogLine(time: world.now, text: Self.keeping + record.text))
      return Self.plain("{\"message\":\"Updated\"}", type: "application/json")
    case ("/get", _):
      if let source = Agnhost.value("replicaof", in: words), !source.isEmpty {
        return pass(to: source, Self.usualPort, "/get?key=\(Query.encoded(key))")
      }
      let body: JSON = ["data": .string(kept(key))]
      return Self.plain(body.text, type: "application/json")
    case ("/", _): return Self.plain(ImageAnswers.page(title: "Guestbook"), type: "text/html; charset=utf-8")
    default: return Self.plain("404 page not found\n", status: 404)
    }
  }

  private func kept(_ key: String) -> String {
    for line in (log?.lines ?? []).reversed() where line.text.hasPrefix(Self.keeping) {
      let record = (try? JSON.parse(String(line.text.dropFirst(Self.keeping.count))))?.array ?? []
      if record.first?.string == key { return record.last?.string ?? "" }
    }
    return ""
  }

  private func pass(to host: String, _ port: Int, _ target: String) -> PortResponse {
    var world = world
    let request = PortRequest(target: target, headers: [PortHeader("host", "\(host):\(port)")])
    let outcome = world.ask(host, port: port, request, turn: 0, depth: depth + 1)
    if case .answered(let response, _) = outcome { return response }
    return Self.plain("dial \(host):\(port): \(Self.reason(outcome))\n", status: 500)
  }
}

extension Query {
  /// As it stands in an address.
  static func encoded(_ text: String) -> String {
    text.utf8.map { byte in
      let isPlain = byte < 128 && (Character(Unicode.Scalar(byte)).isLetter || Character(Unicode.Scalar(byte)).isNumber)
      if isPlain { return String(UnicodeScalar(byte)) }
      let digits = String(byte, radix: 16, uppercase: true)
      return "%" + (digits.count == 1 ? "0" + digits : digits)
    }.joined()
  }
}
