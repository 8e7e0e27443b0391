import JSONCore
import Objects
import Values

extension ObjectSchema {
  /// Reads an object's message. Fields without a meaning here are passed over.
  func decode(_ bytes: UnsafeBufferPointer<UInt8>) throws(DecodeError) -> JSON {
    var decoder = MessageDecoder()
    return try decoder.object(bytes, self)
  }
}

/// Turns messages into JSON.
private struct MessageDecoder {
  private var depth = 0

  /// Deeper than any kind of the API nests, but for JSON schemas, which need no more than this either.
  private static let maximumDepth = 200

  mutating func object(_ bytes: UnsafeBufferPointer<UInt8>, _ schema: ObjectSchema) throws(DecodeError) -> JSON {
    var values = [JSON?](repeating: nil, count: schema.fields.count)
    try message(bytes, schema.message, schema, &values)
    var members = Members()
    members.reserveCapacity(values.count)
    for (position, value) in values.enumerated() {
      guard let value else { continue }
      let field = schema.fields[position]
      if saysNothing(value, field) { continue }
      members.append(field.name, value)
    }
    return .object(members)
  }

  /// Go writes all scalars it holds by value; only those it holds by pointer, and bytes that it always shows, tell zero from
  /// absent. A number or text says itself which of the two it is.
  private func saysNothing(_ value: JSON, _ field: Field) -> Bool {
    switch (field.zero, field.type) {
    case (.keep, _), (_, .intOrString), (.show, .bytes): false
    default: field.type.isZero(value)
    }
  }

  private mutating func message(
    _ bytes: UnsafeBufferPointer<UInt8>, _ layout: MessageLayout, _ schema: ObjectSchema, _ values: inout [JSON?]
  ) throws(DecodeError) {
    depth += 1
    defer { depth -= 1 }
    if depth > Self.maximumDepth { throw DecodeError("proto: exceeded max depth") }
    var reader = ProtobufReader(bytes)
    while let tag = try reader.tag() {
      switch layout.entry(tag.number)?.content {
      case nil: try reader.skip(tag.type)
      case .inlined(let inner)?:
        try expect(.delimited, tag, schema.goName)
        try message(try reader.delimited(), inner, schema, &values)
      case .field(let position)?:
        let field = schema.fields[position]
        let old = values[position]
        values[position] = nil
        values[position] = try value(&reader, tag, field.type, old: old, name: field.name)
      }
    }
  }

  /// - Parameter old: what the field held before, to which lists and maps add.
  private mutating func value(
    _ reader: inout ProtobufReader, _ tag: ProtobufReader.Tag, _ type: FieldType, old: JSON?, name: String
  ) throws(DecodeError) -> JSON? {
    switch type {
    case .bool, .int32, .int64:
      try expect(.varint, tag, name)
      return scalar(try reader.varint(), type)
    case .double:
      try expect(.fixed64, tag, name)
      return number(Double(bitPattern: try reader.fixed64()))
    case .array(let element):
      return try list(&reader, tag, element, old: old, name: name)
    case .map(let type):
      try expect(.delimited, tag, name)
      return try entry(try reader.delimited(), type, old: old, name: name)
    default:
      try expect(.delimited, tag, name)
      return try delimited(try reader.delimited(), type)
    }
  }

  /// Whole numbers are integers in JSON, whatever they travelled as; what JSON cannot say is absent.
  private func number(_ value: Double) -> JSON? {
    guard value.isFinite else { return nil }
    if value.magnitude < 0x1p53, let whole = Int64(exactly: value) { return .int(whole) }
    return .double(value)
  }

  private func scalar(_ value: UInt64, _ type: FieldType) -> JSON {
    switch type {
    case .bool: .bool(value != 0)
    case .int32: .int(Int64(Int32(truncatingIfNeeded: value)))
    default: .int(Int64(bitPattern: value))
    }
  }

  private mutating func list(
    _ reader: inout ProtobufReader, _ tag: ProtobufReader.Tag, _ element: FieldType, old: JSON?, name: String
  ) throws(DecodeError) -> JSON {
    var elements = old?.array ?? []
    switch element {
    case .bool where tag.type == .delimited, .int32 where tag.type == .delimited,
      .int64 where tag.type == .delimited:
      // Packed: writers may choose this form, readers must know both.
      var packed = ProtobufReader(try reader.delimited())
      while !packed.isAtEnd { elements.append(scalar(try packed.varint(), element)) }
    default:
      if let value = try value(&reader, tag, element, old: nil, name: name) { elements.append(value) }
    }
    return .array(elements)
  }

  private mutating func entry(
    _ bytes: UnsafeBufferPointer<UInt8>, _ type: FieldType, old: JSON?, name: String
  ) throws(DecodeError) -> JSON {
    var reader = ProtobufReader(bytes)
    var key = ""
    var content: JSON?
    while let tag = try reader.tag() {
      switch tag.number {
      case 1:
        try expect(.delimited, tag, name)
        key = try reader.string()
      case 2:
        if case .array(let element) = type {
          try expect(.delimited, tag, name)
          content = try items(try reader.delimited(), element, name: name)
        } else {
          content = try value(&reader, tag, type, old: nil, name: name)
        }
      default: try reader.skip(tag.type)
      }
    }
    var result = old ?? .emptyObject
    result[key] = content ?? type.zeroValue
    return result
  }

