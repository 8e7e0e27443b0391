import Values

/// Walks over the text of a `fieldsV1` from outside, which may stay encoded only in the very form in which this program
/// writes it: objects of objects without spaces, keys in order, nothing that could be written in another way.
struct FieldSetText {
  let bytes: UnsafeBufferPointer<UInt8>
  var index: Int

  /// Whether it stood on such an object; the index is behind it then.
  mutating func skip(depth: Int = 0) -> Bool {
    guard depth < Self.maximumDepth, take(UInt8(ascii: "{")) else { return false }
    if take(UInt8(ascii: "}")) { return true }
    var last = 0..<0
    repeat {
      guard let key = key(), last.isEmpty || precedes(last, key), take(UInt8(ascii: ":")), skip(depth: depth + 1)
      else { return false }
      last = key
    } while take(UInt8(ascii: ","))
    return take(UInt8(ascii: "}"))
  }

  private static let maximumDepth = 64

  /// Where the characters of a key stand; nil when they could be written differently.
  private mutating func key() -> Range<Int>? {
    guard take(UInt8(ascii: "\"")) else { return nil }
    let first = index
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\""):
        index += 1
        return first == index - 1 ? nil : first..<index - 1
      case UInt8(ascii: "\\"):
        guard index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "\"") else { return nil }
        index += 2
      case 0x20..<0x7F: index += 1
      default: return nil
      }
    }
    return nil
  }

  /// Whether the left key comes first, seen without the backslashes before its quotes.
  private func precedes(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
    var (i, j) = (left.lowerBound, right.lowerBound)
    while i < left.upperBound, j < right.upperBound {
      if bytes[i] == UInt8(ascii: "\\") { i += 1 }
      if bytes[j] == UInt8(ascii: "\\") { j += 1 }
      if bytes[i] != bytes[j] { return bytes[i] < bytes[j] }
      i += 1
      j += 1
    }
    return i == left.upperBound && j < right.upperBound
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard index < bytes.count, bytes[index] == byte else { return false }
    index += 1
    return true
  }
}
