import JSONCore
import Objects

/// Rules of the metrics that autoscalers follow.
enum MetricRules {
  private static let types = ["ContainerResource", "External", "Object", "Pods", "Resource"]

  /// In the order in which the stock server looks at them: the first one is judged, the others are too much.
  private static let sources = ["object", "external", "pods", "resource", "containerResource"]

  static func metric(_ metric: JSON, _ path: Path, _ findings: inout Findings) {
    let type = metric.text("type")
    let unknown = FieldError.notSupported(path.child("type"), .string(type), types)
    if type.isEmpty { findings.required(path.child("type"), "must specify a metric source type") }
    if !types.contains(type) { findings.add(unknown) }
    let present = sources.filter { metric[$0] != nil }
    if let first = present.first, let source = metric[first] {
      self.source(first, source, path.child(first), &findings)
    }
    let expected = type.prefix(1).lowercased() + type.dropFirst()
    if !types.contains(type) {
      findings.add(unknown)
    } else if metric[expected] == nil {
      findings.required(path.child(expected), "must populate information for the given metric source")
    }
    if present.count == 1 { return }
    for other in present where other != expected {
      findings.forbidden(path.child(other), "must populate the given metric source only")
    }
  }

  private static func source(_ kind: String, _ source: JSON, _ path: Path, _ findings: inout Findings) {
    let goal = source["target"] ?? .emptyObject
    let goalPath = path.child("target")
    let hasValue = goal["value"] != nil
    let hasAverage = goal["averageValue"] != nil
    switch kind {
    case "resource", "containerResource":
      if kind == "containerResource" { container(source, path, &findings) }
      if source.text("name").isEmpty { findings.required(path.child("name"), "must specify a resource name") }
      let hasUtilization = goal["averageUtilization"] != nil
      if !hasUtilization, !hasAverage {
        findings.required(
          goalPath.child("averageUtilization"), "must set either a target raw value or a target utilization")
      }
      if hasUtilization, hasAverage {
        findings.forbidden(
          goalPath.child("averageValue"), "may not set both a target raw value and a target utilization")
      }
    case "pods":
      identifier(source["metric"] ?? .emptyObject, path.child("metric"), &findings)
      if !hasAverage {
        findings.required(goalPath.child("averageValue"), "must specify a positive target averageValue")
      }
    default:
      if kind == "object" {
        AutoscalerRules.target(source["describedObject"] ?? .emptyObject, path.child("describedObject"), &findings)
      }
      identifier(source["metric"] ?? .emptyObject, path.child("metric"), &findings)
      let words =
        kind == "object"
        ? "must set either a target value or averageValue"
        : "must set either a target value for metric or a per-pod target"
      if !hasValue, !hasAverage { findings.required(goalPath.child("averageValue"), words) }
      if kind == "external", hasValue, hasAverage {
        findings.forbidden(
          goalPath.child("value"), "may not set both a target value for metric and a per-pod target")
      }
    }
    amounts(goal, goalPath, &findings)
  }

  private static func container(_ source: JSON, _ path: Path, _ findings: inout Findings) {
    let name = source.text("name")
    if !name.isEmpty { findings.containerResource(name, path.child("name")) }
    let container = source.text("container")
    if container.isEmpty {
      findings.required(path.child("container"), "must specify a container")
    } else {
      findings.invalid(path.child("container"), container, messages: Names.label(container))
    }
  }

  private static func identifier(_ metric: JSON, _ path: Path, _ findings: inout Findings) {
    let name = metric.text("name")
    if name.isEmpty {
      findings.required(path.child("name"), "must specify a metric name")
    } else {
      findings.invalid(path.child("name"), name, messages: Names.pathSegment(name))
    }
    findings.labelSelector(metric["selector"], path.child("selector"))
  }

  private static func amounts(_ goal: JSON, _ path: Path, _ findings: inout Findings) {
    let type = goal.text("type")
    if type.isEmpty { findings.required(path.child("type"), "must specify a metric target type") }
    if !["Utilization", "Value", "AverageValue"].contains(type) {
      findings.invalid(path.child("type"), .string(type), "must be either Utilization, Value, or AverageValue")
    }
    for field in ["value", "averageValue"] {
      if let amount = Quantity(goal[field]), amount <= .zero {
        findings.invalid(path.child(field), .string(amount.description), "must be positive")
      }
    }
    if let percent = goal["averageUtilization"]?.int, percent < 1 {
      findings.invalid(path.child("averageUtilization"), JSON(percent), "must be greater than 0")
    }
  }
}
