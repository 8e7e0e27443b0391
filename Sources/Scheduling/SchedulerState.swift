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
  var startRevision: Int64 = 0
  var wakeUp = WakeUp()
  var newlyGated: [PodNeeds] = []

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
      // Their victims may be going already, and nothing else would tell them to look elsewhere.
      let disappointed = Set(decision.disappointed.map(\.uid))
      if !disappointed.isEmpty { queue.wake { disappointed.contains($0.pod.uid) } }
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
