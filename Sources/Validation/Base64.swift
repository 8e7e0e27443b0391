/// Base64 with padding (RFC 4648, section 4), as JSON carries bytes.
public enum Base64 {
  /// Nil when the text is not base64.
  public static func decode(_ text: String) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(text.utf8.count / 4 * 3)
    var bits: UInt32 = 0
    var count = 0
    var padding = 0
    for byte in text.utf8 {
      let value: UInt32
      switch byte {
      case 65...90: value = UInt32(byte - 65)
      case 97...122: value = UInt32(byte - 71)
      case 48...57: value = UInt32(byte + 4)
      case UInt8(ascii: "+"): value = 62
      case UInt8(ascii: "/"): value = 63
      case UInt8(ascii: "="):
        padding += 1
        value = 0
      case 10, 13: continue
      default: return nil
      }
      if padding > 0, byte != UInt8(ascii: "=") { return nil }
      bits = bits << 6 | value
      count += 1
      if count % 4 == 0 {
        result.append(UInt8(truncatingIfNeeded: bits >> 16))
        if padding < 2 { result.append(UInt8(truncatingIfNeeded: bits >> 8)) }
        if padding < 1 { result.append(UInt8(truncatingIfNeeded: bits)) }
        bits = 0
      }
    }
    return count % 4 == 0 && padding <= 2 ? result : nil
  }
}
