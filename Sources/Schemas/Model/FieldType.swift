/// What a field may hold.
public indirect enum FieldType: Sendable {
  case string
  case bool
  case int32
  case int64
  case double
  /// Base64 in JSON.
  case bytes
  /// An amount such as `1500m` or `1Gi`.
  case quantity
  /// A port by number or name, a count or a percentage.
  case intOrString
  /// RFC 3339 in seconds.
  case time
  /// RFC 3339 in microseconds.
  case microTime
  /// Any object, kept as it is (runtime.RawExtension).
  case raw
  /// Any JSON value.
  case json
  /// The set of fields a manager owns, as a tree (metav1.FieldsV1).
  case fieldsV1
  case object(ObjectSchema)
  case array(FieldType)
  case map(FieldType)
  /// A JSON schema or a list of them.
  case schemaOrArray(ObjectSchema)
  /// A JSON schema or a boolean.
  case schemaOrBool(ObjectSchema)
  /// A JSON schema or a list of strings.
  case schemaOrStrings(ObjectSchema)
}

extension FieldType {
  /// The schema of the objects in a field: of itself, of its elements or of its entries.
  public var objectSchema: ObjectSchema? {
    switch self {
    case .object(let schema): schema
    case .array(let element), .map(let element): element.objectSchema
    default: nil
    }
  }

  var isFieldSet: Bool { if case .fieldsV1 = self { true } else { false } }

  /// The elements' type of an array.
  public var element: FieldType? { if case .array(let element) = self { element } else { nil } }

  /// The values' type of a map.
  public var mapValue: FieldType? { if case .map(let value) = self { value } else { nil } }
}
