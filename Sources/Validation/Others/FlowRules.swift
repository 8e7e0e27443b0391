import JSONCore
import Objects

/// Rules of flow schemas and priority levels.
enum FlowRules {
  private static let lowestPrecedence = 10000

  static let schema = Rule(object: { object, findings in
    let spec = object["spec"] ?? .emptyObject
    let path = Path("spec")
    let precedence = spec["matchingPrecedence"]?.int ?? 0
    if precedence <= 0 {
      findings.invalid(path.child("matchingPrecedence"), JSON(precedence), "must be a positive value")
    } else if precedence > lowestPrecedence {
      findings.invalid(
        path.child("matchingPrecedence"), JSON(precedence), "must not be greater than \(lowestPrecedence)")
    } else if precedence == 1, object.at("metadata", "name") != "exempt" {
      findings.invalid(
        path.child("matchingPrecedence"), 1, "only the schema named 'exempt' may have matchingPrecedence 1")
    }
    if let method = spec["distinguisherMethod"] {
      findings.oneOf(
        path.child("distinguisherMethod").child("type"), method.text("type"), ["ByNamespace", "ByUser"])
    }
    let level = spec.at("priorityLevelConfiguration", "name")?.string ?? ""
    let place = path.child("priorityLevelConfiguration").child("name")
    if level.isEmpty {
      findings.required(place, "must reference a priority level")
    } else {
      findings.invalid(place, level, messages: Names.subdomain(level))
    }
    for (path, rule) in findings.elements(spec["rules"], path.child("rules")) {
      FlowRules.rule(rule, path, &findings)
    }
  })

  private static func rule(_ rule: JSON, _ path: Path, _ findings: inout Findings) {
    if rule.list("subjects").isEmpty {
      findings.required(path.child("subjects"), "subjects must contain at least one value")
    }
    for (path, subject) in findings.elements(rule["subjects"], path.child("subjects")) {
      findings.oneOf(path.child("kind"), subject.text("kind"), ["Group", "ServiceAccount", "User"])
    }
    if rule.list("resourceRules").isEmpty, rule.list("nonResourceRules").isEmpty {
      findings.required(path, "at least one of resourceRules and nonResourceRules has to be non-empty")
    }
    for (path, rule) in findings.elements(rule["resourceRules"], path.child("resourceRules")) {
      for field in ["verbs", "apiGroups", "resources"] where rule.list(field).isEmpty {
        let what =
          field == "verbs" ? "verbs must contain at least one value" : "resource rules must supply at least one "
        findings.required(
          path.child(field), field == "verbs" ? what : what + (field == "apiGroups" ? "api group" : "resource"))
      }
      if rule.list("namespaces").isEmpty, rule["clusterScope"]?.bool != true {
        findings.required(
          path.child("namespaces"), "resource rules that are not cluster scoped must supply at least one namespace")
      }
    }
    for (path, rule) in findings.elements(rule["nonResourceRules"], path.child("nonResourceRules")) {
      if rule.list("verbs").isEmpty { findings.required(path.child("verbs"), "verbs must contain at least one value") }
      if rule.list("nonResourceURLs").isEmpty {
        findings.required(path.child("nonResourceURLs"), "nonResourceURLs must contain at least one value")
      }
    }
  }

  static let level = Rule(object: { object, findings in
    let spec = object["spec"] ?? .emptyObject
    let path = Path("spec")
    switch spec.text("type") {
    case "Exempt":
      if spec["limited"] != nil {
        findings.forbidden(path.child("limited"), "must be nil if the type is not Limited")
      }
    case "Limited":
      if spec["exempt"] != nil { findings.forbidden(path.child("exempt"), "must be nil if the type is Limited") }
      guard let limited = spec["limited"] else {
        return findings.required(path.child("limited"), "must not be empty when type is Limited")
      }
      response(limited["limitResponse"] ?? .emptyObject, path.child("limited").child("limitResponse"), &findings)
      if let shares = limited["nominalConcurrencyShares"]?.int, shares < 0 {
        findings.invalid(
          path.child("limited").child("nominalConcurrencyShares"), JSON(shares), "must be a non-negative integer")
      }
    case let type: findings.oneOf(path.child("type"), type, ["Exempt", "Limited"])
    }
  })

  private static func response(_ response: JSON, _ path: Path, _ findings: inout Findings) {
    switch response.text("type") {
    case "Reject":
      if response["queuing"] != nil {
        findings.forbidden(path.child("queuing"), "must be nil if limited.limitResponse.type is not Limited")
      }
    case "Queue":
      guard let queuing = response["queuing"] else {
        return findings.required(path.child("queuing"), "must not be empty if limitResponse.type is Limited")
      }
      for field in ["queueLengthLimit", "queues", "handSize"] where (queuing[field]?.int ?? 0) <= 0 {
        findings.invalid(path.child("queuing").child(field), queuing[field] ?? 0, "must be positive")
      }
    case let type: findings.oneOf(path.child("type"), type, ["Queue", "Reject"])
    }
  }
}
