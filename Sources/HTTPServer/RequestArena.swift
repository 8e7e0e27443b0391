/// What a request is made of. A session fills it; from the moment a handler sees it nothing changes it.
final class RequestArena: @unchecked Sendable {
  struct Field {
    var name: Range<Int>
    var value: Range<Int>
  }

  private(set) var peer: Peer
  var method = Method.other
  var version = Request.Version.http2
  var body: [UInt8] = []
  private(set) var bytes: [UInt8] = []
  private(set) var fields: [Field] = []
  private(set) var path = 0..<0
  private(set) var query = 0..<0

  init(peer: Peer) { self.peer = peer }

  /// Forgets its request, but not the memory it needed.
  fileprivate func clear(for peer: Peer) {
    self.peer = peer
    method = .other
    version = .http2
    bytes.removeAll(keepingCapacity: true)
    fields.removeAll(keepingCapacity: true)
    path = 0..<0
    query = 0..<0
  }

  /// Appends bytes and tells where they went.
  private func store(_ more: UnsafeBufferPointer<UInt8>) -> Range<Int> {
    if bytes.isEmpty {
      bytes.reserveCapacity(384)
      fields.reserveCapacity(10)
    }
    let start = bytes.count
    bytes.append(contentsOf: more)
    return start..<start + more.count
  }

  func addField(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
    let name = store(name)
    fields.append(Field(name: name, value: store(value)))
  }

  /// Takes `/path?query`.
  func setTarget(_ target: UnsafeBufferPointer<UInt8>) {
    let range = store(target)
    if let mark = target.firstIndex(of: UInt8(ascii: "?")) {
      path = range.lowerBound..<range.lowerBound + mark
      query = range.lowerBound + mark + 1..<range.upperBound
    } else {
      path = range
      query = range.upperBound..<range.upperBound
    }
  }
}

extension RequestArena {
  func matches(_ field: Field, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
    guard field.name.count == name.count else { return false }
    return bytes.withUnsafeBufferPointer { bytes in
      for index in 0..<name.count where bytes[field.name.lowerBound + index] != name[index] { return false }
      return true
    }
  }

  func value(_ name: StaticString) -> ArraySlice<UInt8>? {
    for field in fields where matches(field, name.bytes) { return bytes[field.value] }
    return nil
  }
}

extension RequestArena {
  /// Whether a header holding a comma-separated list names `token` (lower case), in any of its lines and any case.
  func lists(_ name: StaticString, _ token: StaticString) -> Bool {
    for field in fields where matches(field, name.bytes) {
      for item in bytes[field.value].split(separator: UInt8(ascii: ",")) {
        let word = item.split(separator: UInt8(ascii: ";"), maxSplits: 1).first ?? item
        if word.trimmed.equalsIgnoringCase(token.bytes) { return true }
      }
    }
    return false
  }

  /// Whether the client takes gzip: it is listed and not refused with `q=0`.
  var acceptsGzip: Bool {
    for field in fields where matches(field, ("accept-encoding" as StaticString).bytes) {
      for item in bytes[field.value].split(separator: UInt8(ascii: ",")) {
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

/// A loop's requests that nobody holds any more: most are made and forgotten a hundred thousand times a second.
final class RequestPool {
  private var spare: [RequestArena] = []
  /// Stands where a request was.
  private let nothing = RequestArena(
    peer: Peer(address: SocketAddress(host: "", port: 0, isLoopback: false), isTLS: false))

  private static let limit = 256
  /// Memory of longer headers is given back.
  private static let longestHeader = 4096

  func take(for peer: Peer) -> RequestArena {
    guard let request = spare.popLast() else { return RequestArena(peer: peer) }
    request.clear(for: peer)
    return request
  }

  /// Takes a request back, unless somebody still looks at it.
  func giveBack(_ request: inout RequestArena) {
    guard spare.count < Self.limit, request.bytes.count <= Self.longestHeader, isKnownUniquelyReferenced(&request)
    else { return }
    request.body = []
    spare.append(request)
    request = nothing
  }
}
