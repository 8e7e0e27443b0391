import Expressions
import JSONCore

/// The values that one place of a custom resource may hold: a structural schema of a CustomResourceDefinition
/// (`openAPIV3Schema`), read once.
public final class CustomSchema: Sendable {
  /// The schema as it was written.
  public let source: JSON
  /// `object`, `array`, `string`, `integer`, `number`, `boolean`; "" where any type may stand.
  package let type: String
  package let properties: [(name: String, schema: CustomSchema)]
  let required: [String]
  /// Of an array.
  package let items: CustomSchema?
  /// Of the members of an object that are not declared; nil where there may be none, or any.
  package let additional: CustomSchema?
  package let allowsAdditional: Bool
  package let isNullable: Bool
  package let isIntOrString: Bool
  package let preservesUnknownFields: Bool
  package let isEmbeddedResource: Bool
  package let defaultValue: JSON?
  package let listType: ListKind?
  package let listKeys: [String]
  package let isMapAtomic: Bool
  let bounds: ValueBounds
  let allOf: [CustomSchema]
  let anyOf: [CustomSchema]
  let oneOf: [CustomSchema]
  let not: CustomSchema?
  package let description: String
  /// Whether it describes whole objects of a kind.
  let isRoot: Bool
  /// How rules see its values.
  package private(set) nonisolated(unsafe) var valueType = ValueType.dynamic
  /// Filled in once the types that they are about are known.
  private(set) nonisolated(unsafe) var rules: [CustomRule] = []
  /// Whether this place or any below it has rules.
  package private(set) nonisolated(unsafe) var hasRules = false

  /// - Parameter isRoot: of a kind, rather than of a field.
  public init(_ json: JSON, isRoot: Bool = false) {
    source = json
    self.isRoot = isRoot
    type = json.text("type")
    let declared = (json["properties"]?.object ?? Members()).map { (name: $0.key, schema: CustomSchema($0.value)) }
    properties = declared.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    required = json.list("required").compactMap(\.string)
    items = json["items"].flatMap { $0.object == nil ? nil : CustomSchema($0) }
    let rest = json["additionalProperties"]
    additional = rest?.object == nil ? nil : rest.map { CustomSchema($0) }
    allowsAdditional = rest?.object != nil || rest?.bool == true
    isNullable = json["nullable"]?.bool ?? false
    isIntOrString = json["x-kubernetes-int-or-string"]?.bool ?? false
    preservesUnknownFields = json["x-kubernetes-preserve-unknown-fields"]?.bool ?? false
    isEmbeddedResource = json["x-kubernetes-embedded-resource"]?.bool ?? false
    defaultValue = json["default"]
    listType = ListKind(rawValue: json.text("x-kubernetes-list-type"))
    listKeys = json.list("x-kubernetes-list-map-keys").compactMap(\.string)
    isMapAtomic = json.text("x-kubernetes-map-type") == "atomic"
    bounds = ValueBounds(json)
    allOf = json.list("allOf").map { CustomSchema($0) }
    anyOf = json.list("anyOf").map { CustomSchema($0) }
    oneOf = json.list("oneOf").map { CustomSchema($0) }
    not = json["not"].map { CustomSchema($0) }
    description = json.text("description")
    valueType = makeValueType()
    readRules()
  }

  /// Rules that do not compile were refused with the definition.
  private func readRules() {
    let sources = source.list("x-kubernetes-validations")
    if !sources.isEmpty {
      rules = sources.compactMap { source in
        do { return try CustomRule(source, of: valueType) } catch { return nil }
      }
    }
    hasRules =
      !rules.isEmpty || items?.hasRules == true || additional?.hasRules == true
      || properties.contains { $0.schema.hasRules }
  }

  public func property(_ name: String) -> CustomSchema? { properties.first { $0.name == name }?.schema }

  /// The schema at a path of properties; nil where it leads nowhere.
  func schema(at path: some Sequence<String>) -> CustomSchema? {
    path.reduce(Optional(self)) { $0?.property($1) ?? $0?.additional }
  }
}

/// How the elements of a list are told apart (`x-kubernetes-list-type`).
package enum ListKind: String, Sendable {
  case atomic, set, map
}

/// What a schema asks of numbers, strings, lists and objects beyond their type.
struct ValueBounds: Sendable {
  let minimum: Double?
  let maximum: Double?
  let excludesMinimum: Bool
  let excludesMaximum: Bool
  let multipleOf: Double?
  let minLength: Int?
  let maxLength: Int?
  let pattern: TextPattern?
  let format: String
  let minItems: Int?
  let maxItems: Int?
  let hasUniqueItems: Bool
  let minProperties: Int?
  let maxProperties: Int?
  /// nil: any value.
  let allowed: [JSON]?

  init(_ json: JSON) {
    minimum = json["minimum"]?.double
    maximum = json["maximum"]?.double
    excludesMinimum = json["exclusiveMinimum"]?.bool ?? false
    excludesMaximum = json["exclusiveMaximum"]?.bool ?? false
    multipleOf = json["multipleOf"]?.double
    minLength = json["minLength"]?.int
    maxLength = json["maxLength"]?.int
    pattern = json["pattern"]?.string.map(TextPattern.init)
    format = json.text("format")
    minItems = json["minItems"]?.int
    maxItems = json["maxItems"]?.int
    hasUniqueItems = json["uniqueItems"]?.bool ?? false
    minProperties = json["minProperties"]?.int
    maxProperties = json["maxProperties"]?.int
    allowed = json["enum"]?.array
  }
}
