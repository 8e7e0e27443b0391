/// Base64 (RFC 4648), in the standard form of `[]byte` in JSON and in the form for URLs.
public enum Base64 {
  /// Where the text stops being standard base64 with padding; nil when it is. Line ends between the digits are passed
  /// over, as Go does.
  public static func firstInvalidByte(_ text: String) -> Int? {
    var text = text
    return text.withUTF8 { firstInvalidByte($0) }
  }

  private static func firstInvalidByte(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
    var digits = 0
    var padding = 0
    for (index, byte) in text.enumerated() {
      if byte == 10 || byte == 13 { continue }
      if byte == UInt8(ascii: "=") {
        padding += 1
        if padding > 2 || (digits + padding) > (digits + 3) / 4 * 4 || digits % 4 < 2 { return index }
      } else if padding > 0 || value(byte) == nil {
        return index
      } else {
        digits += 1
      }
    }
    return (digits + padding) % 4 == 0 ? nil : text.count
  }

  /// The bytes; nil when the text is not standard base64 with padding.
  public static func decode(_ text: String) -> [UInt8]? {
    var text = text
    return text.withUTF8 { decode($0) }
  }

  /// The bytes; nil when the text is not standard base64 with padding.
  public static func decode(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    firstInvalidByte(text) == nil ? bytes(of: text) : nil
  }

  /// The bytes of a text in the alphabet for URLs, with or without padding; nil when it is something else.
  public static func decodeURL(_ text: String) -> [UInt8]? {
    var standard = text.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "-"): UInt8(ascii: "+")
      case UInt8(ascii: "_"): UInt8(ascii: "/")
      default: byte
      }
    }
    while standard.count % 4 != 0 { standard.append(UInt8(ascii: "=")) }
    return decode(String(decoding: standard, as: UTF8.self))
  }

  private static func bytes(of text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count * 3 / 4)
    var bits: UInt32 = 0
    var count = 0
    for byte in text {
      guard let digit = value(byte) else { continue }
      bits = bits << 6 | UInt32(digit)
      count += 6
      if count >= 8 {
        count -= 8
        result.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    return result
  }

  public static func encode(_ bytes: some Collection<UInt8>) -> String {
    let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    var result: [UInt8] = []
    result.reserveCapacity((bytes.count + 2) / 3 * 4)
    var bits: UInt32 = 0
    var count: UInt32 = 0
    for byte in bytes {
      bits = bits << 8 | UInt32(byte)
      count += 8
      while count >= 6 {
        count -= 6
        result.append(alphabet.utf8Start[Int(bits >> count & 63)])
      }
    }
    if count > 0 { result.append(alphabet.utf8Start[Int(bits << (6 - count) & 63)]) }
    while result.count % 4 != 0 { result.append(UInt8(ascii: "=")) }
    return String(decoding: result, as: UTF8.self)
  }

  /// The alphabet for URLs, without padding.
  public static func encodeURL(_ bytes: some Collection<UInt8>) -> String {
    let standard = encode(bytes).utf8.compactMap { byte -> UInt8? in
      switch byte {
      case UInt8(ascii: "+"): UInt8(ascii: "-")
      case UInt8(ascii: "/"): UInt8(ascii: "_")
      case UInt8(ascii: "="): nil
      default: byte
      }
    }
    return String(decoding: standard, as: UTF8.self)
  }

  private static func value(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - 65
    case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 71
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte + 4
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
