import EventLoops
import JSONCore
import Objects
import Reconciling
import Values

/// What the scheduler knows between two moments; touched on its loop alone.
struct SchedulerState {
  var view = ClusterView()
  var queue: PodQueue
  var held = Reservations()
  /// Pods with a node that wait for their volumes and devices.
  var awaiting = AwaitingBindings()
  let profiles: [String: Profile]
  private var startRevision: Int64 = 0
  private var wakeUp = WakeUp()
  private var newlyGated: [PodNeeds] = []

  var bindingsUnderWay = 0
  var nextStart = 0
  var isAwake = false
  var isStopped = false
  var timer: (any ScheduledTimer)?
  var timerDeadline = Instant.distantFuture

  init(_ configuration: SchedulerConfiguration) {
    profiles = Dictionary(configuration.profiles.map { ($0.name, $0) }) { _, last in last }
    queue = PodQueue(
      backoff: Backoff(first: configuration.initialBackoff, limit: configuration.maximumBackoff))
  }

  func profile(of pod: PodNeeds) -> Profile { profiles[pod.schedulerName] ?? .stock }

  mutating func begin(_ snapshot: Snapshot) {
    view = ClusterView(snapshot)
    startRevision = snapshot.revision
    let waiting = snapshot.objects(.pods).map(PodFacts.init).filter { $0.nodeName.isEmpty && !$0.isTerminal }
    for facts in waiting.sorted(by: { $0.createdAt < $1.createdAt }) { consider(facts) }
  }

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
    RawJSON(volume.blob.bytes).member("spec")?.member("claimRef") != nil
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

  private mutating func leave(_ uid: String) {
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
      view.markLeaving(facts.uid)
      wakeUp.plugins.formUnion(PluginSet(.podTopologySpread))
    }
    let root = RawJSON(facts.object.blob.bytes)
    if old.startedAt == nil, let started = root.member("status")?.member("startTime") {
      if let time = Instant(rfc3339: started.string) { view.markStarted(facts.uid, at: time) }
    }
    let generation = root.member("metadata")?.member("generation")?.int ?? 0
    if old.pod.isResizing || old.pod.generation != generation || old.pod.labels != facts.object.labels {
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
  private mutating func consider(_ facts: PodFacts) {
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

  // MARK: Decisions

  /// What was decided about a pod, and what has to be done about it.
  struct Decision {
    var verdict: Verdict
    var binding: Scheduler.Binding?
    var choice: Preemption.Choice?
    var nomination = Nomination.unchanged
    /// Pods that lose the room they were promised.
    var disappointed: [PodNeeds] = []
  }

  /// Decides about a pod that was taken from the queue, and takes the room or parks it.
  /// - Parameter patience: how long the pod may wait for its volumes.
  mutating func decide(
    _ entry: PodQueue.Entry, _ snapshot: Snapshot, patience: Duration, at now: Instant
  ) -> Decision {
    let request = Request(entry.pod, profile(of: entry.pod), view, snapshot, held)
    var decision = Decision(verdict: Placement.decide(request, &view, start: nextStart, at: now))
    let verdict = decision.verdict
    nextStart = (nextStart + (verdict.visited == verdict.nodeCount ? 1 : verdict.visited)) & Int(Int32.max)
    if let node = verdict.node, let slot = view.nodes.slot(of: node) {
      let binding = Scheduler.Binding(
        pod: entry.pod, node: node, volumes: VolumeBindings(request.volumes, view.nodes.labels[slot], node: node),
        devices: request.devices?.allocate(slot, view.nodes) ?? [:], failures: entry.failures, deadline: now + patience)
      assume(binding)
      decision.binding = binding
    } else {
      fail(request, snapshot, &decision, at: now)
    }
    return decision
  }

  private mutating func fail(_ request: Request, _ snapshot: Snapshot, _ decision: inout Decision, at now: Instant) {
    let pod = request.pod
    if request.profile.preempts, decision.verdict.nodeCount > 0 {
      let found = Preemption.find(
        request, decision.verdict, Budget.all(snapshot), &view, start: nextStart, at: now)
      decision.verdict.preemption = found.report
      decision.choice = found.choice
    }
    queue.park(pod.uid, rejectors: decision.verdict.rejectors, at: now)
    if let choice = decision.choice {
      // Room is kept for the pod where others leave for it; who was promised it before and counts less must wait.
      decision.disappointed = view.nominated.values
        .filter { $0.node == choice.node && $0.pod.priority < pod.priority }.map(\.pod)
        .sorted { Key.precedes($0.key, $1.key) }
      for other in decision.disappointed { view.denominate(other.uid) }
      view.nominate(pod, on: choice.node)
      decision.nomination = .set(choice.node)
    } else if case .ineligible = decision.verdict.preemption {
      decision.nomination = .unchanged
    } else if view.denominate(pod.uid) {
      decision.nomination = .cleared
    }
  }

  /// Takes the room at once, before the cluster knows.
  private mutating func assume(_ binding: Scheduler.Binding) {
    view.place(binding.pod, on: binding.node)
    view.denominate(binding.pod.uid)
    queue.remove(binding.pod.uid)
    for (volume, claim) in binding.volumes.volumes { held.volumes[volume] = claim }
    for (claim, allocation) in binding.devices { held.devices[claim] = allocation }
    wakeUp.arrivals.append(binding.pod)
  }

  /// What was promised for a binding is free again, or the cluster says so itself by now.
  mutating func release(_ binding: Scheduler.Binding, isFailed: Bool) {
    for claim in binding.devices.keys { held.devices[claim] = nil }
    if isFailed { for volume in binding.volumes.volumes.keys { held.volumes[volume] = nil } }
  }

  /// The binding failed: the room is free again, and the pod is tried again after a delay if it still waits.
  /// - Returns: whether it does.
  mutating func retract(_ binding: Scheduler.Binding, _ snapshot: Snapshot, at now: Instant) -> Bool {
    release(binding, isFailed: true)
    guard let object = snapshot[binding.pod.key], object.uid == binding.pod.uid else {
      leave(binding.pod.uid)
      return false
    }
    let facts = PodFacts(object)
    if !facts.nodeName.isEmpty { return false }
    leave(binding.pod.uid)
    if facts.isBeingDeleted || facts.isTerminal { return false }
    queue.retry(PodNeeds(object), failures: binding.failures, at: now)
    return true
  }
}

extension PodNeeds {
  /// Nothing that matters for finding a node has changed.
  fileprivate func isSameRequest(as other: PodNeeds) -> Bool {
    generation == other.generation && labels == other.labels && devices == other.devices
      && requests == other.requests && gates == other.gates && priority == other.priority
  }
}
