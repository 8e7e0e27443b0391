import EventLoops
import JSONCore
import Objects
import Reconciling
import Synchronization
import Testing
import Values

@testable import Scheduling

/// A cluster that keeps pods and claims in memory, says what was asked of it, and fails when told so.
final class FakePeer: Peer {
  private struct State {
    var snapshot: Snapshot
    var refusals: [Status] = []
    var scheduler: Scheduler?
  }

  private let state: Mutex<State>
  let verbs: AsyncStream<Action.Verb>
  private let feed: AsyncStream<Action.Verb>.Continuation

  init(_ objects: [Object]) {
    state = Mutex(State(snapshot: Snapshot(revision: 1, objects: objects)))
    (verbs, feed) = AsyncStream.makeStream()
  }

  var snapshot: Snapshot { state.withLock { $0.snapshot } }

  func attach(_ scheduler: Scheduler) { state.withLock { $0.scheduler = scheduler } }

  /// The next binding fails with this.
  func refuse(_ status: Status) { state.withLock { $0.refusals.append(status) } }

  func change(_ kind: Change.Kind, _ object: Object) {
    let (change, scheduler) = state.withLock { state in
      let revision = state.snapshot.revision + 1
      let next = Object(key: object.key, revision: revision, blob: object.blob)
      let change = Change(kind, next, previous: state.snapshot[object.key])
      state.snapshot = state.snapshot.applying([change])
      return (change, state.scheduler)
    }
    scheduler?.follow([change])
  }

  func perform(_ verb: Action.Verb, as caller: String) async throws(Status) -> Object? {
    defer { feed.yield(verb) }
    switch verb {
    case .bind(let key, _, let node):
      if let refusal = state.withLock({ $0.refusals.isEmpty ? nil : $0.refusals.removeFirst() }) { throw refusal }
      guard var json = snapshot[key]?.json else { throw .notFound(key.resource, key.name) }
      json["spec", default: .emptyObject]["nodeName"] = .string(node)
      change(.modified, Object(key: key, revision: 0, blob: json.blob))
    case .delete(let key, _):
      if let object = snapshot[key] { change(.deleted, object) }
    case .status(let status):
      guard var json = snapshot[status.key]?.json else { throw .notFound(status.key.resource, status.key.name) }
      json["status"] = status.new
      change(.modified, Object(key: status.key, revision: 0, blob: json.blob))
    case .patch(let key, _, let patch):
      guard var json = snapshot[key]?.json else { throw .notFound(key.resource, key.name) }
      for (field, value) in patch["status"]?.object ?? Members() {
        json["status", default: .emptyObject][field] = value.isNull ? nil : value
      }
      for (field, value) in patch.at("metadata", "annotations")?.object ?? Members() {
        json["metadata", default: .emptyObject]["annotations", default: .emptyObject][field] = value
      }
      change(.modified, Object(key: key, revision: 0, blob: json.blob))
    default: break
    }
    return nil
  }

  func renew(_ leases: [Key], at now: Instant) async -> [Key] { [] }

  /// The next verb that fits.
  func next<Value>(_ pick: (Action.Verb) -> Value?) async -> Value? {
    for await verb in verbs { if let value = pick(verb) { return value } }
    return nil
  }

  func nextBinding() async -> String? {
    await next { if case .bind(let key, _, let node) = $0 { "\(key.name) on \(node)" } else { nil } }
  }

  func nextEvent(_ reason: String) async -> String? {
    await next { verb in
      if case .create(.events, let event) = verb, event.text("reason") == reason { event.text("message") } else { nil }
    }
  }
}

