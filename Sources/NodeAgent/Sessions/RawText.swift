/// Texts that can hold any bytes. What is not UTF-8 stands in them as scalars from the end of the last private plane, and comes
/// out as the bytes that it was: so files of any kind go through a shell and a file tree that know texts alone.
enum RawText {
  private static let base: UInt32 = 0x10_FE00
  /// The first byte of every scalar from there on, in UTF-8.
  private static let mark: UInt8 = 0xF4

  /// How many bytes of a text one byte may become.
  static let widestByte = 4

  static func text(_ bytes: [UInt8]) -> String {
    if let text = String(validating: bytes, as: UTF8.self), !text.utf8.contains(mark) { return text }
    var scalars = String.UnicodeScalarView()
    var parser = Unicode.UTF8.ForwardParser()
    var source = bytes.makeIterator()
    var position = 0
    while true {
      switch parser.parseScalar(from: &source) {
      case .valid(let encoded):
        let scalar = Unicode.UTF8.decode(encoded)
        if scalar.value >= base {
          for byte in bytes[position..<(position + encoded.count)] { scalars.append(stand(for: byte)) }
        } else {
          scalars.append(scalar)
        }
        position += encoded.count
      case .error(let length):
        for byte in bytes[position..<min(bytes.count, position + length)] { scalars.append(stand(for: byte)) }
        position += length
      case .emptyInput: return String(scalars)
      }
    }
  }

  static func bytes(_ text: String) -> [UInt8] {
    guard text.utf8.contains(mark) else { return Array(text.utf8) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      if scalar.value >= base {
        bytes.append(UInt8(truncatingIfNeeded: scalar.value - base))
      } else {
        bytes.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
      }
    }
    return bytes
  }

  /// A text of bytes that nobody takes for characters, made faster.
  static func opaque(_ bytes: [UInt8]) -> String {
    var units: [UInt8] = []
    units.reserveCapacity(bytes.count * 3)
    for byte in bytes {
      if byte < 0x80 {
        units.append(byte)
      } else {
        units += [mark, 0x8F, 0xB8 | byte >> 6, 0x80 | byte & 0x3F]
      }
    }
    return String(decoding: units, as: UTF8.self)
  }

  /// How many bytes a text stands for.
  static func count(_ text: String) -> Int {
    var text = text
    return text.withUTF8 { units in
      guard units.contains(mark) else { return units.count }
      var stands = 0
      for index in units.indices where units[index] == mark && index + 2 < units.count {
        if units[index + 1] == 0x8F, units[index + 2] >= 0xB8 { stands += 1 }
      }
      return units.count - stands * (widestByte - 1)
    }
  }

  /// How many bytes at the end begin a character whose rest has yet to come.
  static func unfinishedCount(_ bytes: [UInt8]) -> Int {
    for (distance, byte) in bytes.suffix(3).reversed().enumerated() {
      if byte & 0xC0 == 0x80 { continue }
      let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
      return distance + 1 < length ? distance + 1 : 0
    }
    return 0
  }

  private static func stand(for byte: UInt8) -> Unicode.Scalar {
    Unicode.Scalar(base + UInt32(byte)) ?? Unicode.Scalar(byte)
  }
}
