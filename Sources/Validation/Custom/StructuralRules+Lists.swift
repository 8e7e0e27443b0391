import JSONCore
import Objects

/// How the elements of a list are told apart must be said in full.
extension StructuralRules {
  static func listType(_ schema: JSON, _ path: Path, _ findings: inout Findings) {
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
}
