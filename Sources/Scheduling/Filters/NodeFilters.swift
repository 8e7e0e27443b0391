import Objects

/// The filters that look at one node only, in the order in which they are asked.
struct NodeFilters {
  private let pod: PodNeeds
  private let profile: Profile
  /// By slot; nil when every node is admitted.
  let admitted: [Bool]?
  private let extended: [(name: String, amount: Int64)]

  init(_ pod: PodNeeds, _ view: inout ClusterView, _ profile: Profile) {
    self.pod = pod
    self.profile = profile
    admitted = profile.filters.contains(.nodeAffinity) ? view.admitted(pod.nodeChoice) : nil
    extended = pod.requests.extended.filter { !profile.ignores(resource: $0.key) }
      .map { (name: $0.key, amount: $0.value) }.sorted { $0.name < $1.name }
  }

  /// The reasons against a node, of the first filter that has any.
  func refusals(_ slot: Int, _ nodes: NodeTable) -> [Refusal] {
    let filters = profile.filters
    if filters.contains(.nodeUnschedulable), let refusal = unschedulable(slot, nodes) { return [refusal] }
    if filters.contains(.nodeName), !pod.nodeName.isEmpty, pod.nodeName != nodes.names[slot] {
      return [Refusal(.nodeName, "node(s) didn't match the requested node name", .text(pod.nodeName))]
    }
    if filters.contains(.taintToleration), let refusal = taints(slot, nodes) { return [refusal] }
    if filters.contains(.nodeAffinity), let refusal = affinity(slot, nodes) { return [refusal] }
    if filters.contains(.nodePorts), let refusal = ports(slot, nodes) { return [refusal] }
    return filters.contains(.nodeResourcesFit) ? resources(slot, nodes) : []
  }

  /// Whether a node could take the pod if no other pod were on it: what does not depend on time.
  func couldFit(_ slot: Int, _ nodes: NodeTable) -> Bool {
    if !nodes.isPresent[slot] { return false }
    if unschedulable(slot, nodes) != nil || taints(slot, nodes) != nil || affinity(slot, nodes) != nil { return false }
    return resources(slot, nodes).allSatisfy(\.isCurable)
  }

  private static let cordon = Taint(key: "node.kubernetes.io/unschedulable", effect: "NoSchedule")

  private func unschedulable(_ slot: Int, _ nodes: NodeTable) -> Refusal? {
    if !nodes.isUnschedulable[slot] || pod.tolerates(Self.cordon) { return nil }
    return Refusal(.nodeUnschedulable, "node(s) were unschedulable")
  }

  /// The first taint that keeps the pod away.
  static func untolerated(_ pod: PodNeeds, _ slot: Int, _ nodes: NodeTable) -> Taint? {
    nodes.taints[slot].first { $0.isHard && !pod.tolerates($0) }
  }

  private func taints(_ slot: Int, _ nodes: NodeTable) -> Refusal? {
    Self.untolerated(pod, slot, nodes).map {
      Refusal(.taintToleration, "node(s) had untolerated taint(s)", .taint($0))
    }
  }

  private func affinity(_ slot: Int, _ nodes: NodeTable) -> Refusal? {
    if let added = profile.addedTerms,
      !added.contains(where: { $0.matches(nodes.labels[slot], name: nodes.names[slot]) })
    {
      return Refusal(.nodeAffinity, "node(s) didn't match scheduler-enforced node affinity")
    }
    guard let admitted, !admitted[slot] else { return nil }
    return Refusal(.nodeAffinity, "node(s) didn't match Pod's node affinity/selector", mismatch(slot, nodes))
  }

  private func mismatch(_ slot: Int, _ nodes: NodeTable) -> Refusal.Detail {
    let labels = nodes.labels[slot]
    let wrong = pod.nodeChoice.labels.filter { labels[$0.key] != $0.value }.min { $0.key < $1.key }
    return wrong.map { .label(key: $0.key, wanted: $0.value, found: labels[$0.key]) } ?? .none
  }

  private func ports(_ slot: Int, _ nodes: NodeTable) -> Refusal? {
    if pod.hostPorts.isEmpty || nodes.ports[slot].isEmpty { return nil }
    let taken = pod.hostPorts.first { port in nodes.ports[slot].keys.contains { $0.collides(with: port) } }
    return taken.map {
      Refusal(
        .nodePorts, "node(s) didn't have free ports for the requested pod ports", isCurable: true, .port($0))
    }
  }

  /// All resources that are short.
  private func resources(_ slot: Int, _ nodes: NodeTable) -> [Refusal] {
    var refusals: [Refusal] = []
    if nodes.podCount[slot] + 1 > nodes.podLimit[slot] {
      refusals.append(
        Refusal(.nodeResourcesFit, "Too many pods", isCurable: true, .podLimit(nodes.podLimit[slot])))
    }
    check("cpu", pod.requests.milliCPU, nodes.cpu, slot, &refusals)
    check("memory", pod.requests.memory, nodes.memory, slot, &refusals)
    check("ephemeral-storage", pod.requests.ephemeralStorage, nodes.storage, slot, &refusals)
    for (name, amount) in extended {
      let column = nodes.extended[name]
      check(name, amount, column?.requested[slot] ?? 0, column?.allocatable[slot] ?? 0, &refusals)
    }
    return refusals
  }

  /// The usual words, made once.
  private static let shortage = [
    "cpu": "Insufficient cpu", "memory": "Insufficient memory",
    "ephemeral-storage": "Insufficient ephemeral-storage",
  ]

  @inline(__always)
  private func check(
    _ name: String, _ wanted: Int64, _ column: NodeTable.Column, _ slot: Int, _ refusals: inout [Refusal]
  ) {
    if wanted > 0 { check(name, wanted, column.requested[slot], column.allocatable[slot], &refusals) }
  }

  @inline(__always)
  private func check(_ name: String, _ wanted: Int64, _ used: Int64, _ total: Int64, _ refusals: inout [Refusal]) {
    guard wanted > 0, wanted > total &- used else { return }
    refusals.append(
      Refusal(
        .nodeResourcesFit, Self.shortage[name] ?? "Insufficient \(name)", isCurable: wanted <= total,
        .shortage(resource: name, wanted: wanted, used: used, total: total)))
  }
}
