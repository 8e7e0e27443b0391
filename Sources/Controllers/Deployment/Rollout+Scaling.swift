import JSONCore
import Objects
import Reconciling

/// How many replicas each ReplicaSet gets.
extension Rollout {
  /// Grows (or cuts) the new ReplicaSet towards the wanted size; false when it is as large as it may be now.
  mutating func scaleUpNew() -> Bool {
    guard let new, new.replicas != replicas else { return false }
    let target = new.replicas > replicas ? replicas : sizeForNew(own: new.replicas)
    self.new?.replicas = target
    return target != new.replicas
  }

  /// The size that leaves the total within the surge.
  func sizeForNew(own: Int) -> Int {
    if isRecreate { return replicas }
    let total = old.reduce(own) { $0 + $1.replicas }
    let limit = replicas + surge
    if total >= limit { return own }
    return own + max(0, min(limit - total, replicas - own))
  }

  /// Cuts old ReplicaSets as far as availability allows: unhealthy replicas first, the oldest ReplicaSet first.
  mutating func scaleDownOld() -> Bool {
    let oldTotal = old.reduce(0) { $0 + $1.replicas }
    if oldTotal == 0 { return false }
    let minimumAvailable = replicas - unavailable
    let newUnavailable = (new?.replicas ?? 0) - (new?.lastingReplicas ?? 0)
    let budget = oldTotal + (new?.replicas ?? 0) - minimumAvailable - newUnavailable
    if budget <= 0 { return false }
    var removed = 0
    for index in old.indices where removed < budget && old[index].replicas > old[index].lastingReplicas {
      let cut = min(budget - removed, old[index].replicas - old[index].lastingReplicas)
      old[index].replicas -= cut
      removed += cut
    }
    var spare = all.reduce(0) { $0 + $1.lastingReplicas } - minimumAvailable
    for index in old.indices where spare > 0 && old[index].replicas > 0 {
      let cut = min(spare, old[index].replicas)
      old[index].replicas -= cut
      spare -= cut
      removed += cut
    }
    return removed > 0
  }

  /// Sizes after a change of `spec.replicas`: all to the one active ReplicaSet, or shared in proportion mid-rollout.
  mutating func scale() {
    let active = all.filter { $0.replicas > 0 }
    if active.count <= 1 {
      if let only = active.first ?? new ?? old.last { resize(only.name, to: replicas) }
      return
    }
    if let new, new.replicas == replicas, new.availableReplicas == replicas,
      new.annotations[ReplicaSetState.desiredAnnotation] == String(replicas)
    {
      for replicaSet in old { resize(replicaSet.name, to: 0) }
      return
    }
    if !isRecreate { scaleInProportion(active) }
  }

  private mutating func scaleInProportion(_ active: [ReplicaSetState]) {
    let allowed = replicas > 0 ? replicas + surge : 0
    let toAdd = allowed - active.reduce(0) { $0 + $1.replicas }
    if toAdd == 0 {
      for replicaSet in active { resize(replicaSet.name, to: replicaSet.replicas) }
      return
    }
    // Larger first; of equal ones the newer grows first and the older shrinks first.
    let sorted = active.sorted { left, right in
      if left.replicas != right.replicas { return left.replicas > right.replicas }
      return ReplicaSetState.isOlder(left, right) == (toAdd < 0)
    }
    var added = 0
    var sizes = sorted.map { replicaSet in
      let rest = toAdd - added
      let share = fraction(of: replicaSet)
      let portion = rest == 0 || replicaSet.replicas == 0 ? 0 : toAdd > 0 ? min(share, rest) : max(share, rest)
      added += portion
      return replicaSet.replicas + portion
    }
    sizes[0] = max(0, sizes[0] + toAdd - added)
    for (replicaSet, size) in zip(sorted, sizes) { resize(replicaSet.name, to: size) }
  }

  /// The change that keeps a ReplicaSet's share of the total.
  private func fraction(of replicaSet: ReplicaSetState) -> Int {
    if replicas == 0 { return -replicaSet.replicas }
    let recorded = replicaSet.annotations[ReplicaSetState.maximumAnnotation].flatMap { Int($0) } ?? 0
    let before = recorded > 0 ? recorded : json.at("status", "replicas")?.int ?? 0
    if before <= 0 { return 0 }
    let size = Double(replicaSet.replicas) * Double(replicas + surge) / Double(before)
    return Int(min(size.rounded(), Double(Int32.max))) - replicaSet.replicas
  }

  private mutating func resize(_ name: String, to size: Int) {
    if new?.name == name {
      new?.replicas = size
      if var replicaSet = new {
        annotateSize(&replicaSet)
        new = replicaSet
      }
    } else if let index = old.firstIndex(where: { $0.name == name }) {
      old[index].replicas = size
      annotateSize(&old[index])
    }
  }

  /// Records the sizes of the Deployment that this size was made for.
  func annotateSize(_ replicaSet: inout ReplicaSetState) {
    replicaSet.annotations[ReplicaSetState.desiredAnnotation] = String(replicas)
    replicaSet.annotations[ReplicaSetState.maximumAnnotation] = String(replicas + surge)
  }
}
