import Objects

/// What has changed since the parked pods were last looked at, and whom of them it may help.
struct WakeUp {
  /// These plug-ins may answer anybody differently now.
  var plugins: PluginSet = []
  /// Nodes that appeared or changed, and nodes where room became free.
  var changedSlots: Set<Int> = []
  var freedSlots: Set<Int> = []
  /// Pods that came to be somewhere, or whose labels changed.
  var arrivals: [PodNeeds] = []

  var isEmpty: Bool { plugins.isEmpty && changedSlots.isEmpty && freedSlots.isEmpty && arrivals.isEmpty }

  private static let ofNeighbours = PluginSet([.podTopologySpread, .interPodAffinity])
  private static let ofRoom = PluginSet([.nodeResourcesFit, .nodePorts])

  /// Whether a pod that was refused by `rejectors` deserves another try.
  func mayHelp(_ entry: PodQueue.Entry, _ view: inout ClusterView, _ profile: Profile) -> Bool {
    let rejectors = entry.rejectors
    if rejectors.isEmpty || !rejectors.isDisjoint(with: plugins) { return true }
    let pod = entry.pod
    if !changedSlots.isEmpty || !freedSlots.isEmpty {
      if !rejectors.isDisjoint(with: Self.ofNeighbours) { return true }
      if !rejectors.isDisjoint(with: .ofVolumes) || rejectors.contains(.dynamicResources) { return true }
      let filters = NodeFilters(pod, &view, profile)
      if changedSlots.contains(where: { filters.couldFit($0, view.nodes) }) { return true }
      if !rejectors.isDisjoint(with: Self.ofRoom) {
        // Where others could have to go, there may now be fewer or other ones.
        let mayPreempt = pod.preemptsLower && view.hasPods(below: pod.priority)
        for slot in freedSlots where view.nodes.isPresent[slot] {
          if filters.refusals(slot, view.nodes).isEmpty { return true }
          if mayPreempt, filters.couldFit(slot, view.nodes) { return true }
        }
      }
    }
    return arrivals.contains { other in
      if rejectors.contains(.interPodAffinity), let scope = pod.affinity.requiredScope,
        view.census.matches(other, scope)
      {
        return true
      }
      return rejectors.contains(.podTopologySpread) && pod.spread.contains { view.census.matches(other, $0.scope) }
    }
  }
}
