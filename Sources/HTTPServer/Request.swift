import Values

/// One request: a flat arena of bytes with ranges over it. Nothing becomes a String unless asked for.
///
/// It owns its bytes, so it may be kept and sent to other threads.
public struct Request: Sendable {
  public enum Version: Sendable { case http10, http11, http2 }

  struct Field {
    var name: Range<Int32>
    var value: Range<Int32>
  }

  public internal(set) var method: Method = .other
  public internal(set) var version: Version = .http2
  public let peer: Peer
  /// The whole body; a request is answered when it has arrived.
  public internal(set) var body: [UInt8] = []

  var arena: [UInt8] = []
  var fields: [Field] = []
  var pathRange: Range<Int32> = 0..<0
  var queryRange: Range<Int32> = 0..<0

  init(peer: Peer) {
    self.peer = peer
    arena.reserveCapacity(256)
    fields.reserveCapacity(8)
  }

  /// The path as received, percent-encoded: `/api/v1/pods`.
  public var path: ArraySlice<UInt8> { arena[pathRange] }

  /// The query as received, without `?`; empty when there is none.
  public var query: ArraySlice<UInt8> { arena[queryRange] }

  public var remote: SocketAddress { peer.address }
  public var isTLS: Bool { peer.isTLS }
  public var peerCertificateDER: [UInt8]? { peer.certificateDER }

  /// The first value of a header; `name` in lower case. `host` is there for HTTP/2 too.
  public func header(_ name: StaticString) -> String? {
    headerBytes(name).map { String(decoding: $0, as: UTF8.self) }
  }

  /// As `header`, without making a String.
  public func headerBytes(_ name: StaticString) -> ArraySlice<UInt8>? {
    guard let field = fields.first(where: { matches($0, name.bytes) }) else { return nil }
    return arena[field.value]
  }

  /// All values of a header that may be repeated, in order; `name` in lower case.
  public func headers(_ name: StaticString) -> [String] {
    fields.filter { matches($0, name.bytes) }.map { String(decoding: arena[$0.value], as: UTF8.self) }
  }

  /// Every header in order, names in lower case; for forwarding.
  public var allHeaders: [(name: String, value: String)] {
    fields.map { (String(decoding: arena[$0.name], as: UTF8.self), String(decoding: arena[$0.value], as: UTF8.self)) }
  }

  private func matches(_ field: Field, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
    guard field.name.count == name.count else { return false }
    return arena.withUnsafeBufferPointer { arena in
      for index in 0..<name.count where arena[Int(field.name.lowerBound) + index] != name[index] { return false }
      return true
    }
  }
}

extension Request {
  /// What the header takes of its limit.
  var headerBytes: Int { arena.count }

  /// Appends bytes to the arena and tells where they went.
  mutating func store(_ bytes: UnsafeBufferPointer<UInt8>) -> Range<Int32> {
    let start = Int32(arena.count)
    arena.append(contentsOf: bytes)
    return start..<Int32(arena.count)
  }

  mutating func addField(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
    let name = store(name)
    fields.append(Field(name: name, value: store(value)))
  }

  /// Takes `/path?query`.
  mutating func setTarget(_ target: UnsafeBufferPointer<UInt8>) {
    let range = store(target)
    if let mark = target.firstIndex(of: UInt8(ascii: "?")) {
      pathRange = range.lowerBound..<range.lowerBound + Int32(mark)
      queryRange = range.lowerBound + Int32(mark) + 1..<range.upperBound
    } else {
      pathRange = range
      queryRange = range.upperBound..<range.upperBound
    }
  }
}

extension Array {
  fileprivate subscript(range: Range<Int32>) -> ArraySlice<Element> {
    self[Int(range.lowerBound)..<Int(range.upperBound)]
  }
}

extension Request {
  /// Whether a header holding a comma-separated list names `token` (lower case), in any of its lines and any case.
  func lists(_ name: StaticString, _ token: StaticString) -> Bool {
    for field in fields where matches(field, name.bytes) {
      for item in arena[field.value].split(separator: UInt8(ascii: ",")) {
        let word = item.split(separator: UInt8(ascii: ";"), maxSplits: 1).first ?? item
        if word.trimmed.equalsIgnoringCase(token.bytes) { return true }
      }
    }
    return false
  }

  /// Whether the client takes gzip: it is listed and not refused with `q=0`.
  var acceptsGzip: Bool {
    for field in fields where matches(field, ("accept-encoding" as StaticString).bytes) {
      for item in arena[field.value].split(separator: UInt8(ascii: ",")) {
        let parts = item.split(separator: UInt8(ascii: ";"))
        guard let coding = parts.first?.trimmed, coding.equalsIgnoringCase(("gzip" as StaticString).bytes) else {
          continue
        }
        let quality = parts.dropFirst().first?.filter { $0 != 32 && $0 != 9 } ?? []
        return !["q=0", "q=0.0", "q=0.00", "q=0.000"].contains(String(decoding: quality, as: UTF8.self))
      }
    }
    return false
  }
}

extension Collection<UInt8> {
  /// Compares ASCII; `lowerCase` is in lower case.
  func equalsIgnoringCase(_ lowerCase: some Collection<UInt8>) -> Bool {
    count == lowerCase.count && zip(self, lowerCase).allSatisfy { $0.asciiLowercased == $1 }
  }
}

extension BidirectionalCollection<UInt8> {
  /// Without spaces and tabs at both ends.
  var trimmed: SubSequence {
    guard let first = firstIndex(where: { $0 != 32 && $0 != 9 }),
      let last = lastIndex(where: { $0 != 32 && $0 != 9 })
    else { return self[endIndex..<endIndex] }
    return self[first...last]
  }
}

extension UInt8 {
  @inline(__always) var asciiLowercased: UInt8 { self >= 65 && self <= 90 ? self | 0x20 : self }
}
