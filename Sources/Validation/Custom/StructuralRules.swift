import Expressions
import JSONCore
import Objects

/// What makes a schema structural (KEP "vanilla OpenAPI subset"): every place has a type, and nothing is left to chance.
enum StructuralRules {
  /// Where a schema stands, in the words of the message that asks for its type.
  private enum Place: String {
    case root = "at the root"
    case items = "for specified array items"
    case field = "for specified object fields"
  }

  static func root(_ schema: JSON, _ path: Path, _ findings: inout Findings) {
    if !schema.text("type").isEmpty, schema.text("type") != "object", types.contains(schema.text("type")) {
      findings.invalid(path.child("type"), schema["type"], "must be object at the root")
    }
    if let metadata = schema.at("properties", "metadata") { rootMetadata(metadata, path, &findings) }
    judge(schema, CustomSchema(schema, isRoot: true), path, .root, &findings)
  }

  private static func rootMetadata(_ metadata: JSON, _ path: Path, _ findings: inout Findings) {
    let names = metadata["properties"]?.object?.allKeys ?? []
    if !Set(names).isSubset(of: ["name", "generateName"]) {
      findings.forbidden(
        path.child("properties").key("metadata"),
        "must not specify anything other than name and generateName, but metadata is implicitly specified")
    }
  }

  private static let types = ["array", "boolean", "integer", "number", "object", "string"]

  /// - Parameter read: the same schema, read: it knows the types that rules are about.
  private static func judge(
    _ schema: JSON, _ read: CustomSchema, _ path: Path, _ place: Place, _ findings: inout Findings
  ) {
    type(schema, path, place, &findings)
    forbidden(schema, path, &findings)
    pattern(schema, path, &findings)
    listType(schema, path, &findings)
    validations(schema, read.valueType, path, &findings)
    if let value = schema["default"], !value.isNull {
      for error in read.faults(value, at: path.child("default")) { findings.add(error) }
    }
    for word in ["allOf", "anyOf", "oneOf"] {
      for (path, part) in findings.elements(schema[word], path.child(word)) { pattern(part, path, &findings) }
    }
    if let not = schema["not"] { pattern(not, path.child("not"), &findings) }
    for (name, property) in schema["properties"]?.object ?? Members() {
      guard let read = read.property(name) else { continue }
      judge(property, read, path.child("properties").key(name), .field, &findings)
    }
    if let items = schema["items"], let read = read.items {
      judge(items, read, path.child("items"), .items, &findings)
    }
    if let rest = schema["additionalProperties"], let read = read.additional {
      judge(rest, read, path.child("additionalProperties"), .field, &findings)
    }
  }

  private static func type(_ schema: JSON, _ path: Path, _ place: Place, _ findings: inout Findings) {
    let type = schema.text("type")
    let mayBeAny =
      schema["x-kubernetes-int-or-string"]?.bool == true || schema["x-kubernetes-preserve-unknown-fields"]?.bool == true
    if type.isEmpty {
      if place == .root || !mayBeAny { findings.required(path.child("type"), "must not be empty \(place.rawValue)") }
    } else {
      findings.supported(path.child("type"), type, types)
    }
    if schema["x-kubernetes-embedded-resource"]?.bool == true, type != "object" {
      if type.isEmpty {
        findings.required(path.child("type"), "must be object if x-kubernetes-embedded-resource is true")
      } else {
        findings.invalid(
          path.child("type"), schema["type"], "must be object if x-kubernetes-embedded-resource is true")
      }
    }
    if type == "array", schema["items"] == nil { findings.required(path.child("items"), "must be specified") }
  }

  /// Parts of JSON schema that structural schemas do without.
  private static func forbidden(_ schema: JSON, _ path: Path, _ findings: inout Findings) {
    for (field, name) in [
      ("$ref", "$ref"), ("id", "id"), ("patternProperties", "patternProperties"), ("definitions", "definitions"),
      ("dependencies", "dependencies"), ("additionalItems", "additionalItems"),
    ] where schema[field] != nil {
      findings.forbidden(path.child(field), "\(name) is not supported")
    }
    if schema["uniqueItems"]?.bool == true {
      findings.forbidden(
        path.child("uniqueItems"), "uniqueItems cannot be set to true since the runtime complexity becomes quadratic")
    }
    if let rest = schema["additionalProperties"] {
      if rest.bool == false {
        findings.forbidden(path.child("additionalProperties"), "additionalProperties cannot be set to false")
      } else if !(schema["properties"]?.object?.isEmpty ?? true) {
        findings.forbidden(
          path.child("additionalProperties"), "additionalProperties and properties are mutual exclusive")
      }
    }
    if schema["items"]?.array != nil {
      findings.forbidden(path.child("items"), "items must be a schema object and not an array")
    }
  }

