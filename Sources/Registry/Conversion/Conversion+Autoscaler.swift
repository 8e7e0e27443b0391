import JSONCore

/// autoscaling/v1 knows one metric, average CPU use; whatever else v2 has travels in annotations.
extension Conversion {
  private static let metrics = "autoscaling.alpha.kubernetes.io/metrics"
  private static let currentMetrics = "autoscaling.alpha.kubernetes.io/current-metrics"
  private static let conditions = "autoscaling.alpha.kubernetes.io/conditions"
  private static let behavior = "autoscaling.alpha.kubernetes.io/behavior"

  private static func cpu(_ use: JSON) -> JSON {
    ["type": "Resource", "resource": ["name": "cpu", "target": ["type": "Utilization", "averageUtilization": use]]]
  }

  static func autoscalerV1(_ json: JSON) -> JSON {
    var result = json
    var annotations = result["metadata"]?["annotations"] ?? .emptyObject
    var others: [JSON] = []
    for metric in json["spec"]?.list("metrics") ?? [] {
      let target = metric.at("resource", "target")
      if metric.at("resource", "name")?.string == "cpu", let use = target?["averageUtilization"] {
        result["spec", default: .emptyObject]["targetCPUUtilizationPercentage"] = use
      } else {
        others.append(metric)
      }
    }
    var currents: [JSON] = []
    for metric in json["status"]?.list("currentMetrics") ?? [] {
      let current = metric.at("resource", "current")
      if metric.at("resource", "name")?.string == "cpu", let use = current?["averageUtilization"] {
        result["status", default: .emptyObject]["currentCPUUtilizationPercentage"] = use
      }
      currents.append(metric)
    }
    if !others.isEmpty { annotations[metrics] = .string(JSON.array(others.map { metricV1($0, isState: false) }).text) }
    if !currents.isEmpty {
      annotations[currentMetrics] = .string(JSON.array(currents.map { metricV1($0, isState: true) }).text)
    }
    if let list = json["status"]?["conditions"] { annotations[conditions] = .string(list.text) }
    if let rules = json["spec"]?["behavior"] { annotations[behavior] = .string(rules.text) }
    for field in ["metrics", "behavior"] { result["spec", default: .emptyObject][field] = nil }
    result["status", default: .emptyObject].edit { status in
      for field in ["currentMetrics", "conditions"] { status[field] = nil }
      if status["currentReplicas"] == nil { status["currentReplicas"] = 0 }
      if status["desiredReplicas"] == nil { status["desiredReplicas"] = 0 }
    }
    if annotations != .emptyObject { result["metadata", default: .emptyObject]["annotations"] = annotations }
    return result
  }

  static func autoscalerV2(_ json: JSON) -> JSON {
    var result = json
    var annotations = result["metadata"]?["annotations"] ?? .emptyObject
    func take(_ key: String) -> JSON? {
      guard let text = annotations[key]?.string else { return nil }
      // A foreign text under this key is nobody's loss.
      return try? JSON.parse(text)
    }
    var list = (take(metrics)?.array ?? []).map { metricV2($0, isState: false) }
    if let use = json["spec"]?["targetCPUUtilizationPercentage"], !use.isNull {
      list.insert(cpu(use), at: 0)
    }
    result["spec", default: .emptyObject].edit { spec in
      spec["targetCPUUtilizationPercentage"] = nil
      if !list.isEmpty { spec["metrics"] = .array(list) }
      if let rules = take(behavior) { spec["behavior"] = rules }
    }
    result["status", default: .emptyObject].edit { status in
      status["currentCPUUtilizationPercentage"] = nil
      let list = take(currentMetrics)?.array?.map { metricV2($0, isState: true) }
      status["currentMetrics"] = list.map { .array($0) } ?? .null
      if let conditions = take(conditions) { status["conditions"] = conditions }
    }
    for key in [metrics, currentMetrics, conditions, behavior] { annotations[key] = nil }
    result["metadata", default: .emptyObject]["annotations"] = annotations == .emptyObject ? nil : annotations
    return result
  }
}
