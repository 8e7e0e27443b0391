import Objects

/// How well a node suits a pod, from 0 to 100 for each view of it, weighted as the stock scheduler does.
enum Scores {
  static let plugins: [(name: String, weight: Int64)] = [
    ("TaintToleration", 3), ("NodeAffinity", 2), ("NodeResourcesFit", 1), ("NodeResourcesBalancedAllocation", 1),
    ("PodTopologySpread", 2), ("InterPodAffinity", 2), ("ImageLocality", 1),
  ]

  /// The weighted total of each node, in the order of `nodes`.
  static func totals(_ pod: PodNeeds, _ nodes: [NodeState], _ view: ClusterView) -> [Int64] {
    var totals = nodes.map { node in fit(pod, node) + balance(pod, node) + images(pod, node) }
    func add(_ scores: [Int64], weight: Int64) {
      for index in totals.indices { totals[index] += scores[index] * weight }
    }
    if nodes.contains(where: { $0.taints.contains { $0.effect == "PreferNoSchedule" } }) {
      add(normalized(nodes.map { avoidedTaints(pod, $0) }, isReversed: true), weight: 3)
    }
    if !pod.nodeAffinity.preferred.isEmpty {
      add(normalized(nodes.map { preference(pod, $0) }, isReversed: false), weight: 2)
    }
    add(spread(pod, nodes, view), weight: 2)
    if !pod.podAffinity.preferred.isEmpty || !pod.podAffinity.avoided.isEmpty {
      add(company(pod, nodes, view), weight: 2)
    }
    return totals
  }

  /// More for the node with more left of CPU and memory.
  private static func fit(_ pod: PodNeeds, _ node: NodeState) -> Int64 {
    func left(_ used: Int64, _ total: Int64) -> Int64 {
      total <= 0 || used > total || used < 0 ? 0 : (total - used) * 100 / total
    }
    let cpu = left(node.scoredCPU &+ pod.scoredCPU, node.allocatable.milliCPU)
    let memory = leftShare(node.scoredMemory &+ pod.scoredMemory, node.allocatable.memory)
    return (cpu + memory) / 2
  }

  private static func leftShare(_ used: Int64, _ total: Int64) -> Int64 {
    total <= 0 || used > total || used < 0 ? 0 : Int64(Double(total - used) * 100 / Double(total))
  }

  /// More for the node where CPU and memory are used alike.
  private static func balance(_ pod: PodNeeds, _ node: NodeState) -> Int64 {
    func share(_ used: Int64, _ total: Int64) -> Double {
      total <= 0 || used < 0 ? 1 : min(1, Double(used) / Double(total))
    }
    let cpu = share(node.requested.milliCPU &+ pod.requests.milliCPU, node.allocatable.milliCPU)
    let memory = share(node.requested.memory &+ pod.requests.memory, node.allocatable.memory)
    return Int64((1 - abs(cpu - memory) / 2) * 100)
  }

  private static func images(_ pod: PodNeeds, _ node: NodeState) -> Int64 {
    if node.images.isEmpty { return 0 }
    let sum = pod.images.reduce(Int64(0)) { $0 + min(node.images[$1] ?? 0, 1 << 50) }
    let least: Int64 = 23 << 20
    let most = Int64(max(1, pod.images.count)) * (1000 << 20)
    return (min(max(sum, least), most) - least) * 100 / (most - least)
  }

  private static func avoidedTaints(_ pod: PodNeeds, _ node: NodeState) -> Int64 {
    Int64(
      node.taints.count { taint in
        taint.effect == "PreferNoSchedule" && !pod.tolerations.contains { $0.tolerates(taint) }
      })
  }

  private static func preference(_ pod: PodNeeds, _ node: NodeState) -> Int64 {
    pod.nodeAffinity.preferred.reduce(0) { sum, item in
      sum + (item.term.matches(node.labels, name: node.name) ? Int64(item.weight) : 0)
    }
  }

  /// Fewer pods of the same owner on a node are better; preferred spread constraints count as well.
  private static func spread(_ pod: PodNeeds, _ nodes: [NodeState], _ view: ClusterView) -> [Int64] {
    let soft = pod.spread.filter { !$0.isRequired }
    if soft.isEmpty {
      if pod.controllerUID.isEmpty || !pod.spread.isEmpty { return nodes.map { _ in 0 } }
      return normalized(nodes.map { Int64($0.ownerCounts[pod.controllerUID] ?? 0) }, isReversed: true)
    }
    var sums = nodes.map { _ in Int64(0) }
    for constraint in soft {
      var counts: [String: Int64] = [:]
      for (uid, other) in view.pods
      where other.key.namespace == pod.key.namespace && constraint.selector.matches(other.labels) {
        if let value = view.node(of: uid)?.labels[constraint.topologyKey] { counts[value, default: 0] += 1 }
      }
      for index in nodes.indices { sums[index] += counts[nodes[index].labels[constraint.topologyKey] ?? ""] ?? 0 }
    }
    return normalized(sums, isReversed: true)
  }

  private static func company(_ pod: PodNeeds, _ nodes: [NodeState], _ view: ClusterView) -> [Int64] {
    var sums = nodes.map { _ in Int64(0) }
    let terms =
      pod.podAffinity.preferred.map { ($0.term, Int64($0.weight)) }
      + pod.podAffinity.avoided.map { ($0.term, -Int64($0.weight)) }
    for (term, weight) in terms {
      let counts = TopologyFilters.counts(term, view)
      for index in nodes.indices {
        guard let value = nodes[index].labels[term.topologyKey] else { continue }
        sums[index] += weight * Int64(counts[value] ?? 0)
      }
    }
    let least = sums.min() ?? 0
    return normalized(sums.map { $0 - least }, isReversed: false)
  }

  /// Stretches scores to 0…100 by their maximum; the other way round when less is better.
  private static func normalized(_ scores: [Int64], isReversed: Bool) -> [Int64] {
    let most = scores.max() ?? 0
    if most <= 0 { return scores.map { _ in isReversed ? 100 : 0 } }
    return scores.map { isReversed ? 100 - $0 * 100 / most : $0 * 100 / most }
  }
}
