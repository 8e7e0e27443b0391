/// Reads a response of HTTP/1.1 piece by piece.
struct ResponseReader {
  /// In bytes.
  private static let headLimit = 64 << 10
  private static let bodyLimit = 16 << 20

  private enum Length {
    case known(Int)
    case chunked
    case untilEnd
  }

  private var bytes: [UInt8] = []
  private var head: (status: Int, length: Length, end: Int)?
  private var isOver = false
  /// Whether the connection can take another request.
  private(set) var isReusable = false

  /// - Parameter piece: empty when nothing more comes.
  mutating func take(_ piece: [UInt8]) throws(ClientError) {
    if piece.isEmpty {
      guard let head, case .untilEnd = head.length, !isOver else {
        throw head == nil && bytes.isEmpty ? .ended : ClientError("unexpected EOF")
      }
      isOver = true
      return
    }
    bytes += piece
    guard bytes.count <= Self.bodyLimit + Self.headLimit else { throw ClientError("http: response body too large") }
    if head == nil { try readHead() }
  }

  /// The response when it is complete.
  var response: ClientResponse? {
    get throws(ClientError) {
      guard let head else { return nil }
      let rest = bytes[head.end...]
      switch head.length {
      case .known(let count):
        return rest.count < count ? nil : ClientResponse(status: head.status, body: Array(rest.prefix(count)))
      case .untilEnd: return isOver ? ClientResponse(status: head.status, body: Array(rest)) : nil
      case .chunked:
        // Only what ends like a last chunk is worth being read.
        guard rest.suffix(4).elementsEqual([13, 10, 13, 10]) else { return nil }
        return try Self.chunks(rest).map { ClientResponse(status: head.status, body: $0) }
      }
    }
  }

  private mutating func readHead() throws(ClientError) {
    guard let end = Self.end(of: bytes) else {
      if bytes.count > Self.headLimit { throw ClientError("net/http: server response headers exceeded limit") }
      return
    }
    let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n").map(String.init)
    let parts = lines.first?.split(separator: " ", maxSplits: 2).map(String.init) ?? []
    guard parts.count >= 2, parts[0].hasPrefix("HTTP/1."), let status = Int(parts[1]), (100..<600).contains(status)
    else {
      throw ClientError("malformed HTTP response")
    }
    if status < 200, status != 101 {
      // What comes before the response itself.
      bytes.removeFirst(end)
      return try readHead()
    }
    var length = Length.untilEnd
    isReusable = parts[0] == "HTTP/1.1"
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      switch line[..<colon].lowercased() {
      case "content-length":
        guard let count = Int(value), count >= 0, count <= Self.bodyLimit else {
          throw ClientError("bad Content-Length \"\(value)\"")
        }
        if case .chunked = length { break }
        length = .known(count)
      case "transfer-encoding": if value.lowercased().hasSuffix("chunked") { length = .chunked }
      case "connection": if value.lowercased().contains("close") { isReusable = false }
      default: break
      }
    }
    if status == 204 || status == 304 { length = .known(0) }
    if case .untilEnd = length { isReusable = false }
    head = (status, length, end)
  }

  /// Behind the empty line.
  private static func end(of bytes: [UInt8]) -> Int? {
    guard bytes.count >= 4 else { return nil }
    for index in 0...bytes.count - 4
    where bytes[index] == 13 && bytes[index + 1] == 10 && bytes[index + 2] == 13 && bytes[index + 3] == 10 {
      return index + 4
    }
    return nil
  }

  /// The body out of its chunks; nil while some are missing.
  private static func chunks(_ bytes: ArraySlice<UInt8>) throws(ClientError) -> [UInt8]? {
    var body: [UInt8] = []
    var rest = bytes
    while true {
      guard let end = rest.firstIndex(of: 10) else { return nil }
      let line = String(decoding: rest[..<end], as: UTF8.self).prefix { $0.isHexDigit }
      guard let count = Int(line, radix: 16), count >= 0, count <= bodyLimit else {
        throw ClientError("invalid byte in chunk length")
      }
      rest = rest[(end + 1)...]
      if count == 0 {
        // Trailers, and the empty line after them.
        return rest.starts(with: [13, 10]) || Array(rest.suffix(4)) == [13, 10, 13, 10] ? body : nil
      }
      guard rest.count >= count + 2 else { return nil }
      body += rest.prefix(count)
      rest = rest.dropFirst(count + 2)
    }
  }
}
