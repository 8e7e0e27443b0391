/// The way to a value inside a document (RFC 6901): `/spec/containers/0/image`.
public struct JSONPointer: Sendable, Hashable, CustomStringConvertible {
  /// The keys and indices on the way, unescaped.
  public let tokens: [String]
  public let description: String

  /// - Returns: nil for a text that neither is empty nor starts with a slash.
  public init?(_ text: String) {
    description = text
    if text.isEmpty {
      tokens = []
      return
    }
    guard text.utf8.first == UInt8(ascii: "/") else { return nil }
    tokens = text.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      .map { Self.unescaped($0) }
  }

  /// `~1` is a slash and `~0` a tilde; a tilde before anything else stands for itself.
  private static func unescaped(_ token: Substring.UTF8View) -> String {
    guard token.contains(UInt8(ascii: "~")) else { return String(Substring(token)) }
    var bytes: [UInt8] = []
    var index = token.startIndex
    while index < token.endIndex {
      let byte = token[index]
      index = token.index(after: index)
      guard byte == UInt8(ascii: "~"), index < token.endIndex else {
        bytes.append(byte)
        continue
      }
      switch token[index] {
      case UInt8(ascii: "0"): bytes.append(UInt8(ascii: "~"))
      case UInt8(ascii: "1"): bytes.append(UInt8(ascii: "/"))
      default:
        bytes.append(byte)
        continue
      }
      index = token.index(after: index)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
