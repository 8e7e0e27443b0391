import Expressions

extension Kind {
  /// What expressions know of the objects: the types of their fields.
  public var valueType: ValueType {
    custom?.schema.valueType ?? schema.valueType(inside: [])
  }
}

extension ObjectSchema {
  /// - Parameter outer: the types around it; one that holds itself could go on for ever.
  fileprivate func valueType(inside outer: [ObjectSchema]) -> ValueType {
    if outer.contains(self) { return .dynamic }
    var known: [String: ObjectType.Field] = [:]
    for field in fields {
      known[field.name] = ObjectType.Field(key: field.name, type: field.type.valueType(inside: outer + [self]))
    }
    return .object(ObjectType(name: name, fields: known))
  }
}

extension FieldType {
  fileprivate func valueType(inside outer: [ObjectSchema]) -> ValueType {
    switch self {
    case .string, .quantity: .string
    case .bool: .bool
    case .int32, .int64: .int
    case .double: .double
    case .bytes: .bytes
    case .time, .microTime: .timestamp
    case .object(let schema): schema.valueType(inside: outer)
    case .array(let element): .list(element.valueType(inside: outer))
    case .map(let value): .map(.string, value.valueType(inside: outer))
    case .intOrString, .raw, .json, .fieldsV1, .schemaOrArray, .schemaOrBool, .schemaOrStrings: .dynamic
    }
  }
}
