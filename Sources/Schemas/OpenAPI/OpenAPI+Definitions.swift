import JSONCore

/// Types as schemas.
extension OpenAPI {
  /// Every published type by its name, in the order of the names.
  /// - Parameter wanted: leaves out all others.
  func definitions(_ dialect: Dialect, only wanted: Set<String>? = nil) -> some Sequence<(String, JSON)> {
    var names = Set(catalog.schemas.filter { !$0.isInternal }.map(\.name))
    names.formUnion(Self.special.keys)
    names.formUnion(custom.keys)
    if let wanted { names.formIntersection(wanted) }
    return names.sorted().lazy.map { name in
      if let special = Self.special[name] ?? custom[name] { return (name, dialect == .v2 ? special.v2 : special.v3) }
      return (name, catalog.schema(named: name).map { definition($0, dialect) } ?? .emptyObject)
    }
  }

  func definition(_ schema: ObjectSchema, _ dialect: Dialect) -> JSON {
    var result: JSON = ["type": "object"]
    if !schema.documentation.isEmpty { result["description"] = .string(schema.documentation) }
    let required = schema.fields.filter(\.isRequired).map(\.name)
    if !required.isEmpty { result["required"] = JSON(required) }
    if !schema.fields.isEmpty {
      result["properties"] = .object(Members(schema.fields.map { ($0.name, property($0, dialect)) }))
    }
    let kinds = schema.isInEveryGroup ? everyGroup(schema.goName) : schema.groupVersionKinds
    if !kinds.isEmpty { result["x-kubernetes-group-version-kind"] = .array(kinds.map(\.json)) }
    if schema.isMapAtomic { result["x-kubernetes-map-type"] = "atomic" }
    if let unions = schema.unions { result["x-kubernetes-unions"] = unions }
    return result
  }

  /// A kind that every group version offers (DeleteOptions, WatchEvent).
  private func everyGroup(_ name: String) -> [GroupVersionKind] {
    groupVersions.map { GroupVersionKind(group: $0.group, version: $0.version, kind: name) }
  }

  private func property(_ field: Field, _ dialect: Dialect) -> JSON {
    var result = type(field.type, dialect)
    var extra: JSON = .emptyObject
    if !field.documentation.isEmpty { extra["description"] = .string(field.documentation) }
    if let listType = field.listType { extra["x-kubernetes-list-type"] = .string(listType.rawValue) }
    if !field.listKeys.isEmpty { extra["x-kubernetes-list-map-keys"] = JSON(field.listKeys) }
    if let isAtomic = field.isMapAtomic { extra["x-kubernetes-map-type"] = isAtomic ? "atomic" : "granular" }
    if let strategy = field.patchStrategy.published { extra["x-kubernetes-patch-strategy"] = .string(strategy) }
    if let key = field.mergeKey { extra["x-kubernetes-patch-merge-key"] = .string(key) }
    if let value = field.defaultValue, value.isScalar { extra["default"] = value }
    if dialect == .v3, !isForGenerators, !field.allowedValues.isEmpty {
      if result["items"] == nil {
        extra["enum"] = JSON(field.allowedValues)
      } else {
        result["items"]?["enum"] = JSON(field.allowedValues)
      }
    }
    if dialect == .v3, isForGenerators, field.isShownAsNull {
      // A reference cannot be null; what it leads to is written in its place.
      if let time = Self.special[field.type.publishedName] { result = time.v3 }
      extra["nullable"] = true
    }
    // In OpenAPI 3 whatever stands beside a reference is not read.
    if dialect == .v3, result["$ref"] != nil, extra != .emptyObject { result = ["allOf": [result]] }
    for (key, value) in extra.object ?? Members() { result[key] = value }
    return result
  }

  func type(_ type: FieldType, _ dialect: Dialect) -> JSON {
    switch type {
    case .string: ["type": "string"]
    case .bool: ["type": "boolean"]
    case .int32: ["type": "integer", "format": "int32"]
    case .int64: ["type": "integer", "format": "int64"]
    case .double: ["type": "number", "format": "double"]
    case .bytes: ["type": "string", "format": "byte"]
    case .array(let element): ["type": "array", "items": self.type(element, dialect)]
    case .map(let value): ["type": "object", "additionalProperties": self.type(value, dialect)]
    default: Self.reference(type.publishedName, dialect)
    }
  }

