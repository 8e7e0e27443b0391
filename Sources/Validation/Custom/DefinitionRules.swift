import JSONCore
import Objects

/// Rules of CustomResourceDefinitions (apiextensions' validation).
enum DefinitionRules {
  static let rule = Rule(
    object: { definition, findings in
      let spec = definition["spec"] ?? .emptyObject
      name(definition, spec, &findings)
      group(definition, spec, &findings)
      findings.oneOf("spec.scope", spec.text("scope"), ["Cluster", "Namespaced"])
      versions(spec, &findings)
      schemas(spec, &findings)
      names(spec["names"] ?? .emptyObject, Path("spec").child("names"), &findings)
      conversion(spec["conversion"] ?? .emptyObject, &findings)
      storedVersions(definition, spec, &findings)
    },
    update: { new, old, findings in
      for field in ["group", "scope"] {
        findings.immutable(Path("spec").child(field), new: new.at("spec", field), old: old.at("spec", field))
      }
      for field in ["plural", "kind"] {
        findings.immutable(
          Path("spec").child("names").child(field), new: new.at("spec", "names", field),
          old: old.at("spec", "names", field))
      }
    })

  private static func name(_ definition: JSON, _ spec: JSON, _ findings: inout Findings) {
    let wanted = (spec.at("names", "plural")?.string ?? "") + "." + spec.text("group")
    let name = definition["metadata"]?.text("name") ?? ""
    if name != wanted {
      findings.invalid("metadata.name", .string(name), "must be spec.names.plural+\".\"+spec.group")
    }
  }

  private static let approval = "api-approved.kubernetes.io"

  private static func group(_ definition: JSON, _ spec: JSON, _ findings: inout Findings) {
    let group = spec.text("group")
    if group.isEmpty { return findings.required("spec.group") }
    let messages = Names.subdomain(group)
    findings.invalid("spec.group", group, messages: messages)
    if messages.isEmpty, !group.contains(".") {
      findings.invalid("spec.group", .string(group), "should be a domain with at least one dot")
    }
    guard group.hasSuffix(".k8s.io") || group.hasSuffix(".kubernetes.io") else { return }
    let given = definition["metadata"]?.strings("annotations")[approval] ?? ""
    let path = Path("metadata").child("annotations").key(approval)
    let advice = "see https://github.com/kubernetes/enhancements/pull/1111"
    if given.isEmpty {
      findings.required(path, "protected groups must have approval annotation \"\(approval)\", \(advice)")
    } else if !given.hasPrefix("unapproved"), !given.hasPrefix("https://"), !given.hasPrefix("http://") {
      findings.invalid(
        path, .string(given),
        "protected groups must have approval annotation \"\(approval)\" with either a URL or a reason starting with "
          + "\"unapproved\", \(advice)")
    }
  }

  // MARK: - versions

  private static func versions(_ spec: JSON, _ findings: inout Findings) {
    let path = Path("spec").child("versions")
    let versions = spec.list("versions")
    let names = versions.map { $0.text("name") }
    if let first = names.first { findings.invalid("spec.version", first, messages: Names.label1035(first)) }
    for (path, version) in findings.elements(spec["versions"], path) {
      findings.invalid(path.child("name"), version.text("name"), messages: Names.label1035(version.text("name")))
      columns(version, path, &findings)
      subresources(version, path, &findings)
      selectableFields(version, path, &findings)
    }
    func wrong(_ rule: String) {
      findings.add(
        FieldError(reason: .invalid, field: path.description, message: "Invalid value: \(shown(versions)): \(rule)"))
    }
    if Set(names).count < names.count { wrong("must contain unique version names") }
    if versions.count(where: { $0["storage"]?.bool == true }) != 1 {
      wrong("must have exactly one version marked as storage version")
    }
    if spec["preserveUnknownFields"]?.bool == true {
      findings.invalid(
        "spec.preserveUnknownFields", true,
        "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead")
    }
  }

