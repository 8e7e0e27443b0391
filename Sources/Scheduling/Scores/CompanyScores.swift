import Objects

/// Scores by the company that a pod would like or rather avoid, and that others would like or avoid of it.
enum CompanyScores {
  static func scores(
    _ pod: PodNeeds, _ profile: Profile, _ slots: [Int], _ view: inout ClusterView
  ) -> [Int64]? {
    var sums = [Int64](repeating: 0, count: slots.count)
    var hasSay = false
    func add(_ key: String, _ pods: NodeCounts, times weight: Int64) {
      if pods.isEmpty || weight == 0 { return }
      let column = view.column(key)
      let counts = pods.sums(by: column.values, count: column.names.count)
      hasSay = true
      for (index, slot) in slots.enumerated() where column.values[slot] >= 0 {
        sums[index] += weight * Int64(counts[Int(column.values[slot])])
      }
    }
    for (weight, term) in pod.affinity.preferred {
      add(term.topologyKey, view.record(term.scope).pods, times: Int64(weight))
    }
    for record in view.heard(by: pod) {
      for (key, ties) in record.ties {
        add(key, ties.attracting, times: Int64(profile.hardPodAffinityWeight))
        if !profile.ignoresPreferencesOfPlacedPods { add(key, ties.pulling, times: 1) }
      }
    }
    guard hasSay, let least = sums.min(), let most = sums.max() else { return nil }
    if most == least { return sums.map { _ in 0 } }
    return sums.map { Int64(Double(Scores.most) * Double($0 - least) / Double(most - least)) }
  }
}
