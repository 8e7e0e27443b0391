import JSONCore
import Objects

/// Rules of `resourcequotas`.
enum QuotaRules {
  private static let scopes = [
    "Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity",
    "VolumeAttributesClass",
  ]

  static let resourceQuota = Rule(
    object: { object, findings in
      let path = Path("spec")
      let spec = object["spec"] ?? .emptyObject
      for (name, value) in spec["hard"]?.object ?? Members() {
        bound(name, value, path.child("hard").key(name), &findings)
      }
      scopeList(spec, path.child("scopes"), &findings)
      if let selector = spec["scopeSelector"] { scopeSelector(selector, spec, path.child("scopeSelector"), &findings) }
    },
    update: { new, old, findings in
      let after = new["spec"]?.list("scopes") ?? []
      let before = old["spec"]?.list("scopes") ?? []
      if Set(after) != Set(before) {
        findings.invalid("spec.scopes", new["spec"]?["scopes"], "field is immutable")
      }
    })

  /// `hard[x]` or `used[x]`.
  static func bound(_ name: String, _ value: JSON, _ path: Path, _ findings: inout Findings) {
    resourceName(name, path, &findings)
    if !name.contains("/"), !ResourceNames.isOfQuotas(name) {
      findings.invalid(path, .string(name), "must be a standard resource for quota")
    }
    findings.amount(of: name, value, path)
  }

  static func resourceName(_ name: String, _ path: Path, _ findings: inout Findings) {
    let messages = Names.qualified(name)
    findings.invalid(path, name, messages: messages)
    guard messages.isEmpty, !name.contains("/"), !ResourceNames.isStandard(name) else { return }
    findings.invalid(path, .string(name), "must be a standard resource type or fully qualified")
  }

  private static func scopeList(_ spec: JSON, _ path: Path, _ findings: inout Findings) {
    let used = spec.list("scopes").compactMap(\.string)
    for scope in used {
      if !scopes.contains(scope) { findings.invalid(path, spec["scopes"], "unsupported scope") }
      for name in bounded(spec) where !isValid(scope, name) {
        findings.invalid(path, spec["scopes"], "unsupported scope applied to resource")
      }
    }
    conflicts(used, spec, path, &findings)
  }

  private static func scopeSelector(_ selector: JSON, _ spec: JSON, _ path: Path, _ findings: inout Findings) {
    let path = path.child("matchExpressions")
    let expressions = selector.list("matchExpressions")
    for expression in expressions {
      let scope = expression.text("scopeName")
      if !scopes.contains(scope) {
        findings.invalid(path.child("scopeName"), .string(scope), "unsupported scope")
      }
      for name in bounded(spec) where !isValid(scope, name) {
        findings.invalid(path, selector, as: selectorShape, "unsupported scope applied to resource")
      }
      let kind = expression.text("operator")
      if scopes.contains(scope), !["PriorityClass", "VolumeAttributesClass"].contains(scope), kind != "Exists" {
        findings.invalid(
          path.child("operator"), .string(kind),
          "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
            + "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or "
            + "ResourceQuotaScopeCrossNamespacePodAffinity")
      }
      operands(expression, kind, path, &findings)
    }
    conflicts(expressions.map { $0.text("scopeName") }, spec, path, &findings)
  }

  private static func operands(_ expression: JSON, _ kind: String, _ path: Path, _ findings: inout Findings) {
    let values = expression.list("values")
    switch kind {
    case "In", "NotIn":
      if values.isEmpty {
        findings.required(
          path.child("values"), "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector")
      }
    case "Exists", "DoesNotExist":
      if !values.isEmpty {
        findings.invalid(
          path.child("values"), .array(values),
          "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector")
      }
    default: findings.invalid(path.child("operator"), .string(kind), "not a valid selector operator")
    }
  }

  private static let selectorShape = GoShape.structure([
    .init(
      "matchExpressions",
      .list(.structure([.init("scopeName", .string), .init("operator", .string), .init("values")])))
  ])

  private static func conflicts(_ used: [String], _ spec: JSON, _ path: Path, _ findings: inout Findings) {
    for pair in [["BestEffort", "NotBestEffort"], ["Terminating", "NotTerminating"]]
    where pair.allSatisfy(used.contains) {
      findings.invalid(path, spec["scopes"], "conflicting scopes")
    }
  }

  private static func bounded(_ spec: JSON) -> [String] {
    (spec["hard"]?.object?.allKeys ?? []).filter(ResourceNames.isOfQuotas).sorted()
  }

  private static let computing: Set<String> = [
    "cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory",
  ]

  /// A scope is of use for some resources only.
  private static func isValid(_ scope: String, _ name: String) -> Bool {
    switch scope {
    case "Terminating", "NotTerminating", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity":
      name == "pods" || computing.contains(name)
    case "BestEffort": name == "pods"
    case "VolumeAttributesClass": ["persistentvolumeclaims", "requests.storage"].contains(name)
    default: true
    }
  }
}
