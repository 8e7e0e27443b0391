/// What a request's header means for the framing of its body and the life of its connection.
struct HeaderFacts {
  typealias Failure = HTTP1Parser.Failure

  private(set) var contentLength: Int?
  private(set) var isChunked = false
  private(set) var keepsAlive = true
  private(set) var expectsContinue = false
  private var hasHost = false
  private var targetNamesHost = false

  /// `METHOD target HTTP/1.1`
  mutating func takeRequestLine(
    _ line: UnsafeBufferPointer<UInt8>, _ request: RequestArena
  ) throws(Failure) {
    let words = line.split(separator: 32, maxSplits: 3, omittingEmptySubsequences: false)
    guard words.count == 3, !words[0].isEmpty, words[0].allSatisfy(isTokenByte),
      !words[1].isEmpty, !words[1].contains(where: { $0 < 33 || $0 == 127 })
    else { throw bad("malformed request line") }
    request.method = Method(UnsafeBufferPointer(rebasing: words[0]))
    request.version = try Self.version(words[2])
    keepsAlive = request.version == .http11
    try takeTarget(UnsafeBufferPointer(rebasing: words[1]), request)
  }

  private static func version(_ word: Slice<UnsafeBufferPointer<UInt8>>) throws(Failure) -> Request.Version {
    guard word.count == 8, word.starts(with: ("HTTP/" as StaticString).bytes) else {
      throw Failure(status: 400, message: "malformed HTTP version")
    }
    if word.elementsEqual(("HTTP/1.1" as StaticString).bytes) { return .http11 }
    if word.elementsEqual(("HTTP/1.0" as StaticString).bytes) { return .http10 }
    throw Failure(status: 505, message: "this HTTP version is not supported")
  }

  /// `/path?query`; a proxy's `http://host/path`, whose host counts instead of the header's; `*` for OPTIONS; `host:port`
  /// for CONNECT.
  private mutating func takeTarget(
    _ target: UnsafeBufferPointer<UInt8>, _ request: RequestArena
  ) throws(Failure) {
    if target.first == UInt8(ascii: "/") { return request.setTarget(target) }
    if request.method == .options, target.elementsEqual([UInt8(ascii: "*")]) { return request.setTarget(target) }
    if request.method == .connect { return try setHost(target[...], request) }
    for scheme in ["http://" as StaticString, "https://"] {
      let length = scheme.utf8CodeUnitCount
      guard target.count > length, target.prefix(length).equalsIgnoringCase(scheme.bytes) else { continue }
      let authority = target[length...].prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
      try setHost(authority, request)
      let rest = UnsafeBufferPointer(rebasing: target[authority.endIndex...])
      return request.setTarget(rest.first == UInt8(ascii: "/") ? rest : ("/" as StaticString).bytes)
    }
    throw bad("malformed request target")
  }

  private mutating func setHost(
    _ host: Slice<UnsafeBufferPointer<UInt8>>, _ request: RequestArena
  ) throws(Failure) {
    guard isAuthority(host) else { throw bad("malformed host") }
    targetNamesHost = true
    request.addField(("host" as StaticString).bytes, UnsafeBufferPointer(rebasing: host))
  }

  mutating func takeField(
    _ line: UnsafeBufferPointer<UInt8>, _ request: RequestArena
  ) throws(Failure) {
    let (name, value) = try Self.split(line)
    var isDropped = false
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: name.count) { lower in
      for index in 0..<name.count { lower[index] = name[index].asciiLowercased }
      let lower = UnsafeBufferPointer(lower)
      isDropped = targetNamesHost && lower.elementsEqual(("host" as StaticString).bytes)
      if !isDropped { request.addField(lower, value) }
    }
    switch name.count {
    case 4 where name.equalsIgnoringCase(("host" as StaticString).bytes):
      guard !hasHost, isAuthority(value[...]) else { throw bad("malformed or repeated Host") }
      hasHost = true
    case 6 where name.equalsIgnoringCase(("expect" as StaticString).bytes):
      guard value.equalsIgnoringCase(("100-continue" as StaticString).bytes) else {
        throw Failure(status: 417, message: "unknown expectation")
      }
      expectsContinue = request.version == .http11
    case 10 where name.equalsIgnoringCase(("connection" as StaticString).bytes):
      for option in value.split(separator: UInt8(ascii: ",")) {
        if option.trimmed.equalsIgnoringCase(("close" as StaticString).bytes) { keepsAlive = false }
        let keepAlive = ("keep-alive" as StaticString).bytes
        if request.version == .http10, option.trimmed.equalsIgnoringCase(keepAlive) { keepsAlive = true }
      }
    case 14 where name.equalsIgnoringCase(("content-length" as StaticString).bytes):
      try takeContentLength(value)
    case 17 where name.equalsIgnoringCase(("transfer-encoding" as StaticString).bytes):
      guard !isChunked, request.version == .http11 else { throw bad("repeated or misplaced Transfer-Encoding") }
      guard value.equalsIgnoringCase(("chunked" as StaticString).bytes) else {
        throw Failure(status: 501, message: "unsupported transfer encoding")
      }
      isChunked = true
    default: break
    }
  }

  private mutating func takeContentLength(_ value: UnsafeBufferPointer<UInt8>) throws(Failure) {
    guard (1...18).contains(value.count), value.allSatisfy({ $0 >= 48 && $0 <= 57 }) else {
      throw bad("malformed Content-Length")
    }
    let length = value.reduce(0) { $0 * 10 + Int($1 - 48) }
    guard contentLength == nil || contentLength == length else { throw bad("two different Content-Lengths") }
    contentLength = length
  }

  /// What can be told only when the whole header is there.
  func check(_ request: RequestArena) throws(Failure) {
    if isChunked && contentLength != nil { throw bad("Content-Length together with Transfer-Encoding") }
    if request.version == .http11 && !hasHost { throw bad("missing Host") }
  }

  /// Name and trimmed value of a header line.
  static func split(
    _ line: UnsafeBufferPointer<UInt8>
  ) throws(Failure) -> (name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0, line[..<colon].allSatisfy(isTokenByte) else {
      // A folded line starts with a space and ends up here too.
      throw Failure(status: 400, message: "malformed header")
    }
    let value = line[(colon + 1)...].trimmed
    if value.contains(where: isForbiddenInValue) { throw Failure(status: 400, message: "malformed header value") }
    return (UnsafeBufferPointer(rebasing: line[..<colon]), UnsafeBufferPointer(rebasing: value))
  }

  private func bad(_ message: String) -> Failure { Failure(status: 400, message: message) }
}

/// Whether the bytes can stand for `host:port`; an empty one is allowed by RFC 9112.
func isAuthority(_ bytes: some Collection<UInt8>) -> Bool {
  bytes.allSatisfy { isTokenByte($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "]") }
}
