import Objects
import Values

/// One connection to a simulated server: bytes in, bytes out. A value, without I/O.
struct PortConversation: Sendable {
  /// The longest header, and the longest body, of a request.
  private static let headerLimit = 64 * 1024
  private static let bodyLimit = 3 << 20

  private let manner: ImageAnswers.Manner
  private var waiting: [UInt8] = []

  init(_ manner: ImageAnswers.Manner) { self.manner = manner }

  /// What is answered to more bytes, and whether the server hangs up then.
  mutating func receive(_ bytes: [UInt8], _ answer: (PortRequest) -> PortResponse) -> (reply: [UInt8], isOver: Bool) {
    waiting += bytes
    switch manner {
    case .redis: return redis()
    case .silent:
      waiting = []
      return ([], false)
    default: return http(answer)
    }
  }

  // MARK: HTTP

  private mutating func http(_ answer: (PortRequest) -> PortResponse) -> (reply: [UInt8], isOver: Bool) {
    var reply: [UInt8] = []
    while true {
      guard let end = waiting.firstRange(of: [13, 10, 13, 10]) else {
        return waiting.count > Self.headerLimit ? (reply + Self.refusal, true) : (reply, false)
      }
      guard var request = Self.head(waiting[..<end.lowerBound]) else { return (reply + Self.refusal, true) }
      guard let body = body(request, from: end.upperBound) else { return (reply + Self.refusal, true) }
      guard let body else { return (reply, false) }
      request.body = body.bytes
      waiting.removeFirst(body.end)
      let closes = request["connection"].lowercased() == "close"
      reply += Self.bytes(answer(request), closes: closes, hasBody: request.method != "HEAD")
      if closes { return (reply, true) }
    }
  }

  static let refusal = bytes(
    SimulatedServer.plain("400 Bad Request\n", status: 400), closes: true, hasBody: true)

  private static func head(_ bytes: ArraySlice<UInt8>) -> PortRequest? {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").map(String.init)
    guard let words = lines.first?.split(separator: " "), words.count == 3, words[2].hasPrefix("HTTP/1.") else {
      return nil
    }
    let headers = lines.dropFirst().compactMap { line -> PortHeader? in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      return PortHeader(line[..<colon].lowercased(), String(value))
    }
    return PortRequest(method: String(words[0]), target: String(words[1]), headers: headers)
  }

  /// The body and where it ends; an empty optional inside when it is not complete, nil when it is too long or broken.
  private func body(_ request: PortRequest, from start: Int) -> (bytes: [UInt8], end: Int)?? {
    if request["transfer-encoding"].lowercased() == "chunked" { return chunks(from: start) }
    let text = request["content-length"]
    guard let count = text.isEmpty ? 0 : Int(text), count >= 0, count <= Self.bodyLimit else { return nil }
    if waiting.count - start < count { return .some(nil) }
    return .some((Array(waiting[start..<(start + count)]), start + count))
  }

  private func chunks(from start: Int) -> (bytes: [UInt8], end: Int)?? {
    var (bytes, position): ([UInt8], Int) = ([], start)
    while let line = waiting[position...].firstRange(of: [13, 10]) {
      let digits = String(
        decoding: waiting[position..<line.lowerBound].prefix { $0 != UInt8(ascii: ";") }, as: UTF8.self)
      guard let count = Int(digits, radix: 16), (0...Self.bodyLimit).contains(count),
        bytes.count + count <= Self.bodyLimit
      else { return nil }
      let next = line.upperBound + count + 2
      guard next <= waiting.count else { return .some(nil) }
      bytes += waiting[line.upperBound..<(line.upperBound + count)]
      position = next
      if count == 0 { return .some((bytes, position)) }
    }
    return waiting.count - start > Self.bodyLimit + Self.headerLimit ? nil : .some(nil)
  }

  static func bytes(_ response: PortResponse, closes: Bool, hasBody: Bool) -> [UInt8] {
    var head = "HTTP/1.1 \(response.status) \(Self.reasons[response.status] ?? "Status")\r\n"
    for header in response.headers { head += "\(header.name): \(header.value)\r\n" }
    head += "content-length: \(response.body.count)\r\nconnection: \(closes ? "close" : "keep-alive")\r\n\r\n"
    return Array(head.utf8) + (hasBody ? response.body : [])
  }

  static let reasons = [
    200: "OK", 201: "Created", 204: "No Content", 301: "Moved Permanently", 302: "Found", 400: "Bad Request",
    401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Not Allowed", 429: "Too Many Requests",
    500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable",
  ]

  // MARK: Redis

  private mutating func redis() -> (reply: [UInt8], isOver: Bool) {
    var reply = ""
    while let end = waiting.firstIndex(of: 10) {
      let line = String(decoding: waiting[...end], as: UTF8.self).uppercased().filter { $0 != "\r\n" && $0 != "\n" }
      waiting.removeFirst(end + 1)
      // Lengths of the protocol stand in lines of their own.
      switch line.split(separator: " ").first ?? "" {
      case "PING": reply += "+PONG\r\n"
      case "QUIT": return (Array((reply + "+OK\r\n").utf8), true)
      case let word where word.hasPrefix("*") || word.hasPrefix("$") || word.isEmpty: continue
      case "INFO": reply += "$21\r\nredis_version:7.4.0\r\n\r\n"
      default: reply += "-ERR not simulated\r\n"
      }
    }
    if waiting.count > Self.headerLimit { return (Array(reply.utf8), true) }
    return (Array(reply.utf8), false)
  }
}
