/// The `Upgrade: h2c` of HTTP/1.1 (RFC 7540, section 3.2).
enum HTTP2Upgrade {
  /// The client's SETTINGS when the request asks for HTTP/2 in the proper way.
  static func settings(in request: RequestArena) -> [UInt8]? {
    guard request.lists("upgrade", "h2c"), request.lists("connection", "upgrade"),
      request.lists("connection", "http2-settings"), let text = request.value("http2-settings"),
      let settings = decodeBase64URL(text), settings.count % 6 == 0
    else { return nil }
    return settings
  }

  static func decodeBase64URL(_ text: some Collection<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var bitCount = 0
    for byte in text {
      let value: UInt8
      switch byte {
      case 65...90: value = byte - 65
      case 97...122: value = byte - 71
      case 48...57: value = byte + 4
      case UInt8(ascii: "-"): value = 62
      case UInt8(ascii: "_"): value = 63
      case UInt8(ascii: "="): continue
      default: return nil
      }
      bits = bits << 6 | UInt32(value)
      bitCount += 6
      if bitCount >= 8 {
        bitCount -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
      }
    }
    return bytes
  }
}
