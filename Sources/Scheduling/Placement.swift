import Objects
import Reconciling
import Values

/// Finding a node for a pod: a pure function of the pod and the view.
public enum Placement {
  /// Large clusters are not looked at in full: enough nodes that fit are enough.
  static func sampleSize(_ nodes: Int) -> Int {
    if nodes < 100 { return nodes }
    return max(100, nodes * max(5, 50 - nodes / 125) / 100)
  }

  /// - Parameter start: which node to look at first, so that the sample moves around; also breaks ties.
  public static func decide(_ pod: PodNeeds, _ view: ClusterView, start: Int = 0, at now: Instant) -> Verdict {
    var verdict = Verdict(
      pod: pod.key, uid: pod.uid, node: nil, refusals: [:], scores: [:], message: "", decidedAt: now)
    let topology = TopologyFilters(pod, view)
    let isTrivial = topology.isTrivial
    let limit = sampleSize(view.nodes.count)
    var fitting: [NodeState] = []
    for offset in 0..<view.nodes.count where fitting.count < limit {
      let node = view.nodes[(start + offset) % view.nodes.count]
      let refusals = refusals(pod, node, isTrivial ? nil : topology)
      if refusals.isEmpty { fitting.append(node) } else { verdict.refusals[node.name] = refusals }
    }
    if fitting.isEmpty {
      verdict.message = Verdict.message(nodes: view.nodes.count, refusals: verdict.refusals)
      return verdict
    }
    if fitting.count == 1 {
      verdict.node = fitting[0].name
      return verdict
    }
    let totals = Scores.totals(pod, fitting, view)
    var best = 0
    for index in totals.indices {
      verdict.scores[fitting[index].name] = totals[index]
      if totals[index] > totals[best] { best = index }
    }
    verdict.node = fitting[best].name
    return verdict
  }

  static func refusals(_ pod: PodNeeds, _ node: NodeState, _ topology: TopologyFilters?) -> [Refusal] {
    let refusals = NodeFilters.refusals(pod, node)
    if !refusals.isEmpty { return refusals }
    return topology?.refusal(node).map { [$0] } ?? []
  }
}
