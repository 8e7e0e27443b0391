import JSONCore
import Objects

/// Rules of `poddisruptionbudgets`.
enum DisruptionRules {
  static let budget = Rule(object: { object, findings in
    let spec = object["spec"] ?? .emptyObject
    let path = Path("spec")
    if let least = spec["minAvailable"], let most = spec["maxUnavailable"] {
      // The stock server prints the Go value of the spec.
      let policy = spec["unhealthyPodEvictionPolicy"]?.text ?? "null"
      findings.add(
        FieldError(
          reason: .invalid, field: "spec",
          message: "Invalid value: {\"MinAvailable\":\(least.text),\"Selector\":\(spec["selector"]?.text ?? "null"),"
            + "\"MaxUnavailable\":\(most.text),\"UnhealthyPodEvictionPolicy\":\(policy)}: "
            + "minAvailable and maxUnavailable cannot be both set"))
    }
    for field in ["minAvailable", "maxUnavailable"] {
      guard let value = spec[field] else { continue }
      findings.countOrPercent(value, path.child(field))
      findings.atMostHundredPercent(value, path.child(field))
    }
    findings.labelSelector(spec["selector"], path.child("selector"))
    if let policy = spec["unhealthyPodEvictionPolicy"]?.string {
      findings.supported(path.child("unhealthyPodEvictionPolicy"), policy, ["AlwaysAllow", "IfHealthyBudget"])
    }
  })
}
