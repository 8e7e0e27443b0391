import JSONCore
import Objects

/// Alternatives (`allOf`, `anyOf`, `oneOf`, `not`) may only narrow down what the schema around them declares: they bring no
/// types, defaults or fields of their own.
extension StructuralRules {
  static func nested(in schema: JSON, _ path: Path, _ findings: inout Findings) {
    let before = findings.errors.count
    alternatives(of: schema, isIntOrString: isIntOrString(schema), path, &findings)
    // What is not structural in itself is not compared with what is around it.
    if findings.errors.count == before { completeness(of: schema, in: schema, path, path, &findings) }
  }

  private static func isIntOrString(_ schema: JSON) -> Bool { schema["x-kubernetes-int-or-string"]?.bool == true }

  /// The one pattern of types that is allowed, for it says what the extension says.
  private static let numberOrText: JSON = [["type": "integer"], ["type": "string"]]

  /// Every alternative of a schema, with its path.
  private static func parts(of schema: JSON, _ path: Path) -> [Part] {
    var result: [Part] = []
    for word in ["allOf", "anyOf", "oneOf"] {
      let path = path.child(word)
      for (index, part) in schema.list(word).enumerated() {
        result.append(Part(word: word, index: index, path: path.index(index), schema: part))
      }
    }
    if let not = schema["not"] { result.append(Part(word: "not", index: 0, path: path.child("not"), schema: not)) }
    return result
  }

  private struct Part {
    var word: String
    var index: Int
    var path: Path
    var schema: JSON
  }

  private static func alternatives(
    of schema: JSON, isIntOrString: Bool, _ path: Path, _ findings: inout Findings
  ) {
    let isPattern = isIntOrString && schema["anyOf"] == numberOrText
    for part in parts(of: schema, path) where !(isPattern && part.word == "anyOf") {
      // The pattern may also stand in the first of all.
      let mayHavePattern = isIntOrString && !isPattern && part.word == "allOf" && part.index == 0
      alternative(part.schema, mayHavePattern: mayHavePattern, part.path, &findings)
    }
  }

  private static func alternative(
    _ schema: JSON, mayHavePattern: Bool, _ path: Path, _ findings: inout Findings
  ) {
    pattern(schema, path, &findings)
    alternatives(of: schema, isIntOrString: mayHavePattern, path, &findings)
    if let items = schema["items"], items.object != nil {
      alternative(items, mayHavePattern: false, path.child("items"), &findings)
    }
    for (name, property) in schema["properties"]?.object ?? Members() {
      alternative(property, mayHavePattern: false, path.child("properties").key(name), &findings)
    }
    for field in ["type", "title", "description"] where !schema.text(field).isEmpty {
      findings.forbidden(path.child(field), "must be empty to be structural")
    }
    for field in ["additionalProperties", "default", "x-kubernetes-list-type", "x-kubernetes-map-type"]
    where !(schema[field] ?? .null).isNull {
      findings.forbidden(path.child(field), "must be undefined to be structural")
    }
    let flags = ["preserve-unknown-fields", "embedded-resource", "int-or-string"].map { "x-kubernetes-" + $0 }
    for field in ["nullable"] + flags where schema[field]?.bool == true {
      findings.forbidden(path.child(field), "must be false to be structural")
    }
    for field in ["x-kubernetes-list-map-keys", "x-kubernetes-validations"] where !schema.list(field).isEmpty {
      findings.forbidden(path.child(field), "must be empty to be structural")
    }
    if schema.at("properties", "metadata") != nil {
      findings.forbidden(path.child("properties").key("metadata"), "must not be specified in a nested context")
    }
  }

  // MARK: - completeness

  /// What alternatives speak of must be declared around them.
  private static func completeness(
    of schema: JSON, in around: JSON, _ aroundPath: Path, _ path: Path, _ findings: inout Findings
  ) {
    for part in parts(of: schema, path) { fields(of: part.schema, in: around, aroundPath, part.path, &findings) }
  }

  private static func fields(
    of schema: JSON, in around: JSON?, _ aroundPath: Path, _ path: Path, _ findings: inout Findings
  ) {
    guard let around else { return findings.required(aroundPath, "because it is defined in \(path)") }
    completeness(of: schema, in: around, aroundPath, path, &findings)
    if let items = schema["items"] {
      fields(of: items, in: around["items"], aroundPath.child("items"), path.child("items"), &findings)
    }
    for (name, property) in schema["properties"]?.object ?? Members() {
      // A map declares all its entries at once.
      let entries = around["additionalProperties"].flatMap { $0.object == nil ? nil : $0 }
      let (aroundPath, path) = (aroundPath.child("properties").key(name), path.child("properties").key(name))
      fields(of: property, in: around.at("properties", name) ?? entries, aroundPath, path, &findings)
    }
  }
}
