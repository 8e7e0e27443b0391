import JSONCore
import Objects
import Reconciling
import Values

/// How the scheduler follows the cluster.
extension SchedulerState {
  /// Follows one change of the feed.
  mutating func apply(_ change: Change, _ snapshot: Snapshot) {
    if change.revision <= startRevision { return }
    let isGone = change.kind == .deleted
    switch change.key.resource {
    case .pods: applyPod(change.object, isGone: isGone)
    case .nodes: applyNode(change.object, isGone: isGone)
    case .services: view.setService(change.object, isGone: isGone)
    case .namespaces:
      if view.setNamespace(change.object.name, isGone ? nil : change.object.labels) {
        wakeUp.plugins.formUnion(PluginSet(.interPodAffinity))
      }
    case .persistentVolumes, .persistentVolumeClaims:
      // What the cluster says itself needs no promise any more.
      if change.key.resource == .persistentVolumes, isGone || Self.hasClaim(change.object) {
        held.volumes[change.object.name] = nil
      }
      awaiting.touch(change.key)
      wakeUp.plugins.formUnion(.ofVolumes)
    case .storageClasses, .csiNodes, .csiDrivers, .csiStorageCapacities: wakeUp.plugins.formUnion(.ofVolumes)
    case .resourceClaims, .resourceSlices, .deviceClasses:
      awaiting.touch(change.key)
      wakeUp.plugins.formUnion(PluginSet(.dynamicResources))
    default: break
    }
  }

  private static func hasClaim(_ volume: Object) -> Bool {
    volume.spec?.member("claimRef") != nil
  }

  /// Lets the parked pods try again that the changes since the last call may help.
  mutating func wakeParked() {
    if wakeUp.isEmpty { return }
    let changes = wakeUp
    wakeUp = WakeUp()
    let profiles = profiles
    // Taken out, so that it is not copied while the queue asks about it.
    var view = ClusterView()
    swap(&view, &self.view)
    queue.wake { entry in changes.mayHelp(entry, &view, profiles[entry.pod.schedulerName] ?? .stock) }
    swap(&view, &self.view)
  }

  // MARK: Nodes

  private mutating func applyNode(_ object: Object, isGone: Bool) {
    if isGone {
      view.remove(node: object.name)
      wakeUp.plugins.formUnion(PluginSet(.podTopologySpread))
      return
    }
    let (slot, change) = view.update(node: object)
    if !change.isEmpty { wakeUp.changedSlots.insert(slot) }
  }

  // MARK: Pods

  private mutating func applyPod(_ object: Object, isGone: Bool) {
    let facts = PodFacts(object)
    if isGone || facts.isTerminal {
      queue.remove(facts.uid)
      forgetAwaiting(facts.uid)
      leave(facts.uid)
    } else if facts.nodeName.isEmpty {
      consider(facts)
    } else {
      queue.remove(facts.uid)
      view.denominate(facts.uid)
      settle(facts)
    }
  }

  /// The pod is gone that waited for its volumes: its binding has come to its end.
  private mutating func forgetAwaiting(_ uid: String) {
    guard let binding = awaiting.remove(uid) else { return }
    bindingsUnderWay -= 1
    release(binding, isFailed: true)
    if !binding.volumes.isEmpty { wakeUp.plugins.formUnion(.ofVolumes) }
    if !binding.devices.isEmpty { wakeUp.plugins.formUnion(PluginSet(.dynamicResources)) }
  }

  mutating func leave(_ uid: String) {
    if let kept = view.nominated[uid], let slot = view.nodes.slot(of: kept.node) { wakeUp.freedSlots.insert(slot) }
    view.denominate(uid)
    if let old = view.remove(uid) { wakeUp.freedSlots.insert(old.slot) }
  }

  /// A pod is on its node: as was assumed, or by somebody else's doing.
  private mutating func settle(_ facts: PodFacts) {
    guard let old = view.placed[facts.uid], view.nodes.names[old.slot] == facts.nodeName else {
      return arrive(facts)
    }
    if facts.isBeingDeleted, !old.isLeaving {
      view.markLeaving(facts.uid, isPreempted: PodNeeds.isPreempted(facts.object.json["status"]))
      wakeUp.plugins.formUnion(PluginSet(.podTopologySpread))
    }
    if old.startedAt == nil, let started = facts.object.status?.member("startTime") {
      if let time = Instant(rfc3339: started.string) { view.markStarted(facts.uid, at: time) }
    }
    if old.pod.isResizing || old.pod.generation != facts.generation || old.pod.labels != facts.object.labels {
      let pod = PodNeeds(facts.object)
      let isSmaller = pod.requests != old.pod.requests
      arrive(facts)
      if isSmaller { wakeUp.freedSlots.insert(old.slot) }
    }
  }

  private mutating func arrive(_ facts: PodFacts) {
    let pod = PodNeeds(facts.object)
    view.place(pod, on: facts.nodeName)
    wakeUp.arrivals.append(pod)
  }

  /// Takes a pod up for scheduling, or anew when what it asks for has changed.
  mutating func consider(_ facts: PodFacts) {
    let scheduler = facts.schedulerName.isEmpty ? Scheduler.name : facts.schedulerName
    if facts.isBeingDeleted || facts.isTerminal || profiles[scheduler] == nil {
      queue.remove(facts.uid)
      forgetAwaiting(facts.uid)
      leave(facts.uid)
      return
    }
    // Already assumed on a node: the binding is under way.
    if view.placed[facts.uid] != nil { return }
    if let entry = queue[facts.uid], !entry.rejectors.contains(.dynamicResources),
      entry.pod.generation == facts.generation,
      entry.pod.labels == facts.object.labels
    {
      return
    }
    let pod = PodNeeds(facts.object)
    if let entry = queue[pod.uid], entry.pod.isSameRequest(as: pod) { return }
    if !pod.nominatedNode.isEmpty, view.nominated[pod.uid] == nil { view.nominate(pod, on: pod.nominatedNode) }
    queue.add(pod)
    if !pod.gates.isEmpty { newlyGated.append(pod) }
  }

  /// The pods with gates that came since the last call.
  mutating func takeGated() -> [PodNeeds] {
    defer { newlyGated = [] }
    return newlyGated
  }
}

extension PodNeeds {
  /// Nothing that matters for finding a node has changed.
  fileprivate func isSameRequest(as other: PodNeeds) -> Bool {
    generation == other.generation && labels == other.labels && devices == other.devices
      && requests == other.requests && gates == other.gates && priority == other.priority
  }
}
