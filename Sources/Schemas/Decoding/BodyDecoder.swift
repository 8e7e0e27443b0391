import JSONCore
import Objects
import Values

/// One walk over a body and its schema: checks types, drops what is not declared, brings values into the form in which
/// they are stored, and sets defaults. What comes out is what Go would write after reading the body into its structs.
struct BodyDecoder {
  let setsDefaults: Bool
  /// The paths of dropped fields.
  var unknown: [String] = []
  private var place: [Step] = []

  /// More unknown fields than this are not worth a warning each.
  private static let maximumUnknown = 100

  private enum Step {
    case field(ObjectSchema, String)
    case element(Int)
    case entry(String)
  }

  init(setsDefaults: Bool) {
    self.setsDefaults = setsDefaults
    place.reserveCapacity(16)
  }

  mutating func object(_ json: JSON, _ schema: ObjectSchema) throws(DecodeError) -> JSON {
    guard case .object(let members) = json else {
      if schema.isStructural { return json }
      throw mismatch(json, schema.goType)
    }
    var fields = FieldWriter(schema, capacity: members.count, setsDefaults: setsDefaults)
    for (key, value) in members {
      guard let index = schema.table.position(of: key) else {
        if schema.preservesUnknownFields {
          fields.appendUnknown(key, value)
        } else {
          drop(key)
        }
        continue
      }
      let field = schema.fields[index]
      place.append(.field(schema, field.name))
      let decoded = try member(value, field, isStructural: schema.isStructural)
      place.removeLast()
      if let decoded { fields.append(decoded, at: index) }
    }
    fields.finish()
    var result = JSON.object(Members(sortedKeys: fields.keys, contents: fields.contents))
    for index in fields.fillings {
      let field = schema.fields[index]
      if case .object(let inner) = field.type, let value = result[field.name] {
        result[field.name] = try object(value, inner)
      }
    }
    if setsDefaults, let rule = schema.conditionalDefaults { rule(&result) }
    return result
  }

  /// The value to store; nil when the field counts as absent.
  private mutating func member(_ json: JSON, _ field: Field, isStructural: Bool) throws(DecodeError) -> JSON? {
    if json.isNull {
      if isStructural { return field.isNullable || (field.defaultValue == nil) ? json : nil }
      return nil
    }
    let decoded = isStructural ? try structural(json, field.type) : try value(json, field.type)
    switch field.zero {
    case .keep: return decoded
    case .omit: return field.type.isZero(decoded) ? nil : decoded
    case .show: return field.defaultValue != nil && field.type.isZero(decoded) ? nil : decoded
    }
  }

  /// Values of a custom resource: only objects are looked into.
  private mutating func structural(_ json: JSON, _ type: FieldType) throws(DecodeError) -> JSON {
    switch (type, json) {
    case (.object(let schema), .object): try object(json, schema)
    case (.array(let element), .array(let elements)): try list(elements, element, isStructural: true)
    case (.map(let value), .object(let members)): try map(members, value, isStructural: true)
    default: json
    }
  }

  mutating func value(_ json: JSON, _ type: FieldType) throws(DecodeError) -> JSON {
    switch type {
    case .string:
      if case .string = json { return json }
      throw mismatch(json, "string")
    case .bool:
      if case .bool = json { return json }
      throw mismatch(json, "bool")
    case .int32:
      if case .int(let number) = json, Int32(exactly: number) != nil { return json }
      throw mismatch(json, "int32")
    case .int64:
      if case .int = json { return json }
      throw mismatch(json, "int64")
    case .double:
      if json.double != nil { return json }
      throw mismatch(json, "float64")
    case .object(let schema): return try object(json, schema)
    case .array(let element):
      if case .array(let elements) = json { return try list(elements, element, isStructural: false) }
      throw mismatch(json, type.goType)
    case .map(let value):
      if case .object(let members) = json { return try map(members, value, isStructural: false) }
      throw mismatch(json, type.goType)
    case .raw, .json, .fieldsV1: return json
    case .schemaOrArray(let schema): return try schemaOrArray(json, schema)
    case .schemaOrBool(let schema):
      if case .bool = json { return json }
      return try object(json, schema)
    case .schemaOrStrings(let schema):
      if case .array(let elements) = json { return try list(elements, .string, isStructural: false) }
      return try object(json, schema)
    default: return try json.normalized(as: type)
    }
  }

  private mutating func schemaOrArray(_ json: JSON, _ schema: ObjectSchema) throws(DecodeError) -> JSON {
    if case .array(let elements) = json { return try list(elements, .object(schema), isStructural: false) }
    return try object(json, schema)
  }

