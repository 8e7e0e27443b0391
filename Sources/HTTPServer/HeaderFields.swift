import CNghttp2
import Values

/// Makes nghttp2's header arrays in memory that one loop reuses.
final class HeaderFields {
  private var text = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 4096)
  private var fields = UnsafeMutableBufferPointer<nghttp2_nv>.allocate(capacity: 64)

  private static let fixedName = UInt8(NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue)
  /// Values that never repeat would only push useful ones out of the peer's table.
  private static let passing = UInt8(NGHTTP2_NV_FLAG_NO_INDEX.rawValue)
  /// Room for the status, the date, a length, an identifier and the copies made of them.
  private static let ownText = 192
  private static let ownFields = 4

  deinit {
    text.deallocate()
    fields.deallocate()
  }

  /// The response's fields, valid until the next call.
  func fields(
    of head: ResponseHead, date: [UInt8], _ identifiers: inout IdentifierSource
  ) -> UnsafeBufferPointer<nghttp2_nv> {
    makeRoom(head, date)
    var writer = Writer(text: text.baseAddress!, fields: fields.baseAddress!)
    writer.add(":status", flags: Self.fixedName) { $0.put(decimal: head.status) }
    writer.add(head.prepared.fields)
    for header in head.headers {
      switch header.name.storage {
      case .literal(let name):
        writer.add(name, flags: Self.fixedName | Self.passing) { $0.put(header.value) }
      case .text:
        writer.add(header.name.bytes, flags: Self.passing) { $0.put(header.value) }
      }
    }
    if let name = head.identifier {
      writer.add(name, flags: Self.fixedName | Self.passing) { $0.put(&identifiers) }
    }
    writer.add("date", flags: Self.fixedName) { $0.put(date) }
    if let length = head.contentLength, Exchange.hasBody(head.status) {
      writer.add("content-length", flags: Self.fixedName) { $0.put(decimal: length) }
    }
    return UnsafeBufferPointer(start: fields.baseAddress, count: writer.fields - fields.baseAddress!)
  }

  private func makeRoom(_ head: ResponseHead, _ date: [UInt8]) {
    var textCount = Self.ownText + date.count
    for header in head.headers {
      textCount += header.value.utf8.count
      if case .text(let name) = header.name.storage { textCount += name.utf8.count }
    }
    let fieldCount = Self.ownFields + head.prepared.fields.count + head.headers.count
    if textCount > text.count {
      text.deallocate()
      text = .allocate(capacity: textCount * 2)
    }
    if fieldCount > fields.count {
      fields.deallocate()
      fields = .allocate(capacity: fieldCount * 2)
    }
  }
}

/// Fills memory whose size was reckoned before.
private struct Writer {
  var text: UnsafeMutablePointer<UInt8>
  var fields: UnsafeMutablePointer<nghttp2_nv>

  @inline(__always)
  mutating func add(_ name: StaticString, flags: UInt8, _ value: (inout Writer) -> Void) {
    add(UnsafeMutablePointer(mutating: name.utf8Start), name.utf8CodeUnitCount, flags, value)
  }

  mutating func add(_ name: [UInt8], flags: UInt8, _ value: (inout Writer) -> Void) {
    let start = text
    put(name)
    add(start, name.count, flags, value)
  }

  mutating func add(_ more: [nghttp2_nv]) {
    for field in more {
      fields.initialize(to: field)
      fields += 1
    }
  }

  @inline(__always)
  private mutating func add(
    _ name: UnsafeMutablePointer<UInt8>, _ nameCount: Int, _ flags: UInt8, _ value: (inout Writer) -> Void
  ) {
    let start = text
    value(&self)
    fields.initialize(
      to: nghttp2_nv(name: name, value: start, namelen: nameCount, valuelen: text - start, flags: flags))
    fields += 1
  }

  mutating func put(_ bytes: [UInt8]) {
    text.initialize(from: bytes, count: bytes.count)
    text += bytes.count
  }

  mutating func put(_ value: String) {
    for byte in value.utf8 {
      text.initialize(to: sanitized(byte))
      text += 1
    }
  }

  mutating func put(_ identifiers: inout IdentifierSource) {
    identifiers.write(to: text)
    text += IdentifierSource.length
  }

  mutating func put(decimal value: Int) {
    var digits = 1
    var bound = 10
    while value >= bound && digits < 19 {
      digits += 1
      bound = digits < 19 ? bound * 10 : .max
    }
    var rest = value
    for place in stride(from: digits - 1, through: 0, by: -1) {
      text[place] = UInt8(48 + rest % 10)
      rest /= 10
    }
    text += digits
  }
}
