import JSONCore

/// What `explain` says of a kind or one of its fields, as data for a terminal or a page.
public struct Explanation: Sendable, Equatable {
  public struct Line: Sendable, Equatable {
    public var name: String
    /// `string`, `[]Container`: the type as kubectl prints it.
    public var type: String
    public var isRequired: Bool
    /// What the field becomes when it is left out; nil where that is nothing, or depends on other fields.
    public var defaultValue: JSON?
    /// The only values that it takes; empty where any will do.
    public var allowedValues: [String]
    /// The bounds of a number.
    public var minimum: Int64?
    public var maximum: Int64?
    public var documentation: String
    /// Whether it has fields of its own, so that a path can go on.
    public var hasFields: Bool
  }

  public var kind: GroupVersionKind
  /// The field that was asked for; nil for the kind itself.
  public var field: Line?
  public var documentation: String
  /// The fields of the type, empty for plain values.
  public var fields: [Line]

  /// The type of the field that was asked for; "" for the kind itself.
  public var type: String { field?.type ?? "" }
}

extension OpenAPI {
  /// Explains a kind, or the field that `path` leads to; lists and maps are stepped into by themselves.
  /// - Returns: nil when there is no such field.
  public func explain(_ kind: Kind, path: [String] = []) -> Explanation? {
    var result = Explanation(
      kind: kind.groupVersionKind, field: nil, documentation: kind.schema.documentation, fields: [])
    var schema: ObjectSchema? = kind.schema
    for name in path {
      guard let field = schema?.field(name) else { return nil }
      result.field = Explanation.Line(field)
      result.documentation = field.documentation
      schema = field.type.objectSchema
    }
    result.fields = (schema?.fields ?? []).map(Explanation.Line.init)
    return result
  }
}

extension Explanation.Line {
  init(_ field: Field) {
    let value = field.defaultValue
    self.init(
      name: field.name, type: field.type.explained, isRequired: field.isRequired,
      defaultValue: value?.isScalar == true ? value : nil, allowedValues: field.allowedValues, minimum: field.minimum,
      maximum: field.maximum, documentation: field.documentation,
      hasFields: field.type.objectSchema.map { !$0.fields.isEmpty } ?? false)
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
    case .object(let schema): schema.goName.isEmpty ? "Object" : schema.goName
    default: String(publishedName.split(separator: ".").last ?? "")
    }
  }
}
