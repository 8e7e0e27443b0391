import JSONCore
import Objects

/// Rules of `deployments`, `replicasets` and `replicationcontrollers`.
enum DeploymentRules {
  static let deployment = Rule(
    object: { object, findings in
      let spec = object["spec"] ?? .emptyObject
      let path = Path("spec")
      findings.nonNegative(path.child("replicas"), spec["replicas"])
      findings.selectorAndTemplate(spec, path) { $0.template($1, $2, runningFor: "ReplicaSet") }
      strategy(spec["strategy"] ?? .emptyObject, path.child("strategy"), &findings)
      findings.nonNegative(path.child("minReadySeconds"), spec["minReadySeconds"])
      findings.nonNegative(path.child("revisionHistoryLimit"), spec["revisionHistoryLimit"])
      if let deadline = spec["progressDeadlineSeconds"] {
        findings.nonNegative(path.child("progressDeadlineSeconds"), deadline)
        if let seconds = deadline.int, seconds <= spec["minReadySeconds"]?.int ?? 0 {
          findings.invalid(path.child("progressDeadlineSeconds"), deadline, "must be greater than minReadySeconds")
        }
      }
    },
    update: { new, old, findings in immutableSelector(new, old, &findings) },
    updateJudgesMetadata: false)

  static let replicaSet = Rule(
    object: { object, findings in
      let spec = object["spec"] ?? .emptyObject
      let path = findings.path("spec")
      findings.nonNegative(path.child("replicas"), spec["replicas"])
      findings.nonNegative(path.child("minReadySeconds"), spec["minReadySeconds"])
      findings.selectorAndTemplate(spec, path) { $0.template($1, $2, runningFor: "ReplicaSet") }
    }, update: { new, old, findings in immutableSelector(new, old, &findings) }, isToldTwice: true)

  static let replicationController = Rule(
    object: { object, findings in
      let spec = object["spec"] ?? .emptyObject
      let path = findings.path("spec")
      findings.nonNegative(path.child("minReadySeconds"), spec["minReadySeconds"])
      let selector = spec.strings("selector")
      if selector.isEmpty { findings.required(path.child("selector")) }
      findings.nonNegative(path.child("replicas"), spec["replicas"])
      guard let template = spec["template"] else { return findings.required(path.child("template")) }
      let labels = template["metadata"]?["labels"]
      if !selector.isEmpty, !LabelSelector(labels: selector).matches(Labels(labels)) {
        findings.mismatch(labels, path)
      }
      findings.template(template, path.child("template"), runningFor: "ReplicationController")
    }, isToldTwice: true)

  static func immutableSelector(_ new: JSON, _ old: JSON, _ findings: inout Findings) {
    findings.immutable(
      "spec.selector", new: new["spec"]?["selector"], old: old["spec"]?["selector"], as: .labelSelector)
  }

  private static func strategy(_ strategy: JSON, _ path: Path, _ findings: inout Findings) {
    let rolling = strategy["rollingUpdate"]
    switch strategy.text("type") {
    case "Recreate":
      if rolling != nil {
        findings.forbidden(
          path.child("rollingUpdate"), "may not be specified when strategy `type` is 'Recreate'")
      }
    case "RollingUpdate":
      let path = path.child("rollingUpdate")
      guard let rolling else { return findings.required(path, "this should be defaulted and never be nil") }
      findings.countOrPercent(rolling["maxUnavailable"], path.child("maxUnavailable"))
      findings.countOrPercent(rolling["maxSurge"], path.child("maxSurge"))
      if Findings.isZero(rolling["maxUnavailable"]), Findings.isZero(rolling["maxSurge"]) {
        findings.invalid(path.child("maxUnavailable"), rolling["maxUnavailable"], "may not be 0 when `maxSurge` is 0")
      }
      findings.atMostHundredPercent(rolling["maxUnavailable"], path.child("maxUnavailable"))
    default: findings.notSupported(path, strategy, as: .deploymentStrategy, ["Recreate", "RollingUpdate"])
    }
  }
}
