import JSONCore
import Objects

/// Rules of `resourcequotas` and `limitranges`.
enum QuotaRules {
  private static let scopes = [
    "Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity",
    "VolumeAttributesClass",
  ]

  static let resourceQuota = Rule(
    object: { object, findings in
      let path = Path("spec")
      for (name, value) in object["spec"]?["hard"]?.object ?? Members() {
        resourceName(name, path.child("hard").key(name), &findings)
        findings.quantity(value, path.child("hard").key(name))
      }
      let used = object["spec"]?.list("scopes").compactMap(\.string) ?? []
      for scope in used where !scopes.contains(scope) {
        findings.invalid(path.child("scopes"), object["spec"]?["scopes"], "unsupported scope")
      }
      for pair in [["BestEffort", "NotBestEffort"], ["Terminating", "NotTerminating"]]
      where pair.allSatisfy(used.contains) {
        findings.invalid(path.child("scopes"), object["spec"]?["scopes"], "conflicting scopes")
      }
    },
    update: { new, old, findings in
      findings.immutable("spec.scopes", new: new["spec"]?["scopes"], old: old["spec"]?["scopes"])
    })

  static func resourceName(_ name: String, _ path: Path, _ findings: inout Findings) {
    let messages = Names.qualified(name)
    findings.invalid(path, name, messages: messages)
    guard messages.isEmpty, !name.contains("/"), !isStandard(name) else { return }
    findings.invalid(path, .string(name), "must be a standard resource type or fully qualified")
  }

  /// Names of resources without a domain that somebody knows.
  static func isStandard(_ name: String) -> Bool {
    name.hasPrefix("requests.") || name.hasPrefix("limits.") || name.hasPrefix("count/")
      || name.hasPrefix("hugepages-")
      || [
        "cpu", "memory", "ephemeral-storage", "pods", "services", "replicationcontrollers", "resourcequotas", "secrets",
        "configmaps", "persistentvolumeclaims", "services.nodeports", "services.loadbalancers",
      ].contains(name)
  }

  static let limitRange = Rule(object: { object, findings in
    var seen = Set<String>()
    for (path, item) in findings.elements(object["spec"]?["limits"], "spec.limits") {
      let type = item.text("type")
      if !seen.insert(type).inserted { findings.duplicate(path.child("type"), .string(type)) }
      if !["Pod", "Container", "PersistentVolumeClaim"].contains(type), !type.contains("/") {
        findings.invalid(path.child("type"), .string(type), "must be a standard limit type or fully qualified")
      }
      if type == "Pod" {
        for field in ["default", "defaultRequest"] where item[field]?.object?.isEmpty == false {
          findings.forbidden(path.child(field), "may not be specified when `type` is 'Pod'")
        }
      }
      if type == "PersistentVolumeClaim", item.at("min", "storage") == nil, item.at("max", "storage") == nil {
        findings.required(
          path.child("limits"), "either minimum or maximum storage value is required, but neither was provided")
      }
      limits(item, path, &findings)
    }
  })

  private static func limits(_ item: JSON, _ path: Path, _ findings: inout Findings) {
    var names = Set<String>()
    for field in ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] {
      for key in item[field]?.object?.allKeys ?? [] { names.insert(key) }
    }
    func amount(_ field: String, _ name: String) -> Quantity? { Quantity(item[field]?[name]) }
    func check(
      _ field: String, _ name: String, _ low: Quantity?, _ high: Quantity?, _ shown: Quantity?,
      _ words: (Quantity, Quantity) -> String
    ) {
      guard let low, let high, low > high else { return }
      findings.invalid(path.child(field).key(name), .string((shown ?? low).description), words(low, high))
    }
    for name in names.sorted() {
      let (least, most) = (amount("min", name), amount("max", name))
      let (request, limit) = (amount("defaultRequest", name), amount("default", name))
      check("min", name, least, most, least) { "min value \($0) is greater than max value \($1)" }
      check("defaultRequest", name, least, request, request) {
        "min value \($0) is greater than default request value \($1)"
      }
      check("defaultRequest", name, request, most, request) {
        "default request value \($0) is greater than max value \($1)"
      }
      check("defaultRequest", name, request, limit, request) {
        "default request value \($0) is greater than default limit value \($1)"
      }
      check("default", name, least, limit, least) { "min value \($0) is greater than default value \($1)" }
      check("default", name, limit, most, most) { "default value \($0) is greater than max value \($1)" }
    }
  }
}
