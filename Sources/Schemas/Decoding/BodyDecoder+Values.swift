import JSONCore
import Objects

extension BodyDecoder {
  /// A field's value; the usual types are told apart without a look at the field itself.
  mutating func value(
    _ json: JSON, _ entry: UnsafeMutablePointer<FieldTable.Entry>, stored: JSON?
  ) throws(BodyError) -> JSON? {
    switch (entry.pointee.shape, json) {
    case (.string, .string), (.bool, .bool), (.int64, .int): return nil
    case (.int32, .int(let number)) where Int32(exactly: number) != nil: return nil
    case (.object, _):
      guard let schema = entry.pointee.object else { return nil }
      return try object(json, schema, stored: stored)
    case (.strings, .array(let elements)) where elements.allSatisfy(\.isString): return nil
    case (.stringMap, .object(let members)) where members.allSatisfy(\.value.isString): return nil
    default: return try value(json, entry.pointee.field.type)
    }
  }

  mutating func value(_ json: JSON, _ type: FieldType) throws(BodyError) -> JSON? {
    switch (type, json) {
    case (.string, .string), (.bool, .bool), (.int64, .int), (.double, .int), (.double, .double): return nil
    case (.int32, .int(let number)) where Int32(exactly: number) != nil: return nil
    case (.raw, _), (.json, _), (.fieldsV1, _), (.schemaOrBool, .bool): return nil
    case (.object(let schema), _), (.schemaOrBool(let schema), _): return try object(json, schema)
    case (.array(let element), .array(let elements)): return try list(elements, element, isStructural: false)
    case (.map(let value), .object(let members)): return try map(members, value, isStructural: false)
    case (.schemaOrArray(let schema), .array(let elements)):
      return try list(elements, .object(schema), isStructural: false)
    case (.schemaOrStrings, .array(let elements)): return try list(elements, .string, isStructural: false)
    case (.schemaOrArray(let schema), _), (.schemaOrStrings(let schema), _): return try object(json, schema)
    case (.quantity, _), (.intOrString, _), (.time, _), (.microTime, _), (.bytes, _):
      do { return try json.normalized(as: type) } catch { throw .message(error.message) }
    default: throw .type(json, type.goType)
    }
  }

  /// Values of a custom resource: only objects are looked into.
  mutating func structural(_ json: JSON, _ type: FieldType) throws(BodyError) -> JSON? {
    switch (type, json) {
    case (.object(let schema), .object): try object(json, schema)
    case (.array(let element), .array(let elements)): try list(elements, element, isStructural: true)
    case (.map(let value), .object(let members)): try map(members, value, isStructural: true)
    default: nil
    }
  }

  private mutating func list(_ elements: [JSON], _ type: FieldType, isStructural: Bool) throws(BodyError) -> JSON? {
    var result: [JSON]?
    for index in elements.indices {
      let before = unknownCount
      if let changed = try element(elements[index], type, isStructural: isStructural) {
        if result == nil { result = elements }
        result?[index] = changed
      }
      if unknownCount > before { prepend("[\(index)]", from: before) }
    }
    return result.map { .array($0) }
  }

  private mutating func map(_ members: Members, _ type: FieldType, isStructural: Bool) throws(BodyError) -> JSON? {
    var result: Members?
    for index in 0..<members.count {
      let (key, value) = members[index]
      let before = unknownCount
      if let changed = try element(value, type, isStructural: isStructural) {
        if result == nil { result = members }
        result?.setValue(changed, at: index)
      }
      if unknownCount > before { prepend(key, from: before) }
    }
    return result.map { .object($0) }
  }

  /// An element of a list or map: null stands for the zero value of its type.
  private mutating func element(_ json: JSON, _ type: FieldType, isStructural: Bool) throws(BodyError) -> JSON? {
    if isStructural { return json.isNull ? nil : try structural(json, type) }
    guard json.isNull else { return try value(json, type) }
    if case .object(let schema) = type { return try object(.emptyObject, schema) ?? .emptyObject }
    return type.zeroValue
  }
}

extension JSON {
  fileprivate var isString: Bool { if case .string = self { true } else { false } }

  /// The word by which Go's decoder names what it found.
  func goKind(withNumber: Bool = false) -> String {
    switch self {
    case .null: "null"
    case .bool: "bool"
    case .int, .double: withNumber ? "number " + text : "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    case .encoded(let text): text.value.goKind(withNumber: withNumber)
    }
  }
}

extension FieldType {
  /// The type's name in Go's errors.
  var goType: String {
    switch self {
    case .string, .time, .microTime, .quantity, .intOrString: "string"
    case .bool: "bool"
    case .int32: "int32"
    case .int64: "int64"
    case .double: "float64"
    case .bytes: "[]uint8"
    case .raw, .json, .fieldsV1: "interface {}"
    case .object(let schema), .schemaOrArray(let schema), .schemaOrBool(let schema), .schemaOrStrings(let schema):
      schema.goType
    case .array(let element): "[]" + element.goType
    case .map(let value): "map[string]" + value.goType
    }
  }
}
