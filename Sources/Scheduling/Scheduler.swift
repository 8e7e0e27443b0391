import EventLoops
import JSONCore
import Objects
import Reconciling
import Synchronization
import Values

/// Gives each pod without a node the best one. It lives on its own loop: it follows the feed into a `ClusterView`, decides
/// one pod after the other, and performs the bindings side by side.
public final class Scheduler: Sendable {
  public static let name = "default-scheduler"
  static let caller = "kube-scheduler"

  /// The most bindings under way at a time; they share the store's commits.
  private static let bindingLimit = 256
  /// The most pods decided before the loop looks at what came in meanwhile.
  private static let burst = 128
  /// The most verdicts kept.
  private static let verdictLimit = 4096
  /// How long a pod waits for its volumes and devices, with a node.
  private static let volumePatience = Duration.seconds(600)

  /// A pod and the node it was given.
  struct Binding: Sendable {
    let pod: PodNeeds
    let node: String
    let volumes: VolumeBindings
    let devices: [Key: DeviceAllocation]
    /// How many attempts had failed before.
    let failures: Int
    /// When to give up waiting for volumes and devices.
    let deadline: Instant
    /// When the attempt began, by the machine's clock.
    var begun = Instant.epoch

    /// All claims whose changes may be what it waits for.
    var awaitedClaims: [Key] { volumes.claims + deviceClaims }

    var deviceClaims: [Key] {
      pod.devices.compactMap { name in
        name.claim.map { Key(.resourceClaims, namespace: pod.key.namespace, name: $0) }
      }
    }
  }

  let peer: any Peer
  let recorder: EventRecorder
  let clock: any Clock
  let loop: Loop
  let state: Confined<SchedulerState>
  private let verdicts = Mutex(VerdictStore(limit: Scheduler.verdictLimit))
  private let counted = Mutex(SchedulingStatistics())
  /// How long things take is a matter of the machine.
  private let wall = SystemClock()

  public init(
    peer: any Peer, recorder: EventRecorder, clock: any Clock, configuration: SchedulerConfiguration = .stock
  ) {
    self.peer = peer
    self.recorder = recorder
    self.clock = clock
    loop = clock.pool.loop("swiftlet.scheduler")
    state = Confined(loop, SchedulerState(configuration))
  }

  /// Takes in the whole cluster; changes after this snapshot must come through `follow`.
  public func start(_ snapshot: Snapshot) {
    loop.run { [self] in
      state.value.begin(snapshot)
      keepGated()
      wake()
    }
  }

  public func stop() {
    loop.run { [self] in
      state.value.isStopped = true
      state.value.timer?.cancel()
    }
  }

  /// What the scheduler looks at.
  private static let watched: Set<GroupResource> = [
    .pods, .nodes, .namespaces, .services, .persistentVolumes, .persistentVolumeClaims, .storageClasses, .csiNodes,
    .csiDrivers, .csiStorageCapacities, .resourceClaims, .resourceSlices, .deviceClasses,
  ]

  /// Follows a batch of the feed; only changes newer than the starting snapshot count.
  public func follow(_ changes: [Change]) {
    let relevant = changes.filter { Self.watched.contains($0.key.resource) }
    if relevant.isEmpty { return }
    loop.run { [self] in
      let snapshot = peer.snapshot
      for change in relevant { state.value.apply(change, snapshot) }
      state.value.wakeParked()
      keepGated()
      resumeAwaiting(snapshot)
      wake()
    }
  }

  /// Pods with gates are not decided about; why they wait is known all the same.
  private func keepGated() {
    for pod in state.value.takeGated() {
      let verdict = Verdict(gated: pod, at: clock.now)
      verdicts.withLock { $0.keep(verdict) }
    }
  }

  /// Why a pod is where it is, or nowhere; nil when it has not been looked at lately.
  public func verdict(uid: String) -> Verdict? { verdicts.withLock { $0[uid] } }

  /// What it has done since the start.
  public var statistics: SchedulingStatistics { counted.withLock { $0 } }

  // MARK: The loop

