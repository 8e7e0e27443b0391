import Values

extension JSON {
  /// Appends the value as compact JSON.
  public func write(to buffer: inout ByteBuffer) {
    var writer = Writer(capacity: 1024)
    writer.put(self)
    buffer.append(writer.bytes)
  }

  /// The value as compact JSON.
  public var blob: Blob {
    var writer = Writer(capacity: 8192)
    writer.put(self)
    return writer.blob
  }

  /// The value as compact JSON text.
  public var text: String {
    var writer = Writer(capacity: 64)
    writer.put(self)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// Appends the value with two spaces a level, as the API server shows it to curl and browsers.
  public func writePretty(to buffer: inout ByteBuffer, indent: Int = 0) {
    func newLine(_ level: Int) {
      buffer.append(UInt8(ascii: "\n"))
      for _ in 0..<level { buffer.append("  ") }
    }
    switch resolved {
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
    if string.needsNoEscape {
      buffer.append(UInt8(ascii: "\""))
      buffer.append(text: string)
      return buffer.append(UInt8(ascii: "\""))
    }
    var writer = Writer(capacity: 64)
    writer.put(string)
    buffer.append(writer.bytes)
  }
}

extension String {
  /// Appends a value as compact JSON.
  public mutating func append(json value: JSON) {
    guard case .string(let text) = value, text.needsNoEscape else { return append(value.text) }
    append("\"")
    append(text)
    append("\"")
  }

  fileprivate var needsNoEscape: Bool {
    utf8.withContiguousStorageIfAvailable { bytes in
      bytes.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    } ?? false
  }
}
