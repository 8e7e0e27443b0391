import JSONCore
import Objects

/// Pods: the phase and quality-of-service class at the start, what each subresource may change, the grace of a deletion.
enum PodRule: KindRule {
  static func prepareCreate(_ pod: inout JSON, _ context: inout WriteContext) throws(Status) {
    // Clients of long ago sent negative grace periods; they count as the shortest.
    if let grace = pod["spec"]?["terminationGracePeriodSeconds"]?.int, grace < 0 {
      pod["spec", default: .emptyObject]["terminationGracePeriodSeconds"] = 1
    }
    var status: JSON = ["phase": "Pending", "qosClass": .string(qualityOfService(pod).rawValue)]
    if !(pod["spec"]?.list("schedulingGates") ?? []).isEmpty {
      status["conditions"] = [
        [
          "type": "PodScheduled", "status": "False", "lastProbeTime": .null,
          "lastTransitionTime": .string(context.now.rfc3339), "reason": "SchedulingGated",
          "message": "Scheduling is blocked due to non-empty scheduling gates",
        ]
      ]
    }
    pod["status"] = status
  }

  static func prepareUpdate(_ pod: inout JSON, old: JSON, _ context: inout WriteContext) throws(Status) {
    switch context.subresource {
    case "status":
      pod["metadata", default: .emptyObject]["ownerReferences"] = old["metadata"]?["ownerReferences"]
      if pod["status"]?["qosClass"] == nil {
        pod["status", default: .emptyObject]["qosClass"] = old["status"]?["qosClass"]
      }
    case "ephemeralcontainers":
      let new = pod["spec"]
      pod["spec"] = old["spec"]
      pod["spec", default: .emptyObject]["ephemeralContainers"] = new?["ephemeralContainers"]
    case "resize":
      let new = pod["spec"]
      pod["spec"] = old["spec"]
      for list in ["containers", "initContainers"] { takeResources(&pod, from: new, list) }
    default: break
    }
  }

  /// A resize changes what containers ask for, by their names, and nothing else.
  private static func takeResources(_ pod: inout JSON, from new: JSON?, _ list: String) {
    let wanted = new?.list(list) ?? []
    guard !wanted.isEmpty else { return }
    let containers = (pod["spec"]?.list(list) ?? []).map { container -> JSON in
      guard let match = wanted.first(where: { $0.text("name") == container.text("name") }) else { return container }
      var result = container
      result["resources"] = match["resources"]
      result["resizePolicy"] = match["resizePolicy"]
      return result
    }
    pod["spec", default: .emptyObject][list] = .array(containers)
  }

  /// Pods that no node has seen, or that have ended, go at once.
  static func grace(_ pod: JSON, requested: Int?) -> Int? {
    if (pod["spec"]?.text("nodeName") ?? "").isEmpty || isTerminal(pod) { return 0 }
    let seconds = requested ?? pod["spec"]?["terminationGracePeriodSeconds"]?.int ?? 30
    return seconds < 0 ? 1 : seconds
  }

  static func isTerminal(_ pod: JSON) -> Bool {
    let phase = pod["status"]?.text("phase") ?? ""
    return phase == "Succeeded" || phase == "Failed"
  }

  enum QualityOfService: String {
    case guaranteed = "Guaranteed"
    case burstable = "Burstable"
    case bestEffort = "BestEffort"
  }

  /// Guaranteed: every container limits CPU and memory, and requests just that. BestEffort: none asks for any.
  static func qualityOfService(_ pod: JSON) -> QualityOfService {
    let spec = pod["spec"] ?? .emptyObject
    let whole = spec["resources"].map { [$0] }.flatMap { hasAny($0) ? $0 : nil }
    let resources =
      whole ?? (spec.list("containers") + spec.list("initContainers")).map { $0["resources"] ?? .emptyObject }
    guard hasAny(resources) else { return .bestEffort }
    let isGuaranteed = resources.allSatisfy { resource in
      ["cpu", "memory"].allSatisfy { name in
        guard let limit = quantity(resource, "limits", name), !limit.isZero else { return false }
        let request = quantity(resource, "requests", name) ?? limit
        return request == limit
      }
    }
    return isGuaranteed ? .guaranteed : .burstable
  }

  private static func hasAny(_ resources: [JSON]) -> Bool {
    resources.contains { resource in
      ["requests", "limits"].contains { list in
        ["cpu", "memory"].contains { quantity(resource, list, $0).map { !$0.isZero } ?? false }
      }
    }
  }

  private static func quantity(_ resource: JSON, _ list: String, _ name: String) -> Quantity? {
    Quantity(resource[list]?[name])
  }
}
