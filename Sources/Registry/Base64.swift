/// RFC 4648, both alphabets.
public enum Base64 {
  /// The standard alphabet with padding, as `[]byte` stands in JSON.
  public static func encode(_ bytes: [UInt8]) -> String { encode(bytes, standard, isPadded: true) }

  /// The alphabet for URLs, without padding.
  public static func encodeURL(_ bytes: [UInt8]) -> String { encode(bytes, url, isPadded: false) }

  /// Reads either alphabet, with or without padding; nil when the text is not base64.
  public static func decode(_ text: String) -> [UInt8]? {
    var result: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    var digits = Array(text.utf8)
    while digits.last == UInt8(ascii: "=") { digits.removeLast() }
    for digit in digits {
      guard let value = value(of: digit) else { return nil }
      bits = bits << 6 | value
      count += 6
      if count >= 8 {
        count -= 8
        result.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    return digits.count % 4 == 1 ? nil : result
  }

  private static let standard = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let url = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  private static func encode(_ bytes: [UInt8], _ alphabet: [UInt8], isPadded: Bool) -> String {
    var result: [UInt8] = []
    result.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let chunk = bytes[start..<min(start + 3, bytes.count)]
      var bits: UInt32 = 0
      for index in 0..<3 { bits = bits << 8 | (index < chunk.count ? UInt32(chunk[start + index]) : 0) }
      for index in 0...chunk.count { result.append(alphabet[Int(bits >> UInt32(18 - 6 * index) & 63)]) }
      if isPadded { result.append(contentsOf: repeatElement(UInt8(ascii: "="), count: 3 - chunk.count)) }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func value(of digit: UInt8) -> UInt32? {
    switch digit {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
    case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
    default: nil
    }
  }
}
