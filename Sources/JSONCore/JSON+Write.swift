import Values

extension JSON {
  /// Appends the value as compact JSON.
  public func write(to buffer: inout ByteBuffer) {
    switch self {
    case .null: buffer.append("null")
    case .bool(let value): value ? buffer.append("true") : buffer.append("false")
    case .int(let value): buffer.append(decimal: value)
    case .double(let value): Self.write(value, to: &buffer)
    case .string(let value): Self.write(value, to: &buffer)
    case .array(let elements):
      buffer.append(UInt8(ascii: "["))
      for index in elements.indices {
        if index > 0 { buffer.append(UInt8(ascii: ",")) }
        elements[index].write(to: &buffer)
      }
      buffer.append(UInt8(ascii: "]"))
    case .object(let members):
      buffer.append(UInt8(ascii: "{"))
      for index in 0..<members.count {
        if index > 0 { buffer.append(UInt8(ascii: ",")) }
        let (key, value) = members[index]
        Self.write(key, to: &buffer)
        buffer.append(UInt8(ascii: ":"))
        value.write(to: &buffer)
      }
      buffer.append(UInt8(ascii: "}"))
    }
  }

  /// The value as compact JSON.
  public var blob: Blob {
    var buffer = ByteBuffer(capacity: 1024)
    write(to: &buffer)
    return buffer.blob()
  }

  /// The value as compact JSON text.
  public var text: String {
    var buffer = ByteBuffer()
    write(to: &buffer)
    return String(decoding: buffer.bytes, as: UTF8.self)
  }

  /// Appends the value with two spaces a level, as the API server shows it to curl and browsers.
  public func writePretty(to buffer: inout ByteBuffer, indent: Int = 0) {
    func newLine(_ level: Int) {
      buffer.append(UInt8(ascii: "\n"))
      for _ in 0..<level { buffer.append("  ") }
    }
    switch self {
    case .array(let elements) where !elements.isEmpty:
      buffer.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { buffer.append(UInt8(ascii: ",")) }
        newLine(indent + 1)
        element.writePretty(to: &buffer, indent: indent + 1)
      }
      newLine(indent)
      buffer.append(UInt8(ascii: "]"))
    case .object(let members) where !members.isEmpty:
      buffer.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { buffer.append(UInt8(ascii: ",")) }
        newLine(indent + 1)
        Self.write(member.key, to: &buffer)
        buffer.append(": ")
        member.value.writePretty(to: &buffer, indent: indent + 1)
      }
      newLine(indent)
      buffer.append(UInt8(ascii: "}"))
    default: write(to: &buffer)
    }
  }

  /// Appends a string with its quotes, escaped where JSON asks for it.
  public static func write(_ string: String, to buffer: inout ByteBuffer) {
    buffer.append(UInt8(ascii: "\""))
    var string = string
    string.withUTF8 { bytes in
      var start = 0
      for index in 0..<bytes.count {
        let byte = bytes[index]
        if byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") { continue }
        buffer.append(UnsafeBufferPointer(rebasing: bytes[start..<index]))
        writeEscape(byte, to: &buffer)
        start = index + 1
      }
      buffer.append(UnsafeBufferPointer(rebasing: bytes[start..<bytes.count]))
    }
    buffer.append(UInt8(ascii: "\""))
  }

  private static func writeEscape(_ byte: UInt8, to buffer: inout ByteBuffer) {
    switch byte {
    case UInt8(ascii: "\""): buffer.append("\\\"")
    case UInt8(ascii: "\\"): buffer.append("\\\\")
    case 10: buffer.append("\\n")
    case 13: buffer.append("\\r")
    case 9: buffer.append("\\t")
    default:
      let digits: StaticString = "0123456789abcdef"
      buffer.append("\\u00")
      buffer.append(digits.utf8Start[Int(byte >> 4)])
      buffer.append(digits.utf8Start[Int(byte & 15)])
    }
  }

  private static func write(_ value: Double, to buffer: inout ByteBuffer) {
    if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 {
      buffer.append(decimal: whole)
    } else {
      buffer.append(text: value.description)
    }
  }
}
