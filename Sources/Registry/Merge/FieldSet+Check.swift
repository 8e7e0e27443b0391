import JSONCore

extension FieldSet {
  /// A set that a client sent as text, where all its path elements have the form in which we write them. Nil where they
  /// might not: such a set has to be decoded.
  init?(checking text: EncodedJSON) {
    var elements = ElementText(bytes: text.blob.bytes)
    guard elements.areSound() else { return nil }
    self.init(text)
  }
}

/// One walk over the path elements in a text of objects, which is known to be well formed.
private struct ElementText {
  let bytes: UnsafeBufferPointer<UInt8>
  private var index = 0

  init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  mutating func areSound() -> Bool {
    var depth = 0
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      switch byte {
      case UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "}"): depth -= 1
      case UInt8(ascii: "\""):
        let start = index
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
          index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard index < bytes.count, isSound(start..<index, depth) else { return false }
        index += 1
      default: break
      }
    }
    return true
  }

  private func isSound(_ element: Range<Int>, _ depth: Int) -> Bool {
    if element.count == 1 {
      // The node itself: a leaf, and not the root.
      return depth > 1 && bytes[element.lowerBound] == UInt8(ascii: ".")
        && bytes[element.upperBound + 3] == UInt8(ascii: "}")
    }
    guard element.count > 2, bytes[element.lowerBound + 1] == UInt8(ascii: ":") else { return false }
    let content = element.dropFirst(2)
    switch bytes[element.lowerBound] {
    case UInt8(ascii: "f"): return true
    case UInt8(ascii: "k"): return areKeys(content)
    case UInt8(ascii: "v"):
      var position = content.lowerBound
      return skipText(&position, content.upperBound) != nil && position == content.upperBound
    default: return false
    }
  }

  /// Keys of a list's items: `{\"name\":\"web\",\"port\":80}`, in order.
  private func areKeys(_ content: Range<Int>) -> Bool {
    var position = content.lowerBound
    guard take(UInt8(ascii: "{"), &position) else { return false }
    var last = 0..<0
    repeat {
      guard let name = skipText(&position, content.upperBound), last.isEmpty || precedes(last, name),
        take(UInt8(ascii: ":"), &position), skipValue(&position, content.upperBound)
      else { return false }
      last = name
    } while take(UInt8(ascii: ","), &position)
    return take(UInt8(ascii: "}"), &position) && position == content.upperBound
  }

  private func skipValue(_ position: inout Int, _ end: Int) -> Bool {
    guard (49...57).contains(bytes[position]) else { return skipText(&position, end) != nil }
    while position < end, (48...57).contains(bytes[position]) { position += 1 }
    return true
  }

  /// A text between escaped quotes; nil when there is none, or an empty one.
  private func skipText(_ position: inout Int, _ end: Int) -> Range<Int>? {
    guard take(UInt8(ascii: "\\"), &position), take(UInt8(ascii: "\""), &position) else { return nil }
    let start = position
    while position < end, bytes[position] != UInt8(ascii: "\\") { position += 1 }
    let text = start..<position
    guard !text.isEmpty, take(UInt8(ascii: "\\"), &position), take(UInt8(ascii: "\""), &position) else { return nil }
    return text
  }

  private func precedes(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
    bytes[left].lexicographicallyPrecedes(bytes[right])
  }

  private func take(_ byte: UInt8, _ position: inout Int) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }
}
