import JSONCore

/// Metrics of autoscalers as autoscaling/v1 writes them into its annotations: the fields of v2 under older names, without
/// their groups.
extension Conversion {
  /// A field of v2 within a metric's source, and its name in v1.
  private typealias Name = (v2: [String], v1: String)

  /// `spec.metrics` of v2, by the type of the metric.
  private static let specifications: [String: [Name]] = [
    "Resource": [
      (["name"], "name"), (["target", "averageUtilization"], "targetAverageUtilization"),
      (["target", "averageValue"], "targetAverageValue"),
    ],
    "ContainerResource": [
      (["name"], "name"), (["container"], "container"),
      (["target", "averageUtilization"], "targetAverageUtilization"),
      (["target", "averageValue"], "targetAverageValue"),
    ],
    "Pods": [
      (["metric", "name"], "metricName"), (["metric", "selector"], "selector"),
      (["target", "averageValue"], "targetAverageValue"),
    ],
    "Object": [
      (["describedObject"], "target"), (["metric", "name"], "metricName"), (["metric", "selector"], "selector"),
      (["target", "value"], "targetValue"), (["target", "averageValue"], "averageValue"),
    ],
    "External": [
      (["metric", "name"], "metricName"), (["metric", "selector"], "metricSelector"),
      (["target", "value"], "targetValue"), (["target", "averageValue"], "targetAverageValue"),
    ],
  ]

  /// `status.currentMetrics` of v2.
  private static let states: [String: [Name]] = [
    "Resource": [
      (["name"], "name"), (["current", "averageUtilization"], "currentAverageUtilization"),
      (["current", "averageValue"], "currentAverageValue"),
    ],
    "ContainerResource": [
      (["name"], "name"), (["container"], "container"),
      (["current", "averageUtilization"], "currentAverageUtilization"),
      (["current", "averageValue"], "currentAverageValue"),
    ],
    "Pods": [
      (["metric", "name"], "metricName"), (["metric", "selector"], "selector"),
      (["current", "averageValue"], "currentAverageValue"),
    ],
    "Object": [
      (["describedObject"], "target"), (["metric", "name"], "metricName"), (["metric", "selector"], "selector"),
      (["current", "value"], "currentValue"), (["current", "averageValue"], "averageValue"),
    ],
    "External": [
      (["metric", "name"], "metricName"), (["metric", "selector"], "metricSelector"),
      (["current", "value"], "currentValue"), (["current", "averageValue"], "currentAverageValue"),
    ],
  ]

  static func metricV1(_ metric: JSON, isState: Bool) -> JSON {
    let type = metric.text("type")
    let field = Self.field(type)
    guard let source = metric[field], let names = (isState ? states : specifications)[type] else { return metric }
    var result = JSON.emptyObject
    for name in names {
      if let value = source.value(at: name.v2[...]) { result[name.v1] = value }
    }
    return ["type": .string(type), field: result]
  }

  static func metricV2(_ metric: JSON, isState: Bool) -> JSON {
    let type = metric.text("type")
    let field = Self.field(type)
    guard let source = metric[field], let names = (isState ? states : specifications)[type] else { return metric }
    var result = JSON.emptyObject
    for name in names {
      if let value = source[name.v1] { result.set(value, at: name.v2[...]) }
    }
    if !isState { result["target", default: .emptyObject]["type"] = .string(targetType(result["target"])) }
    return ["type": .string(type), field: result]
  }

  private static func targetType(_ target: JSON?) -> String {
    if target?["averageUtilization"] != nil { return "Utilization" }
    return target?["averageValue"] != nil ? "AverageValue" : "Value"
  }

  /// `ContainerResource` is kept in `containerResource`.
  private static func field(_ type: String) -> String { type.prefix(1).lowercased() + type.dropFirst() }
}
