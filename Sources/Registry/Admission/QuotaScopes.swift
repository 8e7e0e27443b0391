import JSONCore
import Objects

/// Which objects a quota with scopes is about.
enum QuotaScopes {
  static func hasScopes(_ quota: JSON) -> Bool {
    !(quota["spec"]?.list("scopes") ?? []).isEmpty
      || !(quota.at("spec", "scopeSelector", "matchExpressions")?.array ?? []).isEmpty
  }

  static func cover(_ quota: JSON, _ object: JSON, _ resource: GroupResource) -> Bool {
    guard hasScopes(quota) else { return true }
    // Every scope but those of storage is about pods.
    let scopes = (quota["spec"]?.list("scopes") ?? []).compactMap(\.string)
    let expressions = quota.at("spec", "scopeSelector", "matchExpressions")?.array ?? []
    guard resource == .pods else {
      return resource == .claims && scopes.isEmpty
        && expressions.allSatisfy {
          $0.text("scopeName") == "VolumeAttributesClass" && matches($0, volumeClass(object))
        }
    }
    return scopes.allSatisfy { holds($0, object) }
      && expressions.allSatisfy { expression in
        expression.text("scopeName") == "PriorityClass"
          ? matches(expression, object["spec"]?["priorityClassName"]?.string)
          : holds(expression.text("scopeName"), object)
      }
  }

  private static func volumeClass(_ claim: JSON) -> String? {
    claim.at("spec", "volumeAttributesClassName")?.string
  }

  private static func holds(_ scope: String, _ pod: JSON) -> Bool {
    let hasDeadline = pod.at("spec", "activeDeadlineSeconds")?.int != nil
    let isBestEffort = QualityOfService(pod) == .bestEffort
    switch scope {
    case "Terminating": return hasDeadline
    case "NotTerminating": return !hasDeadline
    case "BestEffort": return isBestEffort
    case "NotBestEffort": return !isBestEffort
    case "PriorityClass": return pod.at("spec", "priorityClassName") != nil
    case "CrossNamespacePodAffinity": return reachesOut(pod)
    default: return false
    }
  }

  private static func reachesOut(_ pod: JSON) -> Bool {
    let affinity = pod.at("spec", "affinity") ?? .emptyObject
    let terms = ["podAffinity", "podAntiAffinity"].flatMap { kind -> [JSON] in
      let group = affinity[kind] ?? .emptyObject
      return group.list("requiredDuringSchedulingIgnoredDuringExecution")
        + group.list("preferredDuringSchedulingIgnoredDuringExecution").map { $0["podAffinityTerm"] ?? .emptyObject }
    }
    return terms.contains { !$0.list("namespaces").isEmpty || $0["namespaceSelector"] != nil }
  }

  private static func matches(_ expression: JSON, _ value: String?) -> Bool {
    let values = expression.list("values").compactMap(\.string)
    switch expression.text("operator") {
    case "In": return value.map(values.contains) ?? false
    case "NotIn": return !(value.map(values.contains) ?? false)
    case "Exists": return value != nil
    case "DoesNotExist": return value == nil
    default: return false
    }
  }
}