  func wake() {
    if state.value.isAwake || state.value.isStopped { return }
    state.value.isAwake = true
    loop.run { [self] in
      state.value.isAwake = false
      work()
    }
  }

  /// Those that only wait for their volumes cost the store nothing meanwhile.
  private var room: Int { Self.bindingLimit - (state.value.bindingsUnderWay - state.value.awaiting.count) }

  private func work() {
    if state.value.isStopped { return }
    defer { counted.withLock { $0.note(places: state.value.queue.counts) } }
    let snapshot = peer.snapshot
    var left = min(Self.burst, room)
    while left > 0, let entry = state.value.queue.take(at: clock.now) {
      left -= 1
      schedule(entry, snapshot)
    }
    state.value.wakeParked()
    if state.value.queue.hasReady, room > 0 { return wake() }
    setTimer()
  }

  func setTimer() {
    var next = state.value.queue.nextDeadline()
    if let first = state.value.awaiting.nextDeadline() { next = min(next ?? first, first) }
    guard let next, state.value.timer == nil || next < state.value.timerDeadline else { return }
    state.value.timer?.cancel()
    state.value.timerDeadline = next
    state.value.timer = clock.schedule(at: max(next, clock.now + .milliseconds(1)), on: loop) { [weak self] in
      guard let self else { return }
      state.value.timer = nil
      resumeAwaiting(peer.snapshot)
      wake()
    }
  }

  // MARK: Deciding

  private func schedule(_ entry: PodQueue.Entry, _ snapshot: Snapshot) {
    let start = wall.now
    let decision = state.value.decide(entry, snapshot, patience: Self.volumePatience, at: clock.now)
    counted.withLock { counted in
      counted.noteDecision(entry.pod, hasNode: decision.binding != nil, since: start, at: wall.now)
      if let choice = decision.choice { counted.noteVictims(choice.victims.count) }
    }
    verdicts.withLock { $0.keep(decision.verdict) }
    if var binding = decision.binding {
      binding.begun = start
      state.value.bindingsUnderWay += 1
      clock.pool.spawn { [self, binding] in await prepare(binding) }
      return
    }
    let (pod, message) = (entry.pod, decision.verdict.message)
    let (choice, nomination, disappointed) = (decision.choice, decision.nomination, decision.disappointed)
    clock.pool.spawn { [self] in
      await report(pod, reason: "Unschedulable", message, nomination)
      for other in disappointed { await withdrawNomination(other) }
      if let choice { await evict(choice, for: pod) }
    }
  }

  // MARK: Binding

  func bind(_ binding: Binding) async {
    do throws(Status) {
      _ = try await peer.perform(
        .bind(binding.pod.key, uid: binding.pod.uid, node: binding.node), as: Self.caller)
    } catch {
      return settle(binding, failure: error)
    }
    recorder.record(
      EventNote(
        Self.involved(binding.pod), "Scheduled",
        "Successfully assigned \(binding.pod.key.namespace)/\(binding.pod.key.name) to \(binding.node)",
        action: "Binding"),
      from: binding.pod.schedulerName)
    settle(binding, failure: nil)
  }

  /// A binding has come to its end.
  func settle(_ binding: Binding, failure: Status?) {
    counted.withLock { $0.noteBinding(binding, isDone: failure == nil, at: wall.now) }
    loop.run { [self] in
      state.value.bindingsUnderWay -= 1
      guard let failure else {
        state.value.release(binding, isFailed: false)
        return wake()
      }
      if state.value.retract(binding, peer.snapshot, at: clock.now) { tellFailure(of: binding, failure) }
      state.value.wakeParked()
      wake()
    }
  }

  /// The pod still waits: it is told why its node came to nothing.
  private func tellFailure(of binding: Binding, _ failure: Status) {
    let message = "binding rejected: \(failure.message)"
    verdicts.withLock { $0.setFailure(binding.pod.uid, message) }
    recorder.failures.report(Self.name, "bind \(binding.pod.key) to \(binding.node)", failure, at: clock.now)
    clock.pool.spawn { [self] in await report(binding.pod, reason: "SchedulerError", message, .unchanged) }
  }
}