  private static func listType(_ schema: JSON, _ path: Path, _ findings: inout Findings) {
    let kind = schema.text("x-kubernetes-list-type")
    let keys = schema.list("x-kubernetes-list-map-keys").compactMap(\.string)
    let keyPath = path.child("x-kubernetes-list-map-keys")
    if kind.isEmpty {
      if !keys.isEmpty {
        findings.required(
          path.child("x-kubernetes-list-type"), "must be map if x-kubernetes-list-map-keys is non-empty")
      }
      return
    }
    if schema.text("type") != "array" {
      findings.invalid(path.child("type"), schema["type"], "must be array if x-kubernetes-list-type is specified")
    }
    findings.supported(path.child("x-kubernetes-list-type"), kind, ["atomic", "map", "set"])
    guard kind == "map" else { return }
    if keys.isEmpty { findings.required(keyPath, "must not be empty if x-kubernetes-list-type is map") }
    let items = schema["items"] ?? .emptyObject
    let required = items.list("required").compactMap(\.string)
    for (index, key) in keys.enumerated() {
      guard let property = items.at("properties", key) else {
        findings.invalid(keyPath.index(index), .string(key), "entries must all be names of item properties")
        continue
      }
      if ["array", "object"].contains(property.text("type")) {
        findings.invalid(
          path.child("items").child("properties").key(key).child("type"), property["type"],
          "must be a scalar type if parent array's x-kubernetes-list-type is map")
      }
      if !required.contains(key), property["default"] == nil {
        findings.required(
          path.child("items").child("properties").key(key).child("default"),
          "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property")
      }
    }
  }

  private static func pattern(_ schema: JSON, _ path: Path, _ findings: inout Findings) {
    guard let pattern = schema["pattern"]?.string, !TextPattern(pattern).isValid else { return }
    findings.invalid(
      path.child("pattern"), .string(pattern),
      "must be a valid regular expression, but isn't: error parsing regexp: invalid syntax: `\(pattern)`")
  }

  private static func validations(_ schema: JSON, _ type: ValueType, _ path: Path, _ findings: inout Findings) {
    for (path, rule) in findings.elements(
      schema["x-kubernetes-validations"], path.child("x-kubernetes-validations"))
    {
      if rule.text("rule").allSatisfy(\.isWhitespace) {
        findings.required(path.child("rule"), "rule is not specified")
        continue
      }
      expression("rule", rule, type, wanted: "bool", path, &findings)
      if !rule.text("messageExpression").isEmpty {
        expression("messageExpression", rule, type, wanted: "string", path, &findings)
      }
    }
  }

  /// One of a rule's two expressions: it must be readable, and give what is asked of it.
  private static func expression(
    _ field: String, _ rule: JSON, _ type: ValueType, wanted: String, _ path: Path, _ findings: inout Findings
  ) {
    let old: ValueType = rule["optionalOldSelf"]?.bool == true ? .optional(type) : type
    let problem: String
    do throws(CompileError) {
      let found = try Program(rule.text(field), variables: ["self": type, "oldSelf": old]).type.name
      if found == wanted || found == "dyn" { return }
      problem =
        field == "rule" ? "cel expression must evaluate to a bool" : "messageExpression must evaluate to a string"
    } catch {
      problem = "compilation failed: " + error.description(in: rule.text(field))
    }
    let path = path.child(field)
    findings.add(
      FieldError(reason: .invalid, field: path.description, message: "Invalid value: \(shown(rule)): \(problem)"))
  }

  /// A rule as the stock server prints it in an error: its own struct, in Go's JSON.
  private static func shown(_ rule: JSON) -> String {
    func text(_ field: String) -> String { JSON.string(rule.text(field)).text }
    let reason = rule["reason"]?.text ?? "null"
    let optional = rule["optionalOldSelf"]?.text ?? "null"
    let json =
      "{\"Rule\":\(text("rule")),\"Message\":\(text("message")),\"MessageExpression\":\(text("messageExpression")),"
      + "\"Reason\":\(reason),\"FieldPath\":\(text("fieldPath")),\"OptionalOldSelf\":\(optional)}"
    return json.map { Self.escapes[$0] ?? String($0) }.joined()
  }

  /// Go writes what could be taken for HTML as numbers.
  private static let escapes: [Character: String] = ["<": "\\u003c", ">": "\\u003e", "&": "\\u0026"]
}
