import JSONCore
import Objects
import Testing

@testable import Validation

/// What schemas of custom resources ask of values, in the words of the stock server.
@Suite struct CustomSchemaTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var schema: JSON
    var value: JSON
    var faults: [String]

    init(_ schema: JSON, _ value: JSON, _ faults: String...) {
      (self.schema, self.value, self.faults) = (schema, value, faults)
    }

    var testDescription: String { "\(value.text) as \(schema.text)" }
  }

  static let rows: [Row] = [
    Row(["type": "integer", "minimum": 1], 1),
    Row(["type": "integer", "minimum": 1], 0, "v: Invalid value: 0: v in body should be greater than or equal to 1"),
    Row(
      ["type": "integer", "maximum": 10, "exclusiveMaximum": true], 10,
      "v: Invalid value: 10: v in body should be less than 10"),
    Row(["type": "integer", "multipleOf": 2], 3, "v: Invalid value: 3: v in body should be a multiple of 2"),
    Row(["type": "number"], 3),
    Row(["type": "integer"], 3.0),
    Row(
      ["type": "integer"], 1.5, #"v: Invalid value: "number": v in body must be of type integer: "number""#,
      #"<nil>: Invalid value: "": Checked value must be of type integer (default format) in v"#),
    Row(["type": "string", "maxLength": 2], "abc", "v: Too long: may not be more than 2 bytes"),
    Row(
      ["type": "string", "minLength": 2], "a", #"v: Invalid value: "a": v in body should be at least 2 chars long"#),
    Row(["type": "string", "pattern": "^a+$"], "b", #"v: Invalid value: "b": v in body should match '^a+$'"#),
    Row(["type": "string", "pattern": "b"], "abc"),
    Row(["type": "string", "enum": ["a", "b"]], "c", #"v: Unsupported value: "c": supported values: "a", "b""#),
    Row(["type": "string", "format": "date-time"], "2026-01-01T00:00:00Z"),
    Row(
      ["type": "string", "format": "ipv4"], "256.0.0.1",
      #"v: Invalid value: "256.0.0.1": v in body must be of type ipv4: "256.0.0.1""#),
    Row(["type": "string", "format": "ipv6"], "fd00::1"),
    Row(["type": "string", "format": "cidr"], "10.0.0.0/8"),
    Row(["type": "string", "format": "uuid"], "123e4567-e89b-12d3-a456-426614174000"),
    Row(["type": "string", "format": "duration"], "1h30m"),
    Row(["type": "string", "format": "of-our-own"], "anything"),
    Row(["type": "string", "nullable": true], .null),
    Row(["type": "string"], .null, #"v: Invalid value: "null": v in body must be of type string: "null""#),
    Row(
      ["x-kubernetes-int-or-string": true], true,
      #"v: Invalid value: "boolean": v in body must be of type integer,string: "boolean""#),
    Row(
      ["type": "array", "items": ["type": "string"], "maxItems": 1], ["a", "b"],
      "v: Too many: 2: must have at most 1 item"),
    Row(
      ["type": "array", "items": ["type": "string"]], ["a", 1],
      #"v[1]: Invalid value: "integer": v[1] in body must be of type string: "integer""#),
    Row(["type": "object", "required": ["a"], "properties": ["a": ["type": "string"]]], [:], "v.a: Required value"),
    Row(
      ["type": "object", "additionalProperties": ["type": "integer"]], ["k": "x"],
      #"v.k: Invalid value: "string": v.k in body must be of type integer: "string""#),
    Row(
      ["type": "string", "anyOf": [["enum": ["a"]], ["enum": ["b"]]]], "c",
      #"<nil>: Invalid value: "": "v" must validate at least one schema (anyOf)"#,
      #"v: Unsupported value: "c": supported values: "a""#),
    Row(
      ["type": "string", "oneOf": [["pattern": "a"], ["pattern": "b"]]], "ab",
      #"<nil>: Invalid value: "": "v" must validate one and only one schema (oneOf). Found 2 valid alternatives"#),
    Row(
      ["type": "string", "not": ["enum": ["a"]]], "a",
      #"<nil>: Invalid value: "": "v" must not validate the schema (not)"#),
  ]

  @Test(arguments: rows) func judgement(_ row: Row) {
    let schema = CustomSchema(["type": "object", "properties": ["v": row.schema]])
    #expect(schema.faults(["v": row.value]).map(\.description) == row.faults)
  }

  @Test func whatStaysAsItWasIsNotJudgedAgain() {
    let schema = CustomSchema([
      "type": "object",
      "properties": ["a": ["type": "string", "maxLength": 1], "b": ["type": "string", "maxLength": 1]],
    ])
    let old: JSON = ["a": "long", "b": "x"]
    #expect(schema.faults(["a": "long", "b": "y"], replacing: old).isEmpty)
    #expect(schema.faults(["a": "longer", "b": "y"], replacing: old).count == 1)
  }

  @Test func setsAndKeyedListsHoldEachOnce() {
    let schema = CustomSchema([
      "type": "object",
      "properties": [
        "set": ["type": "array", "x-kubernetes-list-type": "set", "items": ["type": "string"]],
        "map": [
          "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
          "items": ["type": "object", "properties": ["name": ["type": "string"]]],
        ],
      ],
    ])
    let value: JSON = ["set": ["a", "a"], "map": [["name": "x"], ["name": "y"], ["name": "x"]]]
    #expect(
      schema.duplicates(in: value).map(\.description) == [
        #"map[2]: Duplicate value: {"name":"x"}"#, #"set[1]: Duplicate value: "a""#,
      ])
  }

  static func definition(_ schema: JSON) -> JSON {
    [
      "metadata": ["name": "widgets.example.com"],
      "spec": [
        "group": "example.com", "scope": "Namespaced",
        "names": ["plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"],
        "versions": [["name": "v1", "served": true, "storage": true, "schema": ["openAPIV3Schema": schema]]],
        "conversion": ["strategy": "None"],
      ],
      "status": ["storedVersions": ["v1"]],
    ]
  }

  static let structural: [(JSON, [String])] = [
    (["type": "object"], []),
    ([:], ["type: Required value: must not be empty at the root"]),
    (["type": "array", "items": ["type": "string"]], [#"type: Invalid value: "array": must be object at the root"#]),
    (
      ["type": "object", "properties": ["a": [:]]],
      ["properties[a].type: Required value: must not be empty for specified object fields"]
    ),
    (["type": "object", "properties": ["a": ["x-kubernetes-preserve-unknown-fields": true]]], []),
    (
      ["type": "object", "properties": ["a": ["type": "array"]]],
      ["properties[a].items: Required value: must be specified"]
    ),
    (
      ["type": "object", "properties": ["a": ["type": "string"]], "additionalProperties": true],
      ["additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive"]
    ),
    (
      [
        "type": "object", "properties": ["a": ["type": "string"]],
        "anyOf": [["required": ["a"]], ["properties": ["a": ["pattern": "x"]]], ["not": ["required": ["b"]]]],
      ], []
    ),
    (
      [
        "type": "object",
        "properties": [
          "a": ["x-kubernetes-int-or-string": true, "anyOf": [["type": "integer"], ["type": "string"]]],
          "b": [
            "x-kubernetes-int-or-string": true, "allOf": [["anyOf": [["type": "integer"], ["type": "string"]]]],
          ],
        ],
      ], []
    ),
    (
      ["type": "object", "allOf": [["properties": ["a": ["minLength": 1], "metadata": ["minProperties": 1]]]]],
      ["allOf[0].properties[metadata]: Forbidden: must not be specified in a nested context"]
    ),
    (
      ["type": "object", "oneOf": [["properties": ["a": ["minLength": 1]]]]],
      ["properties[a]: Required value: because it is defined in spec.validation.openAPIV3Schema.oneOf[0].properties[a]"]
    ),
    (
      ["type": "object", "not": ["type": "string", "default": 1, "nullable": true, "additionalProperties": true]],
      [
        "not.type: Forbidden: must be empty to be structural",
        "not.additionalProperties: Forbidden: must be undefined to be structural",
        "not.default: Forbidden: must be undefined to be structural",
        "not.nullable: Forbidden: must be false to be structural",
      ]
    ),
    (
      ["type": "object", "properties": ["a": ["type": "array", "items": ["type": "string"], "uniqueItems": true]]],
      [
        "properties[a].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes "
          + "quadratic"
      ]
    ),
  ]

  /// A list of texts whose rule looks into each.
  static func searched(maxItems: Int?, maxLength: Int?) -> JSON {
    var text: JSON = ["type": "string"]
    if let maxLength { text["maxLength"] = JSON(maxLength) }
    var list: JSON = [
      "type": "array", "items": text, "x-kubernetes-validations": [["rule": "self.all(x, x.contains('gpu'))"]],
    ]
    if let maxItems { list["maxItems"] = JSON(maxItems) }
    return ["type": "object", "properties": ["tags": list]]
  }

  static let advice =
    " (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)"
  static let rule = "properties[tags].x-kubernetes-validations[0].rule: Forbidden: "

  /// The stock server takes just so many items of such lengths.
  static let bounds = [(909_090, 16), (333_333, 63), (94_339, 253), (24_154, 1024)]

  @Test(arguments: bounds) func rulesMayCostSoMuchAndNoMore(_ items: Int, _ length: Int) {
    #expect(Self.faults(Self.searched(maxItems: items, maxLength: length)).isEmpty)
    let faults = Self.faults(Self.searched(maxItems: items + 1, maxLength: length))
    #expect(faults.count == 1)
    #expect(faults.first?.hasPrefix(Self.rule + "estimated rule cost exceeds budget by factor of 1.0000") == true)
  }

  @Test func aRuleWithoutBoundsSpendsTheBudgetOfAll() {
    let name = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema"
    #expect(
      Self.faults(Self.searched(maxItems: nil, maxLength: nil)) == [
        Self.rule + "estimated rule cost exceeds budget by factor of more than 100x" + Self.advice,
        Self.rule + "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema",
        ": Forbidden: \(name) exceeds budget by factor of more than 100x" + Self.advice,
      ])
  }

  static func faults(_ schema: JSON) -> [String] {
    let resource = GroupResource("apiextensions.k8s.io", "customresourcedefinitions")
    return Validation.create(resource, definition(schema), isNamespaced: false).map {
      let text = String($0.description.dropFirst("spec.validation.openAPIV3Schema".count))
      return text.hasPrefix(".") ? String(text.dropFirst()) : text
    }
  }

  @Test(arguments: structural) func schemasMustBeStructural(_ schema: JSON, _ faults: [String]) {
    let errors = Validation.create(
      GroupResource("apiextensions.k8s.io", "customresourcedefinitions"), Self.definition(schema), isNamespaced: false)
    #expect(errors.map(\.description) == faults.map { "spec.validation.openAPIV3Schema." + $0 })
  }
}