  static func reference(_ name: String, _ dialect: Dialect) -> JSON { ["$ref": .string(dialect.schemas + name)] }

  /// Types that are no objects, in both dialects.
  static let special: [String: (v2: JSON, v3: JSON)] = [
    FieldType.quantity.publishedName: (
      ["type": "string", "description": .string(quantityText)],
      ["oneOf": [["type": "string"], ["type": "number"]], "description": .string(quantityText)]
    ),
    FieldType.intOrString.publishedName: (
      ["type": "string", "format": "int-or-string", "description": .string(intOrStringText)],
      [
        "oneOf": [["type": "integer"], ["type": "string"]], "format": "int-or-string",
        "description": .string(intOrStringText),
      ]
    ),
    FieldType.time.publishedName: same(
      ["type": "string", "format": "date-time", "description": "A moment in RFC 3339, to the second."]),
    FieldType.microTime.publishedName: same(
      ["type": "string", "format": "date-time", "description": "A moment in RFC 3339, to the microsecond."]),
    FieldType.raw.publishedName: same(["type": "object", "description": "Any object, kept as it is."]),
    FieldType.fieldsV1.publishedName: same(
      ["type": "object", "description": "A set of fields, as a tree of their names."]),
    FieldType.json.publishedName: same(["description": "Any JSON value."]),
    apiextensions + "JSONSchemaPropsOrArray": same(["description": "A schema, or a list of schemas."]),
    apiextensions + "JSONSchemaPropsOrBool": same(["description": "A schema, or true or false."]),
    apiextensions + "JSONSchemaPropsOrStringArray": same(["description": "A schema, or a list of strings."]),
    "io.k8s.apimachinery.pkg.apis.meta.v1.Patch": same(
      ["type": "object", "description": "A change to an object, in the form that the content type names."]),
  ]

  private static let quantityText =
    "An amount as a decimal number with an optional suffix: 100m, 1.5, 2k, 512Mi, 1e3. "
    + "Amounts are rounded up to whole nano-units."

  private static let intOrStringText = "A whole number, or a text such as a port's name or a percentage."

  private static func same(_ json: JSON) -> (v2: JSON, v3: JSON) { (json, json) }

  static let apiextensions = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1."
}

extension FieldType {
  /// The name of the definition that a reference to this type leads to; "" for types that are written in place.
  var publishedName: String {
    switch self {
    case .quantity: "io.k8s.apimachinery.pkg.api.resource.Quantity"
    case .intOrString: "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
    case .time: "io.k8s.apimachinery.pkg.apis.meta.v1.Time"
    case .microTime: "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime"
    case .raw: "io.k8s.apimachinery.pkg.runtime.RawExtension"
    case .fieldsV1: "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1"
    case .json: OpenAPI.apiextensions + "JSON"
    case .schemaOrArray: OpenAPI.apiextensions + "JSONSchemaPropsOrArray"
    case .schemaOrBool: OpenAPI.apiextensions + "JSONSchemaPropsOrBool"
    case .schemaOrStrings: OpenAPI.apiextensions + "JSONSchemaPropsOrStringArray"
    case .object(let schema): schema.name
    case .string, .bool, .int32, .int64, .double, .bytes, .array, .map: ""
    }
  }
}

extension Field {
  /// Whether the server shows null for want of a value: in times, and in lists and maps that may be left out. Those that
  /// must be given are refused when they are empty.
  fileprivate var isShownAsNull: Bool {
    guard zero == .show, type.zeroValue.isNull else { return false }
    switch type {
    case .time, .microTime: return true
    default: return !isRequired
    }
  }
}

extension GroupVersionKind {
  var json: JSON { ["group": .string(group), "kind": .string(kind), "version": .string(version)] }
}

extension PatchStrategy {
  /// As it stands in `x-kubernetes-patch-strategy`.
  var published: String? {
    let words = [merges ? "merge" : nil, retainsKeys ? "retainKeys" : nil, replaces ? "replace" : nil].compactMap { $0 }
    return words.isEmpty ? nil : words.joined(separator: ",")
  }
}

extension JSON {
  var isScalar: Bool {
    switch self {
    case .bool, .int, .double, .string: true
    case .null, .array, .object, .encoded: false
    }
  }
}
