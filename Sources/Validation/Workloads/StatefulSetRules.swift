import JSONCore
import Objects

/// Rules of `statefulsets` and `daemonsets`.
enum StatefulSetRules {
  static let statefulSet = Rule(
    name: Names.label,
    object: { object, findings in
      let spec = object["spec"] ?? .emptyObject
      let path = Path("spec")
      let management = spec.text("podManagementPolicy")
      if management.isEmpty {
        findings.required(path.child("podManagementPolicy"))
      } else if !["OrderedReady", "Parallel"].contains(management) {
        findings.invalid(
          path.child("podManagementPolicy"), .string(management), "must be 'OrderedReady' or 'Parallel'")
      }
      updateStrategy(spec["updateStrategy"] ?? .emptyObject, path.child("updateStrategy"), &findings)
      if let retention = spec["persistentVolumeClaimRetentionPolicy"] {
        let path = path.child("persistentVolumeClaimRetentionPolicy")
        for field in ["whenDeleted", "whenScaled"] {
          findings.supported(path.child(field), retention.text(field), ["Retain", "Delete"])
        }
      }
      findings.nonNegative(path.child("replicas"), spec["replicas"])
      findings.nonNegative(path.child("minReadySeconds"), spec["minReadySeconds"])
      findings.nonNegative(path.child("ordinals.start"), spec.at("ordinals", "start"))
      if !spec.text("serviceName").isEmpty {
        findings.invalid(
          path.child("serviceName"), spec.text("serviceName"), messages: Names.label(spec.text("serviceName")))
      }
      findings.selectorAndTemplate(
        spec, path, emptySelector: "empty selector is invalid for statefulset", badSelector: ""
      ) { findings, template, path in
        // Its pods get more volumes than it names, so the stock server leaves the rest of them until they are made.
        findings.templateMetadata(template, path)
      }
      findings.endless(
        spec.at("template", "spec") ?? .emptyObject, path.child("template").child("spec"), "StatefulSet")
    },
    update: { new, old, findings in
      let mutable = [
        "replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
        "persistentVolumeClaimRetentionPolicy", "minReadySeconds",
      ]
      var after = new["spec"] ?? .emptyObject
      var before = old["spec"] ?? .emptyObject
      for field in mutable {
        after[field] = nil
        before[field] = nil
      }
      if after != before {
        findings.forbidden(
          Path("spec"),
          "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
            + "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden")
      }
    },
    updateJudgesMetadata: false)

  static let daemonSet = Rule(
    object: { object, findings in
      let spec = object["spec"] ?? .emptyObject
      let path = findings.path("spec")
      let selector = spec["selector"]
      findings.labelSelector(selector, path.child("selector"))
      let labels = spec.at("template", "metadata", "labels")
      if selector == nil || (try? LabelSelector(json: selector)).map({ !$0.matches(Labels(labels)) }) ?? false {
        findings.mismatch(labels, path)
      }
      if let selector, Findings.isEmpty(selector) {
        findings.invalid(
          path.child("selector"), selector, as: .labelSelector, "empty selector is invalid for daemonset")
      }
      findings.template(spec["template"], path.child("template"), runningFor: "DaemonSet")
      findings.nonNegative(path.child("minReadySeconds"), spec["minReadySeconds"])
      findings.nonNegative(path.child("revisionHistoryLimit"), spec["revisionHistoryLimit"])
      rollingDaemon(spec["updateStrategy"] ?? .emptyObject, path.child("updateStrategy"), &findings)
    },
    update: { new, old, findings in DeploymentRules.immutableSelector(new, old, &findings) },
    isToldTwice: true)

  private static func updateStrategy(_ strategy: JSON, _ path: Path, _ findings: inout Findings) {
    let rolling = strategy["rollingUpdate"]
    switch strategy.text("type") {
    case "": findings.required(path)
    case "OnDelete":
      if rolling != nil {
        findings.invalid(
          path.child("rollingUpdate"), rolling, as: .statefulSetRolling,
          "only allowed for updateStrategy 'RollingUpdate'")
      }
    case "RollingUpdate":
      let path = path.child("rollingUpdate")
      findings.nonNegative(path.child("partition"), rolling?["partition"])
      if let count = rolling?["maxUnavailable"] {
        findings.countOrPercent(count, path.child("maxUnavailable"))
        if Findings.isZero(count) { findings.invalid(path.child("maxUnavailable"), count, "cannot be 0") }
        findings.atMostHundredPercent(count, path.child("maxUnavailable"))
      }
    default:
      findings.invalid(path, strategy, as: .statefulSetStrategy, "must be 'RollingUpdate' or 'OnDelete'")
    }
  }

  private static func rollingDaemon(_ strategy: JSON, _ path: Path, _ findings: inout Findings) {
    switch strategy.text("type") {
    case "OnDelete": break
    case "RollingUpdate":
      let path = path.child("rollingUpdate")
      guard let rolling = strategy["rollingUpdate"] else { return findings.required(path) }
      for field in ["maxUnavailable", "maxSurge"] {
        findings.countOrPercent(rolling[field], path.child(field))
        findings.atMostHundredPercent(rolling[field], path.child(field))
      }
      let hasUnavailable = !Findings.isZero(rolling["maxUnavailable"])
      let hasSurge = rolling["maxSurge"].map { !Findings.isZero($0) } ?? false
      if hasUnavailable == hasSurge {
        if hasSurge {
          findings.invalid(
            path.child("maxSurge"), rolling["maxSurge"], "may not be set when maxUnavailable is non-zero")
        } else {
          findings.required(path.child("maxUnavailable"), "cannot be 0 when maxSurge is 0")
        }
      }
    default: findings.notSupported(path, strategy, as: .deploymentStrategy, ["RollingUpdate", "OnDelete"])
    }
  }
}
