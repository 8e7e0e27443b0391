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

  /// Whether a pod asks for this scheduler, read from its bytes: pods of others are not worth decoding.
  static func isResponsible(for pod: Object) -> Bool {
    RawJSON(pod.blob.bytes).member("spec")?.member("schedulerName").map { $0.isString("default-scheduler") } ?? true
  }

  /// The most bindings under way at a time.
  private static let bindingLimit = 64
  /// The most pods decided before the loop looks at what came in meanwhile.
  private static let burst = 256
  /// The most verdicts kept.
  private static let verdictLimit = 4096

  private let peer: any Peer
  private let recorder: EventRecorder
  private let clock: any Clock
  private let loop: Loop
  private let state: Confined<SchedulerState>
  private let verdicts = Mutex(VerdictStore(limit: Scheduler.verdictLimit))
  private let scheduled = Atomic(0)
  private let unschedulable = Atomic(0)
  private let failed = Atomic(0)

  public init(peer: any Peer, recorder: EventRecorder, clock: any Clock) {
    self.peer = peer
    self.recorder = recorder
    self.clock = clock
    loop = clock.pool.loop("swiftlet.scheduler")
    state = Confined(loop, SchedulerState())
  }

  /// Takes in the whole cluster; changes after this snapshot must come through `follow`.
  public func start(_ snapshot: Snapshot) {
    loop.run { [self] in
      state.value.begin(snapshot, at: clock.now)
      wake()
    }
  }

  public func stop() {
    loop.run { [self] in state.value.isStopped = true }
  }

  /// Follows a batch of the feed; only changes newer than the starting snapshot count.
  public func follow(_ changes: [Change]) {
    let relevant = changes.filter { change in
      let resource = change.key.resource
      return resource == .pods || resource == .nodes || resource == .persistentVolumeClaims
    }
    if relevant.isEmpty { return }
    loop.run { [self] in
      for change in relevant { state.value.apply(change, at: clock.now) }
      wake()
    }
  }

  /// Why a pod is where it is, or nowhere; nil when it has not been looked at lately.
  public func verdict(uid: String) -> Verdict? { verdicts.withLock { $0[uid] } }

  /// Attempts since the start, by their results.
  public var attempts: [(result: String, count: Int)] {
    [
      ("error", failed.load(ordering: .relaxed)), ("scheduled", scheduled.load(ordering: .relaxed)),
      ("unschedulable", unschedulable.load(ordering: .relaxed)),
    ]
  }

  private func wake() {
    if state.value.isAwake || state.value.isStopped { return }
    state.value.isAwake = true
    loop.run { [self] in
      state.value.isAwake = false
      work()
    }
  }

  private func work() {
    if state.value.isStopped { return }
    let snapshot = peer.snapshot
    var bindings: [Binding] = []
    for pod in state.value.takeReady(at: clock.now, limit: min(Self.burst, room)) {
      if let binding = decide(pod, snapshot) { bindings.append(binding) }
    }
    state.value.bindingsUnderWay += bindings.count
    for binding in bindings { loop.spawnOutside { [self] in await bind(binding) } }
    if state.value.hasReady, room > 0 { return wake() }
    if let next = state.value.nextRetry {
      if state.value.timer == nil || next < state.value.timerDeadline {
        state.value.timer?.cancel()
        state.value.timerDeadline = next
        state.value.timer = clock.schedule(at: max(next, clock.now + .milliseconds(1)), on: loop) { [weak self] in
          self?.state.value.timer = nil
          self?.wake()
        }
      }
    }
  }

  private var room: Int { max(0, Self.bindingLimit * 4 - state.value.bindingsUnderWay) }

  private struct Binding: Sendable {
    let pod: PodNeeds
    let node: String
    let claims: [Action]
  }

  /// Decides about a pod, and takes the room on the node at once.
  private func decide(_ pod: PodNeeds, _ snapshot: Snapshot) -> Binding? {
    let claims = VolumeClaims(pod, snapshot)
    var verdict: Verdict
    if let problem = claims.problem {
      verdict = Verdict(
        pod: pod.key, uid: pod.uid, node: nil, refusals: [:], scores: [:],
        message: "0/\(state.value.view.nodes.count) nodes are available: \(problem).", decidedAt: clock.now)
    } else {
      state.value.nextStart &+= 1
      let start = state.value.nextStart % max(1, state.value.view.nodes.count)
      verdict = Placement.decide(pod, state.value.view, start: start, at: clock.now)
    }
    if let node = verdict.node {
      keep(verdict)
      state.value.assume(pod, on: node)
      return Binding(pod: pod, node: node, claims: claims.selections(node))
    }
    fail(pod, &verdict, snapshot)
    keep(verdict)
    return nil
  }

  private func keep(_ verdict: Verdict) { verdicts.withLock { $0.keep(verdict) } }

  private func fail(_ pod: PodNeeds, _ verdict: inout Verdict, _ snapshot: Snapshot) {
    unschedulable.add(1, ordering: .relaxed)
    let choice = Preemption.choose(for: pod, state.value.view, refusals: verdict.refusals)
    if choice == nil, !verdict.refusals.isEmpty {
      verdict.message += Verdict.preemptionMessage(
        nodes: state.value.view.nodes.count, refusals: verdict.refusals)
    }
    state.value.park(pod, at: clock.now)
    guard let object = snapshot[pod.key], object.uid == pod.uid else { return }
    let message = verdict.message
    loop.spawnOutside { [self] in await report(object, message, choice) }
  }

  private func bind(_ binding: Binding) async {
    var failure: String?
    do throws(Status) {
      for claim in binding.claims { _ = try await peer.perform(claim.verb, as: Self.caller) }
      _ = try await peer.perform(
        .bind(binding.pod.key, uid: binding.pod.uid, node: binding.node), as: Self.caller)
      recorder.record(
        EventNote(
          Self.involved(binding.pod), "Scheduled",
          "Successfully assigned \(binding.pod.key.namespace)/\(binding.pod.key.name) to \(binding.node)",
          action: "Binding"),
        from: Self.name)
    } catch {
      failure = error.message
      tellFailure(of: binding, error)
    }
    let hasFailed = failure != nil
    if hasFailed { failed.add(1, ordering: .relaxed) } else { scheduled.add(1, ordering: .relaxed) }
    loop.run { [self] in
      state.value.bindingsUnderWay -= 1
      if hasFailed { state.value.retract(binding.pod, peer.snapshot, at: clock.now) }
      wake()
    }
  }

  private func tellFailure(of binding: Binding, _ error: Status) {
    // A pod that is gone needs no place.
    if error.code == 404 { return }
    recorder.failures.report(Self.name, "bind \(binding.pod.key) to \(binding.node)", error, at: clock.now)
    recorder.record(
      EventNote(
        Self.involved(binding.pod), .warning, "FailedScheduling", "binding rejected: \(error.message)",
        action: "Binding"),
      from: Self.name)
  }

  static let caller = "kube-scheduler"

  static func involved(_ pod: PodNeeds) -> JSON {
    [
      "apiVersion": "v1", "kind": "Pod", "namespace": .string(pod.key.namespace), "name": .string(pod.key.name),
      "uid": .string(pod.uid),
    ]
  }

  /// Says in the pod's conditions and in an event that it has no place, and makes room where that is allowed.
  private func report(_ object: Object, _ message: String, _ choice: Preemption.Choice?) async {
    let json = object.json
    var status = json["status"] ?? .emptyObject
    var conditions = Conditions(status)
    let before = conditions["PodScheduled"]?.text("message")
    conditions.set(
      "PodScheduled", "False", reason: "Unschedulable", message: message, at: clock.now,
      extra: [("lastProbeTime", .null), ("observedGeneration", JSON(json.generation))])
    conditions.write(to: &status)
    if let choice { status["nominatedNodeName"] = .string(choice.node) }
    let involved = Reference(object, json).asInvolved
    if before != message || choice != nil {
      if let action = Action.status(object, from: json["status"], to: status, isExact: true) {
        // A conflict means that the pod has changed, which brings it back to the scheduler anyway.
        _ = try? await peer.perform(action.verb, as: Self.caller)
      }
    }
    recorder.record(
      EventNote(involved, .warning, "FailedScheduling", message, action: "Scheduling"), from: Self.name)
    if let choice { await evict(choice, for: object) }
  }

  private func evict(_ choice: Preemption.Choice, for pod: Object) async {
    for victim in choice.victims {
      guard let object = peer.snapshot[victim.key], object.uid == victim.uid else { continue }
      let json = object.json
      if json.isBeingDeleted { continue }
      var status = json["status"] ?? .emptyObject
      var conditions = Conditions(status)
      conditions.set(
        "DisruptionTarget", "True", reason: "PreemptionByScheduler",
        message: "\(Self.name): preempting to accommodate a higher priority pod", at: clock.now)
      conditions.write(to: &status)
      do throws(Status) {
        if let action = Action.status(object, from: json["status"], to: status) {
          _ = try await peer.perform(action.verb, as: Self.caller)
        }
        _ = try await peer.perform(.delete(object.key, Deletion(uid: object.uid)), as: Self.caller)
      } catch {
        recorder.failures.report(Self.name, "preempt \(object.key) for \(pod.key)", error, at: clock.now)
        continue
      }
      recorder.record(
        EventNote(
          Reference(object, json).asInvolved, "Preempted",
          "Preempted by pod \(pod.uid) on node \(choice.node)", action: "Preempting"),
        from: Self.name)
    }
  }
}

/// The latest verdicts, the oldest dropped first.
struct VerdictStore {
  let limit: Int
  private var verdicts: [String: Verdict] = [:]
  private var order = RingBuffer<String>(limit: 1)

  init(limit: Int) {
    self.limit = limit
    order = RingBuffer(limit: limit)
  }

  subscript(uid: String) -> Verdict? { verdicts[uid] }

  mutating func keep(_ verdict: Verdict) {
    if verdicts.updateValue(verdict, forKey: verdict.uid) != nil { return }
    if order.isFull, let oldest = order.popFirst() { verdicts[oldest] = nil }
    _ = order.append(verdict.uid)
  }
}
