import Expressions
import JSONCore

/// How rules see the values of a schema.
extension CustomSchema {
  func makeValueType() -> ValueType {
    if isIntOrString { return .dynamic }
    switch type {
    case "boolean": return .bool
    case "integer": return .int
    case "number": return .double
    case "string": return Self.formats[bounds.format] ?? .string
    case "array": return .list(items?.valueType ?? .dynamic)
    case "object":
      if let additional { return .map(.string, additional.valueType) }
      if allowsAdditional { return .map(.string, .dynamic) }
      if properties.isEmpty, preservesUnknownFields { return .dynamic }
      return .object(objectType)
    default: return .dynamic
    }
  }

  private static let formats: [String: ValueType] = [
    "date-time": .timestamp, "datetime": .timestamp, "date": .timestamp, "duration": .duration, "byte": .bytes,
  ]

  private var objectType: ObjectType {
    var fields: [String: ObjectType.Field] = [:]
    for property in properties {
      guard let name = Self.expressible(property.name) else { continue }
      fields[name] = ObjectType.Field(key: property.name, type: property.schema.valueType)
    }
    if isRoot || isEmbeddedResource {
      for name in ["apiVersion", "kind"] { fields[name] = ObjectType.Field(key: name, type: .string) }
      fields["metadata"] = ObjectType.Field(key: "metadata", type: .object(Self.metadata))
    }
    return ObjectType(name: "object", fields: fields)
  }

  /// Of the metadata rules see the names alone.
  private static let metadata = ObjectType(
    name: "ObjectMeta",
    fields: [
      "name": ObjectType.Field(key: "name", type: .string),
      "generateName": ObjectType.Field(key: "generateName", type: .string),
    ])

  /// A property's name as expressions write it; nil for one that they cannot.
  static func expressible(_ name: String) -> String? {
    if reserved.contains(name) { return "__\(name)__" }
    var result = ""
    var rest = name[...]
    while let character = rest.popFirst() {
      switch character {
      case "_" where rest.first == "_":
        rest = rest.dropFirst()
        result += "__underscores__"
      case ".": result += "__dot__"
      case "-": result += "__dash__"
      case "/": result += "__slash__"
      default: result.append(character)
      }
    }
    guard let first = result.utf8.first, !(48...57).contains(first) else { return nil }
    return result.utf8.allSatisfy { $0 == 95 || Names.isAlphanumeric($0) } ? result : nil
  }

  private static let reserved: Set<String> = [
    "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let",
    "loop", "package", "namespace", "return", "var", "void", "while",
  ]
}
