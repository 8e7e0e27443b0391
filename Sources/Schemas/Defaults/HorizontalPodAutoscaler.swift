import JSONCore

extension ConditionalDefaults {
  /// Without metrics: 80 % of the requested CPU. A behaviour that is given at all gets both directions in full.
  @Sendable static func setHorizontalPodAutoscaler(_ scaler: inout JSON) {
    guard var spec = scaler["spec"] else { return }
    scaler["spec"] = nil
    spec.setDefault("metrics", [cpuMetric])
    if spec["behavior"] != nil {
      setRules(&spec, "scaleUp", scaleUpRules)
      setRules(&spec, "scaleDown", scaleDownRules)
    }
    scaler["spec"] = spec
  }

  private static func setRules(_ spec: inout JSON, _ direction: String, _ rules: JSON) {
    spec["behavior"]?.setDefault(direction, .emptyObject)
    for (key, value) in rules.object ?? Members() { spec["behavior"]?[direction]?.setDefault(key, value) }
  }

  private static let cpuMetric: JSON = [
    "type": "Resource",
    "resource": ["name": "cpu", "target": ["type": "Utilization", "averageUtilization": 80]],
  ]

  private static let scaleUpRules: JSON = [
    "stabilizationWindowSeconds": 0, "selectPolicy": "Max",
    "policies": [
      ["type": "Pods", "value": 4, "periodSeconds": 15], ["type": "Percent", "value": 100, "periodSeconds": 15],
    ],
  ]

  private static let scaleDownRules: JSON = [
    "selectPolicy": "Max", "policies": [["type": "Percent", "value": 100, "periodSeconds": 15]],
  ]
}