@Suite(.timeLimit(.minutes(10))) struct SchedulerTests {
  func start(_ objects: [Object]) -> (Scheduler, FakePeer, VirtualClock) {
    let peer = FakePeer(objects)
    let clock = VirtualClock(now: Instant(seconds: 1_000_000))
    let recorder = EventRecorder(peer: peer, clock: clock)
    let scheduler = Scheduler(peer: peer, recorder: recorder, clock: clock)
    peer.attach(scheduler)
    scheduler.start(peer.snapshot)
    return (scheduler, peer, clock)
  }

  @Test func bindsWhatWaitsAndWhatComes() async {
    let (scheduler, peer, _) = start([makeNode("a"), makePod("1", cpu: "1")])
    #expect(await peer.nextBinding() == "1 on a")
    peer.change(.added, makePod("2", cpu: "1"))
    #expect(await peer.nextBinding() == "2 on a")
    #expect(scheduler.verdict(uid: "pod-default-2")?.node == "a")
    scheduler.stop()
  }

  @Test func aFailedBindingIsTriedAgainAfterADelay() async {
    let (scheduler, peer, clock) = start([makeNode("a")])
    peer.refuse(Status(code: 500, reason: "InternalError", message: "the store is full"))
    peer.change(.added, makePod("1", cpu: "4"))
    #expect(await peer.nextBinding() == "1 on a")
    #expect(await peer.nextEvent("FailedScheduling") == "binding rejected: the store is full")
    #expect(scheduler.verdict(uid: "pod-default-1")?.message == "binding rejected: the store is full")
    while clock.nextDeadline == nil { await Task.yield() }
    #expect(clock.nextDeadline == Instant(seconds: 1_000_001))
    // The room that it had been given is free meanwhile.
    peer.change(.added, makePod("2", cpu: "1"))
    #expect(await peer.nextBinding() == "2 on a")
    peer.change(.deleted, peer.snapshot[Key(.pods, namespace: "default", name: "2")]!)
    await clock.advance(by: .seconds(1))
    #expect(await peer.nextBinding() == "1 on a")
    scheduler.stop()
  }

  @Test func aPodThatFitsNowhereIsTriedWhenRoomIsFreed() async {
    let (scheduler, peer, _) = start([makeNode("a"), makePod("big", cpu: "4", node: "a"), makePod("1", cpu: "1")])
    let message = await peer.nextEvent("FailedScheduling")
    #expect(message?.hasPrefix("0/1 nodes are available: 1 Insufficient cpu.") == true)
    let condition = peer.snapshot[Key(.pods, namespace: "default", name: "1")]?.json.at("status", "conditions")?[0]
    #expect(condition?.text("reason") == "Unschedulable")
    #expect(condition?.text("message") == message)
    peer.change(.deleted, peer.snapshot[Key(.pods, namespace: "default", name: "big")]!)
    #expect(await peer.nextBinding() == "1 on a")
    scheduler.stop()
  }

  @Test func victimsAreAskedToLeaveAndTheRoomIsKept() async {
    let (scheduler, peer, _) = start([
      makeNode("a"), makePod("low", cpu: "4", spec: ["priority": 0], node: "a"),
      makePod("high", cpu: "4", spec: ["priority": 10]),
    ])
    let nominated = await peer.next { verb -> String? in
      if case .status(let change) = verb, change.key.name == "high" {
        return change.new.text("nominatedNodeName")
      }
      return nil
    }
    #expect(nominated == "a")
    let target = await peer.next { verb -> String? in
      if case .status(let change) = verb, change.key.name == "low" {
        return change.new.list("conditions").first?.text("reason")
      }
      return nil
    }
    #expect(target == "PreemptionByScheduler")
    #expect(await peer.nextBinding() == "high on a")
    scheduler.stop()
  }

  @Test func gatedPodsAreExplainedAndWait() async {
    let gated = makePod("1", spec: ["schedulingGates": [["name": "example.com/wait"]]])
    let (scheduler, peer, _) = start([makeNode("a"), gated, makePod("2")])
    #expect(await peer.nextBinding() == "2 on a")
    let verdict = scheduler.verdict(uid: "pod-default-1")
    #expect(verdict?.explanation == ["waits until its scheduling gates are removed: example.com/wait"])
    peer.change(.modified, makePod("1", metadata: ["generation": 2]))
    #expect(await peer.nextBinding() == "1 on a")
    scheduler.stop()
  }

  @Test func podsOfOtherSchedulersAreLeftAlone() async {
    let (scheduler, peer, _) = start([makeNode("a"), makePod("1", spec: ["schedulerName": "other"]), makePod("2")])
    #expect(await peer.nextBinding() == "2 on a")
    #expect(scheduler.verdict(uid: "pod-default-1") == nil)
    scheduler.stop()
  }

  @Test(arguments: [true, false]) func podsThatWaitForVolumesLeaveRoomForOthers(_ areDeleted: Bool) async {
    let className = makeObject(
      .storageClasses, "fast", ["provisioner": "csi.example.com", "volumeBindingMode": "WaitForFirstConsumer"])
    let claims = (0..<300).map { number in
      makeObject(
        .persistentVolumeClaims, "c\(number)", namespace: "default",
        ["spec": ["storageClassName": "fast", "accessModes": ["ReadWriteOnce"]], "status": ["phase": "Pending"]])
    }
    let pods = (0..<300).map { number -> Object in
      let claim: JSON = ["claimName": .string("c\(number)")]
      return makePod("\(number)", spec: ["volumes": [["name": "v", "persistentVolumeClaim": claim]]])
    }
    let (scheduler, peer, _) = start(
      [makeNode("a", cpu: "400", memory: "400Gi", pods: "400"), className] + claims + pods)
    for _ in pods {
      _ = await peer.next { verb -> Bool? in
        if case .patch(let key, _, _) = verb, key.resource == .persistentVolumeClaims { true } else { nil }
      }
    }
    if areDeleted { for pod in pods { peer.change(.deleted, pod) } }
    peer.change(.added, makePod("plain", cpu: "1"))
    #expect(await peer.nextBinding() == "plain on a")
    if areDeleted { while await scheduler.bindingsUnderWay > 0 { await Task.yield() } }
    scheduler.stop()
  }

  @Test func aPodWaitsWithItsNodeForItsVolume() async {
    let claim = makeObject(
      .persistentVolumeClaims, "c", namespace: "default",
      ["spec": ["storageClassName": "fast", "accessModes": ["ReadWriteOnce"]], "status": ["phase": "Pending"]])
    let className = makeObject(
      .storageClasses, "fast", ["provisioner": "csi.example.com", "volumeBindingMode": "WaitForFirstConsumer"])
    let pod = makePod("1", spec: ["volumes": [["name": "v", "persistentVolumeClaim": ["claimName": "c"]]]])
    let (scheduler, peer, _) = start([makeNode("a"), className, claim, pod])
    let chosen = await peer.next { verb -> String? in
      if case .patch(_, "", let patch) = verb {
        return patch.at("metadata", "annotations")?.text(VolumeBindings.selectedNode)
      }
      return nil
    }
    #expect(chosen == "a")
    #expect(peer.snapshot[pod.key]?.json["spec"]?["nodeName"] == nil)
    var bound = claim.json
    bound["status"] = ["phase": "Bound"]
    peer.change(.modified, Object(key: claim.key, revision: 0, blob: bound.blob))
    #expect(await peer.nextBinding() == "1 on a")
    scheduler.stop()
  }
}

extension Scheduler {
  /// As its loop sees it.
  fileprivate var bindingsUnderWay: Int {
    get async {
      await withCheckedContinuation { done in
        loop.run { [self] in done.resume(returning: state.value.bindingsUnderWay) }
      }
    }
  }
}