  /// A list in a message of its own, as values of maps are.
  private mutating func items(
    _ bytes: UnsafeBufferPointer<UInt8>, _ element: FieldType, name: String
  ) throws(DecodeError) -> JSON {
    var reader = ProtobufReader(bytes)
    var result: JSON = .array([])
    while let tag = try reader.tag() {
      if tag.number == 1 {
        result = try list(&reader, tag, element, old: result, name: name)
      } else {
        try reader.skip(tag.type)
      }
    }
    return result
  }

  private mutating func delimited(
    _ bytes: UnsafeBufferPointer<UInt8>, _ type: FieldType
  ) throws(DecodeError) -> JSON? {
    switch type {
    case .string: return .string(String(decoding: bytes, as: UTF8.self))
    case .bytes: return .string(Base64.encode(bytes))
    case .object(let schema): return try object(bytes, schema)
    case .quantity:
      let text = try field(1, of: bytes).map { String(decoding: $0, as: UTF8.self) } ?? ""
      return .string(text.isEmpty ? "0" : text)
    case .intOrString: return try intOrString(bytes)
    case .time: return try instant(bytes).map { .string($0.rfc3339) }
    case .microTime: return try instant(bytes).map { .string($0.rfc3339Micro) }
    case .raw, .json, .fieldsV1: return try embedded(bytes)
    case .schemaOrArray(let schema): return try alternative(bytes, one: 1, schema, many: .object(schema))
    case .schemaOrBool(let schema): return try alternative(bytes, one: 2, schema, many: .bool)
    case .schemaOrStrings(let schema): return try alternative(bytes, one: 1, schema, many: .string)
    default: return nil
    }
  }

  /// The last occurrence of a field with a length in front.
  private func field(
    _ number: Int, of bytes: UnsafeBufferPointer<UInt8>
  ) throws(DecodeError) -> UnsafeBufferPointer<UInt8>? {
    var reader = ProtobufReader(bytes)
    var result: UnsafeBufferPointer<UInt8>?
    while let tag = try reader.tag() {
      if tag.number == number, tag.type == .delimited {
        result = try reader.delimited()
      } else {
        try reader.skip(tag.type)
      }
    }
    return result
  }

  private func embedded(_ bytes: UnsafeBufferPointer<UInt8>) throws(DecodeError) -> JSON? {
    guard let text = try field(1, of: bytes), !text.isEmpty else { return nil }
    do { return try JSON.parse(text) } catch { throw DecodeError(error.message) }
  }

  private func intOrString(_ bytes: UnsafeBufferPointer<UInt8>) throws(DecodeError) -> JSON {
    var reader = ProtobufReader(bytes)
    var isString = false
    var number: Int64 = 0
    var text = ""
    while let tag = try reader.tag() {
      switch (tag.number, tag.type) {
      case (1, .varint): isString = try reader.varint() == 1
      case (2, .varint): number = Int64(Int32(truncatingIfNeeded: try reader.varint()))
      case (3, .delimited): text = try reader.string()
      default: try reader.skip(tag.type)
      }
    }
    return isString ? .string(text) : .int(number)
  }

  /// A time; nil for Go's zero time, which is an empty message.
  private func instant(_ bytes: UnsafeBufferPointer<UInt8>) throws(DecodeError) -> Instant? {
    if bytes.isEmpty { return nil }
    var reader = ProtobufReader(bytes)
    var seconds: Int64 = 0
    var nanoseconds: Int64 = 0
    while let tag = try reader.tag() {
      switch (tag.number, tag.type) {
      case (1, .varint): seconds = Int64(bitPattern: try reader.varint())
      case (2, .varint): nanoseconds = Int64(Int32(truncatingIfNeeded: try reader.varint()))
      default: try reader.skip(tag.type)
      }
    }
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, carry) = product.addingReportingOverflow(nanoseconds)
    if overflow || carry { throw DecodeError("proto: time out of range") }
    return Instant(nanoseconds: sum)
  }

  /// `items` and its like: one schema in field `one`, or what `many` says in the other of the fields 1 and 2.
  private mutating func alternative(
    _ bytes: UnsafeBufferPointer<UInt8>, one: Int, _ schema: ObjectSchema, many: FieldType
  ) throws(DecodeError) -> JSON? {
    var reader = ProtobufReader(bytes)
    var single: JSON?
    var flag: JSON?
    var elements: [JSON] = []
    while let tag = try reader.tag() {
      if tag.number == one, tag.type == .delimited {
        single = try object(try reader.delimited(), schema)
      } else if tag.number == 1, tag.type == .varint {
        flag = .bool(try reader.varint() != 0)
      } else if tag.number == 2, tag.type == .delimited {
        if let value = try delimited(try reader.delimited(), many) { elements.append(value) }
      } else {
        try reader.skip(tag.type)
      }
    }
    return single ?? (elements.isEmpty ? flag : .array(elements))
  }

  private func expect(_ type: ProtobufWriter.WireType, _ tag: ProtobufReader.Tag, _ name: String) throws(DecodeError) {
    if tag.type != type { throw DecodeError("proto: wrong wireType = \(tag.type.rawValue) for field \(name)") }
  }
}
