extension Request {
  /// A request of somebody who is not at a connection: made in this process, and taken as one that came over TLS.
  /// - Parameters:
  ///   - target: `/path?query`
  ///   - headers: names in lower case
  public init(
    method: String, target: String, headers: [(name: String, value: String)], body: [UInt8], from host: String
  ) {
    let address = SocketAddress(host: host, port: 0, isLoopback: false)
    let arena = RequestArena(peer: Peer(address: address, isTLS: true))
    arena.version = .http11
    arena.method = Array(method.utf8).withUnsafeBufferPointer { Method($0) }
    arena.body = body
    Array(target.utf8).withUnsafeBufferPointer { arena.setTarget($0) }
    for header in headers {
      Array(header.name.utf8).withUnsafeBufferPointer { name in
        Array(header.value.utf8).withUnsafeBufferPointer { arena.addField(name, $0) }
      }
    }
    self.init(arena: arena)
  }
}

extension Body {
  /// All of it.
  public var bytes: [UInt8] { blobs.flatMap { Array($0.bytes) } }
}

extension Response {
  /// Its headers as texts, names in lower case; for answers that stay in this process.
  public var headerTexts: [(name: String, value: String)] {
    let shared = String(decoding: prepared.lines, as: UTF8.self).split(separator: "\r\n").compactMap { line in
      line.firstIndex(of: ":").map { colon in
        (name: line[..<colon].lowercased(), value: String(line[line.index(after: colon)...].drop { $0 == " " }))
      }
    }
    return shared + headers.map { (String(decoding: Array($0.name.bytes), as: UTF8.self), $0.value) }
  }
}
