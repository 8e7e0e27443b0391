import Objects

/// Even spreading as a filter: no value of a node label may have many more matching pods than the emptiest.
struct SpreadFilter {
  private struct Rule {
    let constraint: SpreadConstraint
    let column: TopologyTable.Column
    /// Matching pods by the number of the value, on nodes that the pod could use.
    let matches: [Int32]
    let least: Int
  }

  private var rules: [Rule] = []

  init(_ pod: PodNeeds, _ view: inout ClusterView, _ constraints: [SpreadConstraint], admitted: [Bool]?) {
    if constraints.isEmpty { return }
    let columns = constraints.map { view.column($0.topologyKey) }
    let order = view.order()
    for (constraint, column) in zip(constraints, columns) {
      let eligible = Eligibility(pod, constraint, columns, admitted)
      let record = view.record(constraint.scope)
      var matches = [Int32](repeating: -1, count: column.names.count)
      var domains = 0
      for slot in order where eligible.contains(slot, view.nodes) {
        let value = Int(column.values[slot])
        if matches[value] < 0 {
          matches[value] = 0
          domains += 1
        }
      }
      for (index, slot) in record.pods.slots.enumerated() where eligible.contains(Int(slot), view.nodes) {
        matches[Int(column.values[Int(slot)])] += record.pods.counts[index]
      }
      for (index, slot) in record.leaving.slots.enumerated() where eligible.contains(Int(slot), view.nodes) {
        matches[Int(column.values[Int(slot)])] -= record.leaving.counts[index]
      }
      var least = Int32.max
      for count in matches where count >= 0 { least = min(least, count) }
      let isThin = domains < constraint.minDomains || least == .max
      rules.append(
        Rule(constraint: constraint, column: column, matches: matches, least: isThin ? 0 : Int(least)))
    }
  }

  var isEmpty: Bool { rules.isEmpty }

  func refusal(_ slot: Int) -> Refusal? {
    for rule in rules {
      let number = Int(rule.column.values[slot])
      let key = rule.constraint.topologyKey
      if number < 0 {
        return Refusal(
          .podTopologySpread, "node(s) didn't match pod topology spread constraints (missing required label)",
          .missingLabel(key))
      }
      let count = max(0, Int(rule.matches[number])) + (rule.constraint.countsSelf ? 1 : 0)
      if count - rule.least > rule.constraint.maxSkew {
        return Refusal(
          .podTopologySpread, "node(s) didn't match pod topology spread constraints", isCurable: true,
          .skew(
            key: key, value: rule.column.names[number], count: count, least: rule.least,
            limit: rule.constraint.maxSkew))
      }
    }
    return nil
  }
}

/// The nodes that count for a spread constraint of a pod: those with all the labels that the pod's constraints speak of,
/// that its affinity admits, and where asked so, whose taints it tolerates.
struct Eligibility {
  private let pod: PodNeeds
  private let columns: [TopologyTable.Column]
  private let admitted: [Bool]?
  private let honorsTaints: Bool

  /// - Parameter columns: the labels that a node must have; none for those who do not ask for them.
  init(
    _ pod: PodNeeds, _ constraint: SpreadConstraint, _ columns: [TopologyTable.Column], _ admitted: [Bool]?
  ) {
    self.pod = pod
    self.columns = columns
    self.admitted = constraint.honorsAffinity ? admitted : nil
    honorsTaints = constraint.honorsTaints
  }

  @inline(__always)
  func contains(_ slot: Int, _ nodes: NodeTable) -> Bool {
    if !nodes.isPresent[slot] { return false }
    for column in columns where column.values[slot] < 0 { return false }
    if let admitted, !admitted[slot] { return false }
    return !honorsTaints || NodeFilters.untolerated(pod, slot, nodes) == nil
  }
}
