import Objects

/// The filters that look at where other pods are: affinity between pods, and even spreading. Made once for a pod, then
/// asked about each node.
struct TopologyFilters {
  private let pod: PodNeeds
  /// For each required term: how many matching pods each value of its node label has.
  private var near: [[String: Int]]
  private var far: [[String: Int]]
  /// Label and value of nodes that pods already placed keep this one away from.
  private var repelled: Set<Place> = []
  private var spread: [Spread] = []

  private struct Place: Hashable {
    let key: String
    let value: String
  }

  private struct Spread {
    let constraint: SpreadConstraint
    var counts: [String: Int]
    let minimum: Int
    let isOwnMatch: Bool
  }

  var isTrivial: Bool { near.isEmpty && far.isEmpty && repelled.isEmpty && spread.isEmpty }

  init(_ pod: PodNeeds, _ view: ClusterView) {
    self.pod = pod
    near = pod.podAffinity.required.map { Self.counts($0, view) }
    far = pod.podAffinity.forbidden.map { Self.counts($0, view) }
    for uid in view.repelling {
      guard let other = view.pods[uid], let node = view.node(of: uid) else { continue }
      for term in other.podAffinity.forbidden where term.matches(pod.labels, namespace: pod.key.namespace) {
        if let value = node.labels[term.topologyKey] {
          repelled.insert(Place(key: term.topologyKey, value: value))
        }
      }
    }
    spread = pod.spread.filter(\.isRequired).map { Self.spread($0, pod, view) }
  }

  static func counts(_ term: PodAffinity.Term, _ view: ClusterView) -> [String: Int] {
    var counts: [String: Int] = [:]
    for (uid, other) in view.pods where term.matches(other.labels, namespace: other.key.namespace) {
      if let value = view.node(of: uid)?.labels[term.topologyKey] { counts[value, default: 0] += 1 }
    }
    return counts
  }

  private static func spread(_ constraint: SpreadConstraint, _ pod: PodNeeds, _ view: ClusterView) -> Spread {
    var counts: [String: Int] = [:]
    for node in view.nodes {
      guard let value = node.labels[constraint.topologyKey] else { continue }
      if !constraint.ignoresAffinity && !NodeFilters.admits(pod, node) { continue }
      if constraint.honorsTaints && NodeFilters.untolerated(pod, node) != nil { continue }
      counts[value] = counts[value] ?? 0
    }
    for (uid, other) in view.pods
    where other.key.namespace == pod.key.namespace && constraint.selector.matches(other.labels) {
      guard let value = view.node(of: uid)?.labels[constraint.topologyKey], let count = counts[value] else { continue }
      counts[value] = count + 1
    }
    let minimum = counts.count < constraint.minDomains ? 0 : counts.values.min() ?? 0
    return Spread(
      constraint: constraint, counts: counts, minimum: minimum,
      isOwnMatch: constraint.selector.matches(pod.labels))
  }

  func refusal(_ node: NodeState) -> Refusal? {
    for item in spread {
      guard let value = node.labels[item.constraint.topologyKey] else {
        return Refusal(
          "PodTopologySpread", "node(s) didn't match pod topology spread constraints (missing required label)",
          mayPreempt: false)
      }
      let skew = (item.counts[value] ?? 0) + (item.isOwnMatch ? 1 : 0) - item.minimum
      if skew > item.constraint.maxSkew {
        return Refusal(
          "PodTopologySpread", "node(s) didn't match pod topology spread constraints", mayPreempt: true)
      }
    }
    if !isNearEnough(node) {
      return Refusal("InterPodAffinity", "node(s) didn't match pod affinity rules", mayPreempt: false)
    }
    for (term, counts) in zip(pod.podAffinity.forbidden, far) {
      if let value = node.labels[term.topologyKey], counts[value, default: 0] > 0 {
        return Refusal("InterPodAffinity", "node(s) didn't match pod anti-affinity rules", mayPreempt: true)
      }
    }
    if repelled.contains(where: { node.labels[$0.key] == $0.value }) {
      return Refusal(
        "InterPodAffinity", "node(s) didn't satisfy existing pods anti-affinity rules", mayPreempt: true)
    }
    return nil
  }

  private func isNearEnough(_ node: NodeState) -> Bool {
    for term in pod.podAffinity.required where node.labels[term.topologyKey] == nil { return false }
    let isMet = zip(pod.podAffinity.required, near).allSatisfy { term, counts in
      counts[node.labels[term.topologyKey] ?? "", default: 0] > 0
    }
    if isMet { return true }
    // The first pod of a group that wants its own company has to start somewhere.
    return near.allSatisfy(\.isEmpty)
      && pod.podAffinity.required.allSatisfy { $0.matches(pod.labels, namespace: pod.key.namespace) }
  }
}
