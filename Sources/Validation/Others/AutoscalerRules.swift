import JSONCore
import Objects

/// Rules of `horizontalpodautoscalers` (in the form of autoscaling/v2).
enum AutoscalerRules {
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
      MetricRules.metric(metric, path, &findings)
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

  static func target(_ reference: JSON, _ path: Path, _ findings: inout Findings) {
    for field in ["kind", "name"] {
      let value = reference.text(field)
      if value.isEmpty {
        findings.required(path.child(field))
      } else {
        findings.invalid(path.child(field), value, messages: Names.pathSegment(value))
      }
    }
  }

  private static func behavior(_ rules: JSON, _ path: Path, _ findings: inout Findings) {
    if let seconds = rules["stabilizationWindowSeconds"]?.int {
      let place = path.child("stabilizationWindowSeconds")
      if seconds < 0 { findings.invalid(place, JSON(seconds), "must be greater than or equal to zero") }
      if seconds > maximumWindow {
        findings.invalid(place, JSON(seconds), "must be less than or equal to \(maximumWindow)")
      }
    }
    if let policy = rules["selectPolicy"]?.string {
      findings.supported(path.child("selectPolicy"), policy, ["Disabled", "Max", "Min"])
    }
    if rules.list("policies").isEmpty {
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
