import JSONCore
import Objects

/// Rules of roles and their bindings.
enum RoleRules {
  private static let group = "rbac.authorization.k8s.io"

  static func role(isNamespaced: Bool) -> Rule {
    Rule(
      name: Names.pathSegment,
      object: { object, findings in
        if let aggregation = object["aggregationRule"] {
          let path = Path("aggregationRule.clusterRoleSelectors")
          if aggregation.list("clusterRoleSelectors").isEmpty {
            findings.required(path, "at least one clusterRoleSelector required if aggregationRule is non-nil")
          }
          for (path, selector) in findings.elements(aggregation["clusterRoleSelectors"], path) {
            findings.labelSelector(selector, path)
          }
        }
        for (path, rule) in findings.elements(object["rules"], "rules") {
          policyRule(rule, path, isNamespaced: isNamespaced, &findings)
        }
      }, isToldTwice: true)
  }

  private static func policyRule(_ rule: JSON, _ path: Path, isNamespaced: Bool, _ findings: inout Findings) {
    if rule.list("verbs").isEmpty { findings.required(path.child("verbs"), "verbs must contain at least one value") }
    if !rule.list("nonResourceURLs").isEmpty {
      if isNamespaced {
        findings.invalid(
          path.child("nonResourceURLs"), rule["nonResourceURLs"], "namespaced rules cannot apply to non-resource URLs")
      }
      if !rule.list("apiGroups").isEmpty || !rule.list("resources").isEmpty || !rule.list("resourceNames").isEmpty {
        findings.invalid(
          path.child("nonResourceURLs"), rule["nonResourceURLs"],
          "rules cannot apply to both regular resources and non-resource URLs")
      }
      return
    }
    if rule.list("apiGroups").isEmpty {
      findings.required(path.child("apiGroups"), "resource rules must supply at least one api group")
    }
    if rule.list("resources").isEmpty {
      findings.required(path.child("resources"), "resource rules must supply at least one resource")
    }
  }

  static func binding(kinds: [String]) -> Rule {
    Rule(
      name: Names.pathSegment,
      object: { object, findings in
        let reference = object["roleRef"] ?? .emptyObject
        if reference.text("apiGroup") != group {
          findings.add(.notSupported("roleRef.apiGroup", .string(reference.text("apiGroup")), [group]))
        }
        if !kinds.contains(reference.text("kind")) {
          findings.add(.notSupported("roleRef.kind", .string(reference.text("kind")), kinds))
        }
        if reference.text("name").isEmpty {
          findings.required("roleRef.name")
        } else {
          findings.invalid("roleRef.name", reference.text("name"), messages: Names.pathSegment(reference.text("name")))
        }
        for (path, subject) in findings.elements(object["subjects"], "subjects") {
          RoleRules.subject(subject, path, isNamespaced: kinds.count > 1, &findings)
        }
      },
      update: { new, old, findings in
        if new["roleRef"] == old["roleRef"] { return }
        findings.invalid("roleRef", new["roleRef"], as: .roleReference, "cannot change roleRef")
      }, isToldTwice: true)
  }

  private static func subject(
    _ subject: JSON, _ path: Path, isNamespaced: Bool, _ findings: inout Findings
  ) {
    if subject.text("name").isEmpty { findings.required(path.child("name")) }
    switch subject.text("kind") {
    case "ServiceAccount":
      if !subject.text("name").isEmpty {
        findings.invalid(path.child("name"), subject.text("name"), messages: Names.subdomain(subject.text("name")))
      }
      if !subject.text("apiGroup").isEmpty {
        findings.add(.notSupported(path.child("apiGroup"), subject["apiGroup"] ?? "", [""]))
      }
      if !isNamespaced, subject.text("namespace").isEmpty { findings.required(path.child("namespace")) }
    case "User", "Group":
      if subject.text("apiGroup") != group {
        findings.add(.notSupported(path.child("apiGroup"), subject["apiGroup"] ?? "", [group]))
      }
    case let kind:
      findings.add(.notSupported(path.child("kind"), .string(kind), ["ServiceAccount", "User", "Group"]))
    }
  }
}