  /// The versions as the stock server prints them in an error: its own structs, without what all versions have in common.
  private static func shown(_ versions: [JSON]) -> String {
    let items = versions.map { version in
      func flag(_ name: String) -> String { version[name]?.bool == true ? "true" : "false" }
      let warning = version["deprecationWarning"]?.text ?? "null"
      return "{\"Name\":\(JSON.string(version.text("name")).text),\"Served\":\(flag("served")),"
        + "\"Storage\":\(flag("storage")),\"Deprecated\":\(flag("deprecated")),\"DeprecationWarning\":\(warning),"
        + "\"Schema\":null,\"Subresources\":null,\"AdditionalPrinterColumns\":null,\"SelectableFields\":null}"
    }
    return "[" + items.joined(separator: ",") + "]"
  }

  private static func columns(_ version: JSON, _ path: Path, _ findings: inout Findings) {
    let types = ["boolean", "date", "integer", "number", "string"]
    for (path, column) in findings.elements(version["additionalPrinterColumns"], path.child("additionalPrinterColumns"))
    {
      if column.text("name").isEmpty { findings.required(path.child("name")) }
      findings.oneOf(path.child("type"), column.text("type"), types)
      simplePath(column.text("jsonPath"), path.child("jsonPath"), allowsLists: true, &findings)
    }
  }

  private static func subresources(_ version: JSON, _ path: Path, _ findings: inout Findings) {
    guard let scale = version.at("subresources", "scale") else { return }
    let path = path.child("subresources").child("scale")
    for (field, start) in [("specReplicasPath", ".spec."), ("statusReplicasPath", ".status.")] {
      let value = scale.text(field)
      let place = path.child(field)
      if value.isEmpty {
        findings.required(place)
      } else if simplePath(value, place, allowsLists: false, &findings), !value.hasPrefix(start) {
        findings.invalid(place, .string(value), "should be a json path under \(start.dropLast())")
      }
    }
    let selector = scale.text("labelSelectorPath")
    let place = path.child("labelSelectorPath")
    if !selector.isEmpty, simplePath(selector, place, allowsLists: false, &findings),
      !selector.hasPrefix(".spec."), !selector.hasPrefix(".status.")
    {
      findings.invalid(place, .string(selector), "should be a json path under either .spec or .status")
    }
  }

  private static let maximumSelectableFields = 8

  private static func selectableFields(_ version: JSON, _ path: Path, _ findings: inout Findings) {
    let path = path.child("selectableFields")
    let fields = version.list("selectableFields")
    if fields.count > maximumSelectableFields {
      findings.add(.tooMany(path, count: fields.count, limit: maximumSelectableFields))
    }
    let schema = CustomSchema(version.at("schema", "openAPIV3Schema") ?? .emptyObject)
    var seen = Set<String>()
    for (path, field) in findings.elements(version["selectableFields"], path) {
      let text = field.text("jsonPath")
      let place = path.child("jsonPath")
      if text.isEmpty {
        findings.required(place)
      } else if simplePath(text, place, allowsLists: false, &findings) {
        let keys = text.split(separator: ".").map(String.init)
        if text.hasPrefix(".metadata") {
          findings.invalid(place, .string(text), "must not point to fields in metadata")
        } else if let target = schema.schema(at: keys), ["array", "object", ""].contains(target.type) {
          findings.invalid(
            place, .string(text),
            "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are "
              + "allowed.")
        } else if schema.schema(at: keys) == nil {
          findings.invalid(place, .string(text), "is an invalid path: does not refer to a valid field")
        }
      }
      if !seen.insert(text).inserted { findings.duplicate(place, .string(text)) }
    }
  }

  /// Whether a text is a path of names: `.spec.color`.
  @discardableResult
  private static func simplePath(
    _ text: String, _ path: Path, allowsLists: Bool, _ findings: inout Findings
  ) -> Bool {
    if text.isEmpty {
      findings.required(path)
      return false
    }
    guard text.hasPrefix(".") else {
      findings.invalid(path, .string(text), "must be a simple json path starting with .")
      return false
    }
    if !allowsLists, text.contains("[") {
      findings.invalid(path, .string(text), "must be a simple json path, with neither [] nor filters")
      return false
    }
    return true
  }

