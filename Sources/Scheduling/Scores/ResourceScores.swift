/// Scores by what would be left of a node's resources.
enum ResourceScores {
  /// A resource as it is scored.
  private struct Resource {
    let allocatable: [Int64]
    let used: [Int64]
    let wanted: Int64
    let weight: Int64
  }

  // MARK: NodeResourcesFit

  static func fit(_ pod: PodNeeds, _ profile: Profile, _ slots: [Int], _ nodes: NodeTable) -> [Int64] {
    let resources = profile.fitResources.compactMap { share in
      resource(share.name, pod, nodes, isScored: true, weight: share.weight)
    }
    switch profile.fitStrategy {
    case .leastAllocated: return weighted(slots, resources, least)
    case .mostAllocated: return weighted(slots, resources, most)
    case .ratio(let shape): return ratio(slots, resources, shape)
    }
  }

  /// - Parameter isScored: CPU and memory with the defaults for containers that ask for none.
  /// - Returns: nil for an extended resource that the pod does not ask for.
  private static func resource(
    _ name: String, _ pod: PodNeeds, _ nodes: NodeTable, isScored: Bool, weight: Int64
  ) -> Resource? {
    switch name {
    case "cpu":
      return Resource(
        allocatable: nodes.cpu.allocatable, used: isScored ? nodes.scoredCPU : nodes.cpu.requested,
        wanted: isScored ? pod.scoredCPU : pod.requests.milliCPU, weight: weight)
    case "memory":
      return Resource(
        allocatable: nodes.memory.allocatable, used: isScored ? nodes.scoredMemory : nodes.memory.requested,
        wanted: isScored ? pod.scoredMemory : pod.requests.memory, weight: weight)
    case "ephemeral-storage":
      return Resource(
        allocatable: nodes.storage.allocatable, used: nodes.storage.requested,
        wanted: pod.requests.ephemeralStorage, weight: weight)
    default:
      guard let wanted = pod.requests.extended[name], wanted > 0, let column = nodes.extended[name] else {
        return nil
      }
      return Resource(allocatable: column.allocatable, used: column.requested, wanted: wanted, weight: weight)
    }
  }

  @inline(__always)
  private static func weighted(
    _ slots: [Int], _ resources: [Resource], _ score: (_ used: Int64, _ total: Int64) -> Int64
  ) -> [Int64] {
    slots.map { slot in
      var sum: Int64 = 0
      var weights: Int64 = 0
      for resource in resources {
        let total = resource.allocatable[slot]
        if total <= 0 { continue }
        sum += score(resource.used[slot] &+ resource.wanted, total) * resource.weight
        weights += resource.weight
      }
      return weights == 0 ? 0 : sum / weights
    }
  }

  private static func least(_ used: Int64, _ total: Int64) -> Int64 {
    used > total || used < 0 ? 0 : (total - used) * Scores.most / total
  }

  private static func most(_ used: Int64, _ total: Int64) -> Int64 {
    used < 0 ? 0 : min(used, total) * Scores.most / total
  }

  private static func ratio(_ slots: [Int], _ resources: [Resource], _ shape: [Profile.ShapePoint]) -> [Int64] {
    slots.map { slot in
      var sum: Int64 = 0
      var weights: Int64 = 0
      for resource in resources {
        let total = resource.allocatable[slot]
        let used = resource.used[slot] &+ resource.wanted
        if total <= 0 { continue }
        let score = value(of: shape, at: used > total || used < 0 ? 100 : used * 100 / total)
        if score > 0 {
          sum += score * resource.weight
          weights += resource.weight
        }
      }
      return weights == 0 ? 0 : Int64((Double(sum) / Double(weights)).rounded())
    }
  }

  /// Straight lines between the points, level beyond the ends.
  static func value(of shape: [Profile.ShapePoint], at utilization: Int64) -> Int64 {
    guard let next = shape.firstIndex(where: { utilization <= $0.utilization }) else { return shape.last?.score ?? 0 }
    if next == 0 { return shape[0].score }
    let (left, right) = (shape[next - 1], shape[next])
    return left.score + (right.score - left.score) * (utilization - left.utilization)
      / (right.utilization - left.utilization)
  }

  // MARK: NodeResourcesBalancedAllocation

  /// More for the node where its resources are used alike; nil for pods that ask for none of them.
  static func balance(_ pod: PodNeeds, _ profile: Profile, _ slots: [Int], _ nodes: NodeTable) -> [Int64]? {
    let resources = profile.balancedResources.compactMap { name in
      resource(name, pod, nodes, isScored: false, weight: 1)
    }
    if resources.allSatisfy({ $0.wanted == 0 }) { return nil }
    if resources.count == 2 { return slots.map { balanceOfTwo($0, resources[0], resources[1]) } }
    return slots.map { slot in
      let shares = resources.compactMap { share($0, slot) }
      if shares.count < 2 { return Scores.most }
      let mean = shares.reduce(0, +) / Double(shares.count)
      let variance = shares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(shares.count)
      return Int64((1 - variance.squareRoot()) * Double(Scores.most))
    }
  }

  private static func balanceOfTwo(_ slot: Int, _ first: Resource, _ second: Resource) -> Int64 {
    guard let left = share(first, slot), let right = share(second, slot) else { return Scores.most }
    return Int64((1 - abs(left - right) / 2) * Double(Scores.most))
  }

  @inline(__always)
  private static func share(_ resource: Resource, _ slot: Int) -> Double? {
    let total = resource.allocatable[slot]
    if total <= 0 { return nil }
    return min(1, max(0, Double(resource.used[slot] &+ resource.wanted) / Double(total)))
  }
}