  private mutating func list(
    _ elements: [JSON], _ type: FieldType, isStructural: Bool
  ) throws(DecodeError) -> JSON {
    var result: [JSON] = []
    result.reserveCapacity(elements.count)
    for index in elements.indices {
      place.append(.element(index))
      result.append(try element(elements[index], type, isStructural: isStructural))
      place.removeLast()
    }
    return .array(result)
  }

  private mutating func map(_ members: Members, _ type: FieldType, isStructural: Bool) throws(DecodeError) -> JSON {
    if case .string = type, !isStructural, members.allValues.allSatisfy({ $0.string != nil }) {
      return .object(members)
    }
    var contents: [JSON] = []
    contents.reserveCapacity(members.count)
    for (key, value) in members {
      place.append(.entry(key))
      contents.append(try element(value, type, isStructural: isStructural))
      place.removeLast()
    }
    return .object(Members(sortedKeys: members.allKeys, contents: contents))
  }

  /// An element of a list or map: null stands for the zero value of its type.
  private mutating func element(_ json: JSON, _ type: FieldType, isStructural: Bool) throws(DecodeError) -> JSON {
    if isStructural { return json.isNull ? json : try structural(json, type) }
    guard json.isNull else { return try value(json, type) }
    if case .object(let schema) = type { return try object(.emptyObject, schema) }
    return type.zeroValue
  }

  private mutating func drop(_ key: String) {
    guard unknown.count < Self.maximumUnknown else { return }
    var path = ""
    for step in place {
      switch step {
      case .field(_, let name), .entry(let name): path += path.isEmpty ? name : "." + name
      case .element(let index): path += "[\(index)]"
      }
    }
    unknown.append(path.isEmpty ? key : path + "." + key)
  }

  /// Go names the innermost struct, and the names of all fields on the way to it.
  private func mismatch(_ json: JSON, _ expected: String) -> DecodeError {
    var owner = ""
    var names: [String] = []
    for step in place {
      if case .field(let schema, let name) = step {
        owner = schema.goName
        names.append(name)
      }
    }
    let target =
      names.isEmpty ? "Go value" : "Go struct field \(owner).\(names.joined(separator: "."))"
    let isNumber = expected.hasPrefix("int") || expected.hasPrefix("float")
    return DecodeError("json: cannot unmarshal \(json.goKind(withNumber: isNumber)) into \(target) of type \(expected)")
  }
}

/// Puts an object's members together in the order of the schema, filling in on the way what is absent.
private struct FieldWriter {
  private let schema: ObjectSchema
  private let setsDefaults: Bool
  private var next = 0
  var keys: [String] = []
  var contents: [JSON] = []
  /// The positions of the objects that were filled in and have yet to be completed themselves.
  var fillings: [Int] = []

  init(_ schema: ObjectSchema, capacity: Int, setsDefaults: Bool) {
    self.schema = schema
    self.setsDefaults = setsDefaults
    keys.reserveCapacity(capacity + schema.filled.count)
    contents.reserveCapacity(capacity + schema.filled.count)
  }

  mutating func append(_ value: JSON, at index: Int) {
    fill(before: index)
    if next < schema.filled.count, schema.filled[next].index == index { next += 1 }
    keys.append(schema.fields[index].name)
    contents.append(value)
  }

  mutating func appendUnknown(_ key: String, _ value: JSON) {
    while next < schema.filled.count, precedes(schema.fields[schema.filled[next].index].name, key) { fillOne() }
    keys.append(key)
    contents.append(value)
  }

  mutating func finish() { fill(before: .max) }

  private mutating func fill(before index: Int) {
    while next < schema.filled.count, schema.filled[next].index < index { fillOne() }
  }

  private mutating func fillOne() {
    let filling = schema.filled[next]
    next += 1
    let field = schema.fields[filling.index]
    if field.zero != .show && !setsDefaults { return }
    keys.append(field.name)
    if !setsDefaults && field.defaultValue != nil {
      contents.append(field.type.zeroValue)
    } else {
      contents.append(filling.value)
    }
    if case .object = field.type, filling.value.object != nil { fillings.append(filling.index) }
  }

  private func precedes(_ left: String, _ right: String) -> Bool { left.utf8.lexicographicallyPrecedes(right.utf8) }
}

extension JSON {
  /// The word by which Go's decoder names what it found.
  func goKind(withNumber: Bool = false) -> String {
    switch self {
    case .null: "null"
    case .bool: "bool"
    case .int, .double: withNumber ? "number " + text : "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
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
