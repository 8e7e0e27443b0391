extension Parser {
  /// A string; the index stands on its opening quote.
  @inline(__always)
  mutating func string() throws(JSONError) -> String {
    index += 1
    let first = index
    guard try scanString() else { return try escapedString(from: first) }
    let result = text(from: first)
    index += 1
    return result
  }

  /// A key of an object. Common ones come from a table, so that they cost no memory.
  @inline(__always)
  mutating func keyString() throws(JSONError) -> Key {
    index += 1
    let first = index
    guard try scanString() else {
      let text = try escapedString(from: first)
      return Key(text: text, prefix: keyPrefix(text))
    }
    let length = index - first
    let text = CommonKeys.find(start + first, length) ?? text(from: first)
    let prefix = Self.prefix(of: start + first, length, available: count - first)
    index += 1
    // Malformed UTF-8 is mended in the text.
    return Key(text: text, prefix: prefix & 0x8080_8080_8080_8080 == 0 ? prefix : keyPrefix(text))
  }

  /// Moves to the closing quote; false when it met an escape before it.
  @inline(__always)
  private mutating func scanString() throws(JSONError) -> Bool {
    while index + 8 <= count {
      let word = UnsafeRawPointer(start + index).loadUnaligned(as: UInt64.self)
      let found = Bytes8.needsCare(UInt64(littleEndian: word))
      if found != 0 {
        index += found.trailingZeroBitCount >> 3
        break
      }
      index += 8
    }
    while index < count {
      let byte = start[index]
      if byte == UInt8(ascii: "\"") { return true }
      if byte == UInt8(ascii: "\\") { return false }
      if byte < 0x20 { throw failure("invalid character \(shown) in string literal") }
      index += 1
    }
    throw failure("unexpected end of JSON input")
  }

  @inline(__always)
  private static func prefix(of bytes: UnsafePointer<UInt8>, _ length: Int, available: Int) -> UInt64 {
    if available >= 8 {
      let word = UInt64(bigEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self))
      return length >= 8 ? word : length == 0 ? 0 : word & (UInt64.max << UInt64(64 - 8 * length))
    }
    return keyPrefix(bytes, length)
  }

  /// A string with at least one escape: copied piece by piece.
  private mutating func escapedString(from first: Int) throws(JSONError) -> String {
    var text = Array(UnsafeBufferPointer(start: start + first, count: index - first))
    while index < count {
      let byte = start[index]
      index += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): try appendEscape(to: &text)
      case 0..<0x20:
        index -= 1
        throw failure("invalid character \(shown) in string literal")
      default: text.append(byte)
      }
    }
    throw failure("unexpected end of JSON input")
  }

  private mutating func appendEscape(to text: inout [UInt8]) throws(JSONError) {
    guard index < count else { throw failure("unexpected end of JSON input") }
    let byte = start[index]
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(8)
    case UInt8(ascii: "f"): text.append(12)
    case UInt8(ascii: "n"): text.append(10)
    case UInt8(ascii: "r"): text.append(13)
    case UInt8(ascii: "t"): text.append(9)
    case UInt8(ascii: "u"):
      text.append(contentsOf: UTF8.encode(try unicodeEscape()) ?? UTF8.encodedReplacementCharacter)
    default:
      index -= 1
      throw failure("invalid character \(shown) in string escape code")
    }
  }

  private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
    let replacement: Unicode.Scalar = "\u{FFFD}"
    let unit = try hex4()
    guard (0xD800..<0xE000).contains(unit) else { return Unicode.Scalar(unit) ?? replacement }
    guard unit < 0xDC00, index + 1 < count, start[index] == UInt8(ascii: "\\"), start[index + 1] == UInt8(ascii: "u")
    else { return replacement }
    let resume = index
    index += 2
    let low = try hex4()
    guard (0xDC00..<0xE000).contains(low) else {
      index = resume
      return replacement
    }
    return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)) ?? replacement
  }

  private mutating func hex4() throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard index < count else { throw failure("unexpected end of JSON input") }
      guard let digit = Character(Unicode.Scalar(start[index])).hexDigitValue, start[index] < 128 else {
        throw failure("invalid character \(shown) in \\u hexadecimal character escape")
      }
      value = value << 4 | UInt32(digit)
      index += 1
    }
    return value
  }
}

/// Eight bytes looked at as one number.
@usableFromInline
enum Bytes8 {
  /// Marks with its high bit the first byte that is a quote, a backslash or a control character; bytes behind it may be
  /// marked wrongly. Zero when there is none.
  @inlinable @inline(__always)
  static func needsCare(_ word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quotes = word ^ (ones &* 0x22)
    let backslashes = word ^ (ones &* 0x5C)
    let found =
      ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes) | ((word &- ones &* 0x20) & ~word)
    return found & (ones &* 0x80)
  }
}
