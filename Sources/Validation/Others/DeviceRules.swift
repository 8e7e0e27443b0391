import Expressions
import JSONCore
import Objects

/// Rules of `resource.k8s.io`: claims of devices, and classes to claim from.
enum DeviceRules {
  static let claim = Rule(
    object: { object, findings in
      devices(object.at("spec", "devices") ?? .emptyObject, Path("spec").child("devices"), &findings)
    },
    update: { new, old, findings in findings.immutable("spec", new: new["spec"], old: old["spec"]) })

  static let template = Rule(
    object: { object, findings in
      let path = Path("spec")
      findings.labels(object.at("spec", "metadata", "labels"), path.child("metadata").child("labels"))
      findings.annotations(object.at("spec", "metadata", "annotations"), path.child("metadata").child("annotations"))
      devices(
        object.at("spec", "spec", "devices") ?? .emptyObject, path.child("spec").child("devices"), &findings)
    },
    update: { new, old, findings in findings.immutable("spec", new: new["spec"], old: old["spec"]) })

  static let deviceClass = Rule(object: { object, findings in
    let (spec, path) = (object["spec"] ?? .emptyObject, Path("spec"))
    selectors(spec, path, &findings)
    for (path, settings) in limited(spec, "config", path, &findings) { opaque(settings, path, &findings) }
    if let name = spec["extendedResourceName"]?.string, !ResourceNames.isExtended(name) {
      findings.invalid(path.child("extendedResourceName"), .string(name), "must be a valid extended resource name")
    }
  })

  static let maximumCount = 32
  private static let maximumAlternatives = 8
  private static let maximumTolerations = 16
  static let longestDriverName = 63

  /// The elements of a list; none where there are too many of them.
  static func limited(
    _ object: JSON, _ field: String, _ path: Path, limit: Int = maximumCount, _ findings: inout Findings
  ) -> PathElements {
    let path = path.child(field)
    let count = object.list(field).count
    if count <= limit { return findings.elements(object[field], path) }
    findings.add(.tooMany(path, count: count, limit: limit))
    return findings.elements(nil, path)
  }

  static func name(_ name: String, _ path: Path, _ grammar: (String) -> [String], _ findings: inout Findings) {
    if name.isEmpty { return findings.required(path) }
    findings.invalid(path, name, messages: grammar(name))
  }

  static func driver(_ text: String, _ path: Path, _ findings: inout Findings) {
    if text.utf8.count > longestDriverName { findings.add(.tooLong(path, limit: longestDriverName)) }
    name(text, path, Names.subdomain, &findings)
  }

  // MARK: - requests

  private static func devices(_ devices: JSON, _ path: Path, _ findings: inout Findings) {
    var names = Set<String>()
    for (path, request) in limited(devices, "requests", path, &findings) {
      self.request(request, path, &findings)
      unique(request.text("name"), path.child("name"), &names, &findings)
    }
    for request in devices.list("requests") {
      for part in request.list("firstAvailable") { names.insert("\(request.text("name"))/\(part.text("name"))") }
    }
    for (path, constraint) in limited(devices, "constraints", path, &findings) {
      references(constraint, path, names, &findings)
      guard
        let (field, value) = ["matchAttribute", "distinctAttribute"].lazy
          .compactMap({ field in constraint[field]?.string.map { (field, $0) } }).first
      else {
        findings.required(path.child("matchAttribute"))
        continue
      }
      attributeName(value, path.child(field), &findings)
    }
    for (path, settings) in limited(devices, "config", path, &findings) {
      references(settings, path, names, &findings)
      opaque(settings, path, &findings)
    }
  }

  static func unique(_ name: String, _ path: Path, _ names: inout Set<String>, _ findings: inout Findings) {
    if !names.insert(name).inserted { findings.duplicate(path, .string(name)) }
  }

  private static func request(_ request: JSON, _ path: Path, _ findings: inout Findings) {
    name(request.text("name"), path.child("name"), Names.label, &findings)
    let alternatives = request.list("firstAvailable")
    let words = "exactly one of `exactly` or `firstAvailable` is required"
    switch (request["exactly"] != nil, alternatives.isEmpty) {
    case (false, true): findings.required(path, words)
    case (true, false): findings.invalid(path, .null, words + ", but multiple fields are set")
    default: break
    }
    if let exactly = request["exactly"] { wish(exactly, path.child("exactly"), &findings) }
    var names = Set<String>()
    for (path, part) in limited(request, "firstAvailable", path, limit: maximumAlternatives, &findings) {
      name(part.text("name"), path.child("name"), Names.label, &findings)
      wish(part, path, &findings)
      unique(part.text("name"), path.child("name"), &names, &findings)
    }
  }

  /// Which devices of a class, and how many.
  private static func wish(_ wish: JSON, _ path: Path, _ findings: inout Findings) {
    name(wish.text("deviceClassName"), path.child("deviceClassName"), Names.subdomain, &findings)
    selectors(wish, path, &findings)
    let count = wish["count"]?.int ?? 0
    switch wish.text("allocationMode") {
    case "All":
      if count != 0 {
        findings.invalid(path.child("count"), JSON(count), "must not be specified when allocationMode is 'All'")
      }
    case "ExactCount":
      if count <= 0 { findings.invalid(path.child("count"), JSON(count), "must be greater than zero") }
    case let mode: findings.supported(path.child("allocationMode"), mode, ["All", "ExactCount"])
    }
    for (path, toleration) in limited(wish, "tolerations", path, limit: maximumTolerations, &findings) {
      self.toleration(toleration, path, &findings)
    }
  }

  private static func toleration(_ toleration: JSON, _ path: Path, _ findings: inout Findings) {
    let key = toleration.text("key")
    if !key.isEmpty { findings.invalid(path.child("key"), key, messages: Names.qualified(key)) }
    switch toleration.text("operator") {
    case "Exists":
      if !toleration.text("value").isEmpty {
        findings.invalid(path.child("value"), toleration["value"], "must be empty for operator `Exists`")
      }
    case "Equal":
      let value = toleration.text("value")
      findings.invalid(path.child("value"), value, messages: Names.labelValue(value))
    case "": findings.required(path.child("operator"))
    case let word: findings.supported(path.child("operator"), word, ["Equal", "Exists"])
    }
    let effect = toleration.text("effect")
    if !effect.isEmpty { findings.supported(path.child("effect"), effect, ["NoExecute", "NoSchedule", "None"]) }
  }
}
