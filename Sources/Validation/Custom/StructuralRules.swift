import Expressions
import JSONCore
import Objects

/// What makes a schema structural (KEP "vanilla OpenAPI subset"): every place has a type, and nothing is left to chance.
struct StructuralRules {
  /// Where a schema stands, in the words of the message that asks for its type.
  private enum Location: String {
    case root = "at the root"
    case items = "for specified array items"
    case field = "for specified object fields"
  }

  /// One place of the schema, with what is known of it.
  struct Place {
    var schema: JSON
    /// The same schema, read: it knows the types that rules are about.
    var read: CustomSchema
    var path: Path
    /// How large its values can become; nil where rules do not see them.
    var sizes: SizeTree?
    /// How many values of it an object can have; nil where nothing but the size of a request says.
    var cardinality: UInt64?
  }

  var findings: Findings
  /// Of expressions, which are told after all else.
  var ruleFindings: Findings
  var total = RuleCosts()

  static func root(_ schema: JSON, _ path: Path, _ findings: inout Findings) {
    if !schema.text("type").isEmpty, schema.text("type") != "object", types.contains(schema.text("type")) {
      findings.invalid(path.child("type"), schema["type"], "must be object at the root")
    }
    if let metadata = schema.at("properties", "metadata") { rootMetadata(metadata, path, &findings) }
    let read = CustomSchema(schema, isRoot: true)
    // Only where there are rules does it matter.
    let sizes = read.hasRules ? read.sizes() : nil
    let place = Place(schema: schema, read: read, path: path, sizes: sizes, cardinality: 1)
    var rules = StructuralRules(findings: findings, ruleFindings: findings.another())
    rules.judge(place, .root)
    rules.total.judge(path, &rules.ruleFindings)
    for error in rules.ruleFindings.errors { rules.findings.add(error) }
    findings = rules.findings
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

  private mutating func judge(_ place: Place, _ location: Location) {
    let (schema, path) = (place.schema, place.path)
    let before = findings.errors.count
    Self.type(schema, path, location, &findings)
    Self.forbidden(schema, path, &findings)
    Self.pattern(schema, path, &findings)
    Self.listType(schema, path, &findings)
    if let value = schema["default"], !value.isNull {
      for error in place.read.faults(value, at: path.child("default")) { findings.add(error) }
    }
    Self.nested(in: schema, path, &findings)
    judgeParts(place)
    // The types of a wrong schema would give errors of their own, which nobody could act on.
    if findings.errors.count == before { judgeRules(place) }
  }

  private mutating func judgeParts(_ place: Place) {
    let (schema, read, path) = (place.schema, place.read, place.path)
    for (name, property) in schema["properties"]?.object ?? Members() {
      guard let read = read.property(name) else { continue }
      let sizes = CustomSchema.expressible(name).flatMap { place.sizes?.fields[$0] }
      judge(
        Place(
          schema: property, read: read, path: path.child("properties").key(name), sizes: sizes,
          cardinality: place.cardinality), .field)
    }
    func inside(_ word: String, _ part: JSON, _ read: CustomSchema, limit: Int?) -> Place {
      Place(
        schema: part, read: read, path: path.child(word), sizes: place.sizes?.element,
        cardinality: limit.flatMap { limit in place.cardinality?.timesOrMost(UInt64(max(0, limit))) })
    }
    if let items = schema["items"], let read = read.items {
      judge(inside("items", items, read, limit: place.read.bounds.maxItems), .items)
    }
    if let rest = schema["additionalProperties"], let read = read.additional {
      judge(inside("additionalProperties", rest, read, limit: place.read.bounds.maxProperties), .field)
    }
  }

  private static func type(_ schema: JSON, _ path: Path, _ location: Location, _ findings: inout Findings) {
    let type = schema.text("type")
    let mayBeAny =
      schema["x-kubernetes-int-or-string"]?.bool == true || schema["x-kubernetes-preserve-unknown-fields"]?.bool == true
    if type.isEmpty {
      guard location == .root || !mayBeAny else { return embedded(schema, path, &findings) }
      findings.required(path.child("type"), "must not be empty \(location.rawValue)")
    } else {
      findings.supported(path.child("type"), type, types)
    }
    embedded(schema, path, &findings)
    if type == "array", schema["items"] == nil { findings.required(path.child("items"), "must be specified") }
  }

  private static func embedded(_ schema: JSON, _ path: Path, _ findings: inout Findings) {
    let type = schema.text("type")
    if schema["x-kubernetes-embedded-resource"]?.bool == true, type != "object" {
      if type.isEmpty {
        findings.required(path.child("type"), "must be object if x-kubernetes-embedded-resource is true")
      } else {
        findings.invalid(
          path.child("type"), schema["type"], "must be object if x-kubernetes-embedded-resource is true")
      }
    }
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

  static func pattern(_ schema: JSON, _ path: Path, _ findings: inout Findings) {
    guard let pattern = schema["pattern"]?.string, !TextPattern(pattern).isValid else { return }
    findings.invalid(
      path.child("pattern"), .string(pattern),
      "must be a valid regular expression, but isn't: error parsing regexp: invalid syntax: `\(pattern)`")
  }
}
