import JSONCore
import Objects

/// Pods: the phase and quality-of-service class at the start, what each subresource may change, the grace of a deletion.
enum PodRule: KindRule {
  static func prepareCreate(_ pod: inout JSON, _ context: inout WriteContext) throws(Status) {
    // Clients of long ago sent negative grace periods; they count as the shortest.
    if let grace = pod["spec"]?["terminationGracePeriodSeconds"]?.int, grace < 0 {
      pod["spec", default: .emptyObject]["terminationGracePeriodSeconds"] = 1
    }
    var status: JSON = ["phase": "Pending", "qosClass": .string(QualityOfService(pod).rawValue)]
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

  /// A resize changes what containers ask for, by their names, and nothing else; their order and names are looked at later.
  private static func takeResources(_ pod: inout JSON, from new: JSON?, _ list: String) {
    let wanted = new?.list(list) ?? []
    guard !wanted.isEmpty else { return }
    let present = pod["spec"]?.list(list) ?? []
    let containers = wanted.map { container -> JSON in
      guard var result = present.first(where: { $0.text("name") == container.text("name") }) else { return container }
      result["resources"] = container["resources"]
      result["resizePolicy"] = container["resizePolicy"]
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
}
