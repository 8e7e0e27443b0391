import Objects
import Schemas
import Values

/// A stored object as an element of a list. Lists of built-in kinds leave `apiVersion` and `kind` out of their elements,
/// stored objects have them; so an element is the stored bytes but for two members, cut out without copying.
struct StoredItem {
  /// `{"apiVersion":"v1","kind":"Pod",`: how most objects begin; the rest of it is then one piece.
  private let opening: [UInt8]
  private let apiVersion: [UInt8]
  private let name: [UInt8]

  init(_ kind: Kind) {
    apiVersion = Array("\"apiVersion\":\"\(kind.apiVersion)\",".utf8)
    name = Array("\"kind\":\"\(kind.name)\",".utf8)
    opening = Array("{".utf8) + apiVersion + name
  }

  /// Appends the object, its opening brace included.
  func append(_ blob: Blob, to chunks: inout [Blob]) {
    let bytes = blob.bytes
    if bytes.starts(with: opening) {
      chunks.append(Self.brace)
      chunks.append(Blob(blob, opening.count..<bytes.count))
      return
    }
    guard let first = Self.find(apiVersion, in: bytes), let second = Self.find(name, in: bytes), first < second else {
      chunks.append(blob)
      return
    }
    chunks.append(Blob(blob, 0..<first))
    chunks.append(Blob(blob, first + apiVersion.count..<second))
    chunks.append(Blob(blob, second + name.count..<bytes.count))
  }

  private static let brace = Blob("{")

  /// Where a member of the outermost object begins, its comma included in `member`.
  private static func find(_ member: [UInt8], in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    var depth = 0
    var index = 0
    let end = bytes.count
    while index < end {
      switch bytes[index] {
      case UInt8(ascii: "\""):
        if depth == 1, index + member.count <= end,
          UnsafeBufferPointer(rebasing: bytes[index..<index + member.count]).elementsEqual(member)
        {
          return index
        }
        index += 1
        while index < end, bytes[index] != UInt8(ascii: "\"") { index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1 }
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      default: break
      }
      index += 1
    }
    return nil
  }
}