  // MARK: - schemas

  /// The stock server keeps a schema that all versions share in a place of its own, and names that place.
  private static func schemas(_ spec: JSON, _ findings: inout Findings) {
    let versions = spec.list("versions")
    let all = versions.map { $0.at("schema", "openAPIV3Schema") }
    let isShared = Set(all.map { $0?.text ?? "" }).count == 1
    for (index, schema) in all.enumerated() {
      guard let schema else {
        findings.required(
          Path("spec").child("versions").index(index).child("schema").child("openAPIV3Schema"))
        continue
      }
      if isShared, index > 0 { continue }
      let place =
        isShared ? Path("spec").child("validation") : Path("spec").child("versions").index(index).child("schema")
      StructuralRules.root(schema, place.child("openAPIV3Schema"), &findings)
    }
  }

  // MARK: - names

  static func names(_ names: JSON, _ path: Path, _ findings: inout Findings) {
    for field in ["plural", "singular", "kind", "listKind"] where names.text(field).isEmpty {
      findings.required(path.child(field))
    }
    for field in ["plural", "singular"] where !names.text(field).isEmpty {
      findings.invalid(path.child(field), names.text(field), messages: Names.label1035(names.text(field)))
    }
    for field in ["kind", "listKind"] where !names.text(field).isEmpty {
      let value = names.text(field)
      findings.invalid(
        path.child(field), value,
        messages: Names.label1035(value.lowercased()).map { "may have mixed case, but should otherwise match: " + $0 })
    }
    for field in ["shortNames", "categories"] {
      for (path, name) in findings.elements(names[field], path.child(field)) {
        findings.invalid(path, name.string ?? "", messages: Names.label1035(name.string ?? ""))
      }
    }
    if !names.text("kind").isEmpty, names.text("kind") == names.text("listKind") {
      findings.invalid(path.child("listKind"), names["listKind"], "kind and listKind may not be the same")
    }
  }

  // MARK: - conversion and history

  private static func conversion(_ conversion: JSON, _ findings: inout Findings) {
    let path = Path("spec").child("conversion")
    findings.oneOf(path.child("strategy"), conversion.text("strategy"), ["None", "Webhook"])
    let isWebhook = conversion.text("strategy") == "Webhook"
    let client = conversion.at("webhook", "clientConfig")
    if isWebhook {
      if client == nil {
        findings.required(path.child("webhookClientConfig"), "required when strategy is set to Webhook")
      }
      if conversion.at("webhook")?.list("conversionReviewVersions").isEmpty ?? true {
        findings.required(path.child("conversionReviewVersions"))
      }
    } else if client != nil {
      findings.forbidden(
        path.child("webhookClientConfig"), "should not be set when strategy is not set to Webhook")
    }
  }

  private static func storedVersions(_ definition: JSON, _ spec: JSON, _ findings: inout Findings) {
    let path = Path("status").child("storedVersions")
    let stored = (definition["status"]?.list("storedVersions") ?? []).compactMap(\.string)
    if stored.isEmpty {
      findings.invalid(path, .null, "must have at least one stored version")
      return
    }
    var open = stored
    for version in spec.list("versions") {
      let name = version.text("name")
      if version["storage"]?.bool == true, !open.contains(name) {
        findings.invalid(path, JSON(stored), "must have the storage version \(name)")
      }
      open.removeAll { $0 == name }
    }
    for name in open {
      findings.invalid(
        path.index(stored.firstIndex(of: name) ?? 0), .string(name),
        "missing from spec.versions; \(name) was previously a storage version, and must remain in spec.versions until a "
          + "storage migration ensures no data remains persisted in \(name) and removes \(name) from status.storedVersions"
      )
    }
  }
}
