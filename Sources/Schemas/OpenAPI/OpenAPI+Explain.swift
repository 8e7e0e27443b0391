import JSONCore

/// What `explain` says of a kind or one of its fields, as data for a terminal or a page.
public struct Explanation: Sendable, Equatable {
  public struct Line: Sendable, Equatable {
    public var name: String
    /// `<string>`, `<[]Container>`: the type as kubectl prints it.
    public var type: String
    public var isRequired: Bool
    public var documentation: String
  }

  public var kind: GroupVersionKind
  /// The type of the field that was asked for; "" for the kind itself.
  public var type: String
  public var documentation: String
  /// The fields of the type, empty for plain values.
  public var fields: [Line]
}

extension OpenAPI {
  /// Explains a kind, or the field that `path` leads to; lists and maps are stepped into by themselves.
  /// - Returns: nil when there is no such field.
  public func explain(_ kind: Kind, path: [String] = []) -> Explanation? {
    var result = Explanation(
      kind: kind.groupVersionKind, type: "", documentation: kind.schema.documentation, fields: [])
    var schema: ObjectSchema? = kind.schema
    for name in path {
      guard let field = schema?.field(name) else { return nil }
      result.type = field.type.explained
      result.documentation = field.documentation
      schema = field.type.objectSchema
    }
    result.fields = (schema?.fields ?? []).map {
      Explanation.Line(
        name: $0.name, type: $0.type.explained, isRequired: $0.isRequired, documentation: $0.documentation)
    }
    return result
  }
}

extension FieldType {
  /// As kubectl prints it in angle brackets.
  fileprivate var explained: String {
    switch self {
    case .string, .bytes, .time, .microTime: "string"
    case .bool: "boolean"
    case .int32, .int64: "integer"
    case .double: "number"
    case .array(let element): "[]" + element.explained
    case .map(let value): "map[string]" + value.explained
    case .object(let schema): schema.goName
    default: String(publishedName.split(separator: ".").last ?? "")
    }
  }
}
