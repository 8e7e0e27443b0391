import JSONCore
import Objects

/// Rules of the subresources of pods.
enum PodStatusRules {
  static let status: Validation.Change = { new, old, findings in
    let path = findings.path("status")
    let status = new["status"] ?? .emptyObject
    conditions(status["conditions"], path.child("conditions"), &findings)
    if !new.hasSame("spec", as: old), new["spec"]?["nodeName"] != old["spec"]?["nodeName"] {
      findings.forbidden(path.child("nodeName"), "may not be changed directly")
    }
    let nominated = status.text("nominatedNodeName")
    if !nominated.isEmpty, nominated != old["status"]?.text("nominatedNodeName") {
      findings.invalid(path.child("nominatedNodeName"), nominated, messages: Names.subdomain(nominated))
    }
    findings.immutable(path.child("qosClass"), new: status["qosClass"], old: old["status"]?["qosClass"])
    for list in ["containerStatuses", "initContainerStatuses"] {
      restarts(list, status, old, path.child(list), &findings)
    }
    for (field, element) in [("podIPs", "podIP"), ("hostIPs", "hostIP")] {
      addresses(status, field, element, path.child(field), &findings)
    }
  }

  /// Conditions that the server itself knows need no look at their names.
  private static let ownConditions: Set<String> = [
    "PodScheduled", "Ready", "Initialized", "ContainersReady", "DisruptionTarget", "PodReadyToStartContainers",
    "PodResizePending", "PodResizeInProgress",
  ]

  private static func conditions(_ conditions: JSON?, _ path: Path, _ findings: inout Findings) {
    for (path, condition) in findings.elements(conditions, path) {
      let type = condition.text("type")
      if let generation = condition["observedGeneration"]?.int, generation < 0 {
        findings.invalid(
          path.child("observedGeneration"), JSON(generation), "must be greater than or equal to 0")
      }
      if !ownConditions.contains(type) {
        findings.invalid(path.child("Type"), type, messages: Names.qualified(type))
      }
    }
  }

  /// What has ended in a pod that does not restart stays ended.
  private static func restarts(
    _ list: String, _ status: JSON, _ old: JSON, _ path: Path, _ findings: inout Findings
  ) {
    let ended = (old["status"]?.list(list) ?? []).filter { $0.at("state", "terminated") != nil }
    if ended.isEmpty { return }
    let isInit = list == "initContainerStatuses"
    let policy = old["spec"]?.text("restartPolicy") ?? ""
    if policy == "Always" { return }
    let containers = old["spec"]?.list(isInit ? "initContainers" : "containers") ?? []
    let restarting = Set(containers.filter { $0["restartPolicy"] != nil }.map { $0.text("name") })
    for before in ended {
      guard let end = before.at("state", "terminated"), !restarting.contains(before.text("name")) else { continue }
      if policy == "OnFailure", (end["exitCode"]?.int ?? 0) != 0 { continue }
      for (path, after) in findings.elements(status[list], path) where after.text("name") == before.text("name") {
        if after.at("state", "terminated") == nil {
          findings.forbidden(path.child("state"), "may not be transitioned to non-terminated state")
        }
      }
    }
  }

  private static func addresses(
    _ status: JSON, _ field: String, _ element: String, _ path: Path, _ findings: inout Findings
  ) {
    let list = status.list(field)
    var seen = Set<String>()
    for (path, entry) in findings.elements(status[field], path) { findings.ipAddress(path, entry.text("ip")) }
    guard list.count > 1 else { return }
    let parsed = list.compactMap { IPAddress($0.text("ip")) }
    if parsed.count != list.count { return }
    if list.count > 2 || Set(parsed.map(\.isIPv6)).count < 2 {
      findings.invalid(path, status[field], "may specify no more than one IP for each IP family")
    }
    for (path, entry) in findings.elements(status[field], path) where !seen.insert(entry.text("ip")).inserted {
      findings.duplicate(path, entry)
    }
  }

  static let ephemeralContainers: Validation.Change = { new, old, findings in
    PodRules.rule.object(new, &findings)
    if old.at("metadata", "annotations", "kubernetes.io/config.mirror") != nil {
      findings.forbidden("", "static pods do not support ephemeral containers")
    }
    let path = Path("spec.ephemeralContainers")
    let present = new["spec"]?.list("ephemeralContainers") ?? []
    for before in old["spec"]?.list("ephemeralContainers") ?? [] {
      let name = before.text("name")
      let shown = Status.quoted(name)
      if let after = present.first(where: { $0.text("name") == name }) {
        if after != before { findings.forbidden(path, "existing ephemeral containers \(shown) may not be changed\n") }
      } else {
        findings.forbidden(path, "existing ephemeral containers \(shown) may not be removed\n")
      }
    }
  }
}
