/// The request's method. HTTP's names are case-sensitive.
public enum Method: Sendable, Hashable {
  case get, head, post, put, patch, delete, options, connect, trace, other

  init(_ name: UnsafeBufferPointer<UInt8>) {
    self = Self.named.first { name.elementsEqual($0.name.bytes) }?.method ?? .other
  }

  /// The upper-case name; `OTHER` for a method that isn't standard.
  public var name: StaticString { Self.named.first { $0.method == self }?.name ?? "OTHER" }

  /// Whether the method only reads.
  public var isSafe: Bool { self == .get || self == .head || self == .options || self == .trace }

  private static let named: [(method: Method, name: StaticString)] = [
    (.get, "GET"), (.post, "POST"), (.put, "PUT"), (.patch, "PATCH"), (.delete, "DELETE"), (.head, "HEAD"),
    (.options, "OPTIONS"), (.connect, "CONNECT"), (.trace, "TRACE"),
  ]
}

extension StaticString {
  /// The literal's bytes, which live as long as the process.
  var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount) }
}
