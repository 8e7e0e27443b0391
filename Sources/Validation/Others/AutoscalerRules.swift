import JSONCore
import Objects

/// Rules of `horizontalpodautoscalers` (in the form of autoscaling/v2).
enum AutoscalerRules {
  private static let types = ["ContainerResource", "External", "Object", "Pods", "Resource"]
  /// Seconds.
  private static let maximumWindow = 3600

  static let rule = Rule(object: { object, findings in
    let spec = object["spec"] ?? .emptyObject
    let path = Path("spec")
    let minimum = spec["minReplicas"]?.int
    if let minimum, minimum < 1 {
      findings.invalid(path.child("minReplicas"), JSON(minimum), "must be greater than or equal to 1")
    }
    let maximum = spec["maxReplicas"]?.int ?? 0
    if maximum < 1 { findings.invalid(path.child("maxReplicas"), JSON(maximum), "must be greater than 0") }
    if let minimum, maximum < minimum {
      findings.invalid(
        path.child("maxReplicas"), JSON(maximum), "must be greater than or equal to `minReplicas`")
    }
    target(spec["scaleTargetRef"] ?? .emptyObject, path.child("scaleTargetRef"), &findings)
    let metrics = spec.list("metrics")
    for (path, metric) in findings.elements(spec["metrics"], path.child("metrics")) {
      AutoscalerRules.metric(metric, path, &findings)
    }
    if minimum == 0, !metrics.contains(where: { ["Object", "External"].contains($0.text("type")) }) {
      findings.forbidden(
        path.child("metrics"), "must specify at least one Object or External metric to support scaling to zero replicas"
      )
    }
    for direction in ["scaleUp", "scaleDown"] {
      if let rules = spec["behavior"]?[direction] {
        behavior(rules, path.child("behavior").child(direction), &findings)
      }
    }
  })

  private static func target(_ reference: JSON, _ path: Path, _ findings: inout Findings) {
    for field in ["kind", "name"] {
      let value = reference.text(field)
      if value.isEmpty {
        findings.required(path.child(field))
      } else {
        findings.invalid(path.child(field), value, messages: Names.pathSegment(value))
      }
    }
  }

  private static func metric(_ metric: JSON, _ path: Path, _ findings: inout Findings) {
    let type = metric.text("type")
    guard types.contains(type) else {
      if type.isEmpty {
        findings.required(path.child("type"), "must specify a metric source type")
      } else {
        findings.add(.notSupported(path.child("type"), .string(type), types))
        findings.add(.notSupported(path.child("type"), .string(type), types))
      }
      return
    }
    let field = type.prefix(1).lowercased() + type.dropFirst()
    let place = path.child(field)
    guard let source = metric[field] else {
      return findings.required(place, "must populate information for the given metric source")
    }
    let goal = source["target"] ?? .emptyObject
    let goalPath = place.child("target")
    switch type {
    case "Resource", "ContainerResource":
      if source.text("name").isEmpty { findings.required(place.child("name"), "must specify a resource name") }
      if type == "ContainerResource", source.text("container").isEmpty {
        findings.required(place.child("container"), "must specify a container")
      }
      targetType(goal, goalPath, &findings)
      let hasUtilization = goal["averageUtilization"] != nil
      let hasValue = goal["averageValue"] != nil
      if !hasUtilization, !hasValue {
        findings.required(
          goalPath.child("averageUtilization"), "must set either a target raw value or a target utilization")
      }
      if hasUtilization, hasValue {
        findings.forbidden(
          goalPath.child("averageValue"), "may not set both a target raw value and a target utilization")
      }
      if let percent = goal["averageUtilization"]?.int, percent < 1 {
        findings.invalid(goalPath.child("averageUtilization"), JSON(percent), "must be greater than 0")
      }
    case "Pods":
      targetType(goal, goalPath, &findings)
      if goal["averageValue"] == nil {
        findings.required(goalPath.child("averageValue"), "must specify a positive target averageValue")
      }
    default:
      targetType(goal, goalPath, &findings)
      if goal["value"] == nil, goal["averageValue"] == nil {
        findings.required(
          goalPath.child("averageValue"), "must set either a target value for metric or a per-pod target")
      }
    }
  }

  private static func targetType(_ goal: JSON, _ path: Path, _ findings: inout Findings) {
    let type = goal.text("type")
    if type.isEmpty {
      findings.required(path.child("type"), "must specify a metric target type")
    } else if !["Utilization", "Value", "AverageValue"].contains(type) {
      findings.invalid(path.child("type"), .string(type), "must be either Utilization, Value, or AverageValue")
    }
  }

  private static func behavior(_ rules: JSON, _ path: Path, _ findings: inout Findings) {
    if let seconds = rules["stabilizationWindowSeconds"]?.int {
      let place = path.child("stabilizationWindowSeconds")
      findings.nonNegative(place, JSON(seconds))
      if seconds > maximumWindow {
        findings.invalid(place, JSON(seconds), "must be less than or equal to \(maximumWindow)")
      }
    }
    if let policy = rules["selectPolicy"]?.string {
      findings.supported(path.child("selectPolicy"), policy, ["Disabled", "Max", "Min"])
    }
    if rules["policies"] != nil, rules.list("policies").isEmpty {
      findings.required(path.child("policies"), "must specify at least one Policy")
    }
    for (path, policy) in findings.elements(rules["policies"], path.child("policies")) {
      findings.supported(path.child("type"), policy.text("type"), ["Percent", "Pods"])
      if policy["value"]?.int ?? 0 <= 0 {
        findings.invalid(path.child("value"), policy["value"] ?? 0, "must be greater than zero")
      }
      let seconds = policy["periodSeconds"]?.int ?? 0
      if seconds <= 0 { findings.invalid(path.child("periodSeconds"), JSON(seconds), "must be greater than zero") }
      if seconds > 1800 {
        findings.invalid(path.child("periodSeconds"), JSON(seconds), "must be less than or equal to 1800")
      }
    }
  }
}
