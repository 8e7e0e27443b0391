import JSONCore
import Objects
import Values

extension ObjectSchema {
  /// Appends an object's message. What is absent is left out, which readers take for the zero value.
  func encode(_ members: Members, to writer: inout ProtobufWriter) {
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: max(fields.count, 1)) { places in
      places.initialize(repeating: -1)
      for index in 0..<members.count {
        let (key, value) = members[index]
        if !value.isNull, let position = table.position(of: key) { places[position] = Int32(index) }
      }
      encode(message, members, UnsafeBufferPointer(places), to: &writer)
    }
  }

  private func encode(
    _ layout: MessageLayout, _ members: Members, _ places: UnsafeBufferPointer<Int32>, to writer: inout ProtobufWriter
  ) {
    for entry in layout.entries {
      switch entry.content {
      case .field(let position):
        let place = places[position]
        if place >= 0 { fields[position].type.encode(members[Int(place)].value, number: entry.number, to: &writer) }
      case .inlined(let inner):
        guard inner.positions.contains(where: { places[$0] >= 0 }) else { continue }
        writer.message(entry.number) { encode(inner, members, places, to: &$0) }
      }
    }
  }
}

extension FieldType {
  /// Appends a field. Values of another type than this are left out; decoding has refused them before.
  fileprivate func encode(_ json: JSON, number: Int, to writer: inout ProtobufWriter) {
    switch (self, json) {
    case (.string, .string(let text)): writer.string(number, text)
    case (.bool, .bool(let flag)): writer.varint(number, flag ? 1 : 0)
    case (.int32, .int(let value)), (.int64, .int(let value)): writer.varint(number, value)
    case (.double, _): if let value = json.double { writer.double(number, value) }
    case (.bytes, .string(let text)): writer.data(number, Base64.decode(text) ?? [])
    case (.quantity, .string(let text)): writer.message(number) { $0.string(1, text) }
    case (.intOrString, _): encodeIntOrString(json, number: number, to: &writer)
    case (.time, .string(let text)), (.microTime, .string(let text)):
      guard let instant = Instant(rfc3339: text) else { return }
      writer.message(number) {
        $0.varint(1, instant.seconds)
        $0.varint(2, instant.nanoseconds - instant.seconds * 1_000_000_000)
      }
    case (.raw, _), (.json, _), (.fieldsV1, _):
      let blob = json.blob
      writer.message(number) { $0.data(1, blob.bytes) }
    case (.object(let schema), .object(let members)): writer.message(number) { schema.encode(members, to: &$0) }
    case (.array(let element), .array(let elements)):
      for value in elements { element.encodeNested(value, number: number, to: &writer) }
    case (.map(let type), .object(let members)):
      for (key, value) in members {
        writer.message(number) {
          $0.string(1, key)
          type.encodeNested(value, number: 2, to: &$0)
        }
      }
    case (.schemaOrArray(let schema), _), (.schemaOrBool(let schema), _), (.schemaOrStrings(let schema), _):
      writer.message(number) { encodeAlternative(json, schema, to: &$0) }
    default: break
    }
  }

  /// An element or a map's value: null is written as an empty message or string, and a list gets a message of its own.
  private func encodeNested(_ json: JSON, number: Int, to writer: inout ProtobufWriter) {
    switch (self, json) {
    case (.array(let element), .array(let elements)):
      writer.message(number) { for value in elements { element.encode(value, number: 1, to: &$0) } }
    case (_, .null): writer.data(number, EmptyCollection())
    default: encode(json, number: number, to: &writer)
    }
  }

  private func encodeIntOrString(_ json: JSON, number: Int, to writer: inout ProtobufWriter) {
    writer.message(number) {
      switch json {
      case .string(let text):
        $0.varint(1, 1)
        $0.varint(2, 0)
        $0.string(3, text)
      default:
        $0.varint(1, 0)
        $0.varint(2, Int64(json.int ?? 0))
        $0.string(3, "")
      }
    }
  }

  /// The two forms of `items`, `additionalProperties` and `dependencies` have a field each; a boolean stands in field 1.
  private func encodeAlternative(_ json: JSON, _ schema: ObjectSchema, to writer: inout ProtobufWriter) {
    let isBool = if case .schemaOrBool = self { true } else { false }
    switch json {
    case .bool(let flag): writer.varint(1, flag ? 1 : 0)
    case .object(let members):
      if isBool { writer.varint(1, 1) }
      writer.message(isBool ? 2 : 1) { schema.encode(members, to: &$0) }
    case .array(let elements):
      let element: FieldType = if case .schemaOrArray = self { .object(schema) } else { .string }
      for value in elements { element.encode(value, number: 2, to: &writer) }
    default: break
    }
  }
}
