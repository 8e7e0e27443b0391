/// One request: a flat arena of bytes with ranges over it. Nothing becomes a String unless asked for.
///
/// It owns its bytes, so it may be kept and sent to other threads.
public struct Request: Sendable {
  public enum Version: Sendable { case http10, http11, http2 }

  let arena: RequestArena

  public var method: Method { arena.method }
  public var version: Version { arena.version }
  public var peer: Peer { arena.peer }
  /// The whole body; a request is answered when it has arrived.
  public var body: [UInt8] { arena.body }

  /// The path as received, percent-encoded: `/api/v1/pods`.
  public var path: ArraySlice<UInt8> { arena.bytes[arena.path] }

  /// The query as received, without `?`; empty when there is none.
  public var query: ArraySlice<UInt8> { arena.bytes[arena.query] }

  public var remote: SocketAddress { peer.address }
  public var isTLS: Bool { peer.isTLS }
  public var peerCertificateDER: [UInt8]? { peer.certificateDER }

  /// The first value of a header; `name` in lower case. `host` is there for HTTP/2 too.
  public func header(_ name: StaticString) -> String? {
    arena.value(name).map { String(decoding: $0, as: UTF8.self) }
  }

  /// As `header`, without making a String.
  public func headerBytes(_ name: StaticString) -> ArraySlice<UInt8>? { arena.value(name) }

  /// All values of a header that may be repeated, in order; `name` in lower case.
  public func headers(_ name: StaticString) -> [String] {
    arena.fields.filter { arena.matches($0, name.bytes) }.map { String(decoding: arena.bytes[$0.value], as: UTF8.self) }
  }

  /// Every header in order, names in lower case; for forwarding.
  public var allHeaders: [(name: String, value: String)] {
    arena.fields.map {
      (String(decoding: arena.bytes[$0.name], as: UTF8.self), String(decoding: arena.bytes[$0.value], as: UTF8.self))
    }
  }

  /// Whether the client takes gzip.
  public var acceptsGzip: Bool { arena.acceptsGzip }
}
