import Objects

/// The filters that look at one node only, in the order in which they are asked.
enum NodeFilters {
  /// The reasons against a node, of the first filter that has any.
  static func refusals(_ pod: PodNeeds, _ node: NodeState) -> [Refusal] {
    if let refusal = unschedulable(pod, node) ?? nodeName(pod, node) ?? taints(pod, node) ?? affinity(pod, node)
      ?? ports(pod, node)
    {
      return [refusal]
    }
    return resources(pod, node)
  }

  private static let cordon = Taint(key: "node.kubernetes.io/unschedulable", effect: "NoSchedule")

  private static func unschedulable(_ pod: PodNeeds, _ node: NodeState) -> Refusal? {
    if !node.isUnschedulable || pod.tolerations.contains(where: { $0.tolerates(cordon) }) { return nil }
    return Refusal("NodeUnschedulable", "node(s) were unschedulable", mayPreempt: false)
  }

  private static func nodeName(_ pod: PodNeeds, _ node: NodeState) -> Refusal? {
    if pod.nodeName.isEmpty || pod.nodeName == node.name { return nil }
    return Refusal("NodeName", "node(s) didn't match the requested node name", mayPreempt: false)
  }

  static func untolerated(_ pod: PodNeeds, _ node: NodeState) -> Taint? {
    node.taints.first { taint in
      taint.effect != "PreferNoSchedule" && !pod.tolerations.contains { $0.tolerates(taint) }
    }
  }

  private static func taints(_ pod: PodNeeds, _ node: NodeState) -> Refusal? {
    untolerated(pod, node).map {
      Refusal("TaintToleration", "node(s) had untolerated taint {\($0.key): \($0.value)}", mayPreempt: false)
    }
  }

  static func admits(_ pod: PodNeeds, _ node: NodeState) -> Bool {
    pod.nodeSelector.allSatisfy { node.labels[$0.key] == $0.value }
      && pod.nodeAffinity.admits(node.labels, name: node.name)
  }

  private static func affinity(_ pod: PodNeeds, _ node: NodeState) -> Refusal? {
    if admits(pod, node) { return nil }
    return Refusal("NodeAffinity", "node(s) didn't match Pod's node affinity/selector", mayPreempt: false)
  }

  private static func ports(_ pod: PodNeeds, _ node: NodeState) -> Refusal? {
    if pod.hostPorts.isEmpty || node.hostPorts.isEmpty { return nil }
    guard pod.hostPorts.contains(where: { port in node.hostPorts.keys.contains { $0.collides(with: port) } }) else {
      return nil
    }
    return Refusal("NodePorts", "node(s) didn't have free ports for the requested pod ports", mayPreempt: true)
  }

  /// All resources that are short.
  static func resources(_ pod: PodNeeds, _ node: NodeState) -> [Refusal] {
    var refusals: [Refusal] = []
    func need(_ name: String, _ wanted: Int64, _ used: Int64, _ total: Int64) {
      if wanted > 0, wanted > total &- used {
        refusals.append(Refusal("NodeResourcesFit", "Insufficient \(name)", mayPreempt: wanted <= total))
      }
    }
    if node.podCount + 1 > node.allocatablePods {
      refusals.append(Refusal("NodeResourcesFit", "Too many pods", mayPreempt: node.allocatablePods > 0))
    }
    need("cpu", pod.requests.milliCPU, node.requested.milliCPU, node.allocatable.milliCPU)
    need("memory", pod.requests.memory, node.requested.memory, node.allocatable.memory)
    need(
      "ephemeral-storage", pod.requests.ephemeralStorage, node.requested.ephemeralStorage,
      node.allocatable.ephemeralStorage)
    for (name, amount) in pod.requests.extended.sorted(by: { $0.key < $1.key }) {
      need(name, amount, node.requested.extended[name] ?? 0, node.allocatable.extended[name] ?? 0)
    }
    return refusals
  }
}
