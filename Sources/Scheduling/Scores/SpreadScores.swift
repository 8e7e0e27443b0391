import Objects

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// Scores by how evenly the matching pods would lie, for the constraints that are wishes.
enum SpreadScores {
  static func scores(
    _ request: Request, _ slots: [Int], _ admitted: [Bool]?, _ view: inout ClusterView
  ) -> [Int64]? {
    let constraints = request.spread.filter { !$0.isRequired }
    if constraints.isEmpty { return nil }
    let columns = constraints.map { view.column($0.topologyKey) }
    // The cluster's own default must not count against nodes without labels.
    let needsAll = !(request.isSpreadDefault && request.profile.isSpreadOfSystem)
    let isIgnored = slots.map { slot in needsAll && columns.contains { $0.values[slot] < 0 } }
    var sums = [Double](repeating: 0, count: slots.count)
    for (constraint, column) in zip(constraints, columns) {
      let eligible = Eligibility(request.pod, constraint, needsAll ? columns : [], admitted)
      add(constraint, column, eligible, slots, isIgnored, &sums, &view)
    }
    return normalized(sums, isIgnored)
  }

  private static func add(
    _ constraint: SpreadConstraint, _ column: TopologyTable.Column, _ eligible: Eligibility, _ slots: [Int],
    _ isIgnored: [Bool], _ sums: inout [Double], _ view: inout ClusterView
  ) {
    let record = view.record(constraint.scope)
    let isHostname = constraint.topologyKey == DefaultSpread.hostname
    var counts = [Int64](repeating: 0, count: isHostname ? 0 : column.names.count)
    var size = 0
    if isHostname {
      size = isIgnored.count { !$0 }
    } else {
      var isSeen = [Bool](repeating: false, count: column.names.count)
      for (index, slot) in slots.enumerated() where !isIgnored[index] && column.values[slot] >= 0 {
        let value = Int(column.values[slot])
        if !isSeen[value] { size += 1 }
        isSeen[value] = true
      }
      func count(_ pods: NodeCounts, _ sign: Int64) {
        for (index, slot) in pods.slots.enumerated() {
          let slot = Int(slot)
          guard column.values[slot] >= 0, eligible.contains(slot, view.nodes) else { continue }
          counts[Int(column.values[slot])] += sign * Int64(pods.counts[index])
        }
      }
      count(record.pods, 1)
      count(record.leaving, -1)
    }
    let weight = log(Double(size + 2))
    for (index, slot) in slots.enumerated() where !isIgnored[index] && column.values[slot] >= 0 {
      let matches = isHostname ? record.pods[slot] - record.leaving[slot] : Int(counts[Int(column.values[slot])])
      sums[index] += Double(matches) * weight + Double(constraint.maxSkew - 1)
    }
  }

  /// 100 for the emptiest, less the more there are; 0 for nodes that lack a label.
  private static func normalized(_ sums: [Double], _ isIgnored: [Bool]) -> [Int64] {
    var least = Int64.max
    var most: Int64 = 0
    let rounded = sums.map { Int64($0.rounded()) }
    for index in rounded.indices where !isIgnored[index] {
      least = min(least, rounded[index])
      most = max(most, rounded[index])
    }
    return rounded.indices.map { index in
      if isIgnored[index] { return 0 }
      return most == 0 ? Scores.most : Scores.most * (most + least - rounded[index]) / most
    }
  }
}
