import JSONCore
import Objects
import Reconciling
import Testing
import Values

@testable import Scheduling

@Suite struct PreemptionTests {
  func pod(
    _ name: String, cpu: String, priority: Int, node: String? = nil, labels: JSON = [:], more: JSON = [:],
    started: String? = nil
  ) -> Object {
    var spec = more
    spec["priority"] = JSON(priority)
    return makePod(
      name, cpu: cpu, labels: labels, spec: spec, node: node,
      status: started.map { ["startTime": .string($0)] } ?? [:])
  }

  func budget(_ name: String, _ labels: JSON, allowed: Int) -> Object {
    makeObject(
      .podDisruptionBudgets, name, namespace: "default",
      ["spec": ["selector": ["matchLabels": labels]], "status": ["disruptionsAllowed": JSON(allowed)]])
  }

  func victims(_ pod: Object, _ objects: [Object]) -> (node: String?, names: [String]) {
    var bench = Bench(objects)
    let before = bench.view.nodes.cpu.requested
    let choice = bench.preempt(pod).choice
    #expect(bench.view.nodes.cpu.requested == before)
    return (choice?.node, choice?.victims.map(\.key.name) ?? [])
  }

  @Test func takesTheNodeWithTheLeastImportantPod() {
    let objects = [
      makeNode("a"), makeNode("b"), pod("low", cpu: "3", priority: 1, node: "a"),
      pod("lower", cpu: "3", priority: 0, node: "b"),
    ]
    let found = victims(pod("high", cpu: "3", priority: 10), objects)
    #expect(found == (node: "b", names: ["lower"]))
  }

  @Test func givesBackAsManyAsFit() {
    let objects = [
      makeNode("a", cpu: "4"), pod("one", cpu: "1", priority: 1, node: "a"),
      pod("two", cpu: "1", priority: 2, node: "a"), pod("three", cpu: "2", priority: 3, node: "a"),
    ]
    #expect(victims(pod("high", cpu: "1", priority: 10), objects).names == ["one"])
    #expect(victims(pod("high", cpu: "2", priority: 10), objects).names == ["two", "one"])
    #expect(victims(pod("high", cpu: "4", priority: 10), objects).names == ["three", "two", "one"])
    #expect(victims(pod("high", cpu: "4", priority: 3), objects).names == [])
  }

  @Test func fewestViolationsComeFirst() {
    let objects = [
      makeNode("a"), makeNode("b"), pod("guarded", cpu: "3", priority: 0, node: "a", labels: ["app": "db"]),
      pod("free", cpu: "3", priority: 5, node: "b"), budget("b", ["app": "db"], allowed: 0),
    ]
    #expect(victims(pod("high", cpu: "3", priority: 10), objects).names == ["free"])
    let lenient = objects.dropLast() + [budget("b", ["app": "db"], allowed: 1)]
    #expect(victims(pod("high", cpu: "3", priority: 10), Array(lenient)).names == ["guarded"])
  }

  @Test func protectedPodsAreGivenBackFirst() {
    let objects = [
      makeNode("a", cpu: "4"), pod("guarded", cpu: "2", priority: 0, node: "a", labels: ["app": "db"]),
      pod("free", cpu: "2", priority: 5, node: "a"), budget("b", ["app": "db"], allowed: 0),
    ]
    #expect(victims(pod("high", cpu: "2", priority: 10), objects).names == ["free"])
  }

  @Test func amongEqualsFewerAndYoungerLeave() {
    let few = [
      makeNode("a"), makeNode("b"), pod("a1", cpu: "2", priority: 0, node: "a"),
      pod("a2", cpu: "2", priority: 0, node: "a"), pod("b1", cpu: "4", priority: 0, node: "b"),
    ]
    #expect(victims(pod("high", cpu: "4", priority: 10), few).node == "b")
    let ages = [
      makeNode("a"), makeNode("b"),
      pod("old", cpu: "4", priority: 0, node: "a", started: "2026-01-01T00:00:00Z"),
      pod("young", cpu: "4", priority: 0, node: "b", started: "2026-01-02T00:00:00Z"),
    ]
    var bench = Bench(ages)
    let request = Request(PodNeeds(pod("high", cpu: "4", priority: 10)))
    let verdict = Placement.decide(request, &bench.view, at: .epoch)
    let now = Instant(rfc3339: "2026-01-03T00:00:00Z")!
    #expect(Preemption.find(request, verdict, [], &bench.view, at: now).choice?.node == "b")
  }

  /// Its victims may be going already: no other change would wake it.
  @Test func whoLosesTheRoomItWasPromisedIsTriedAgain() throws {
    let objects = [
      makeNode("a"), pod("low", cpu: "4", priority: 0, node: "a"), pod("middle", cpu: "4", priority: 5),
    ]
    let snapshot = Snapshot(revision: 1, objects: objects)
    var state = SchedulerState(.stock)
    state.begin(snapshot)
    let first = state.queue.take(at: .epoch)
    let middle = try #require(first)
    #expect(state.decide(middle, snapshot, patience: .zero, at: .epoch).choice?.node == "a")
    #expect(state.queue[middle.pod.uid]?.place == .parked)
    state.consider(PodFacts(pod("high", cpu: "4", priority: 10)))
    let second = state.queue.take(at: .epoch)
    let high = try #require(second)
    let decision = state.decide(high, snapshot, patience: .zero, at: .epoch)
    #expect(decision.disappointed.map(\.uid) == [middle.pod.uid])
    #expect(state.queue[middle.pod.uid]?.place == .backingOff)
  }

  @Test func neverMeansNever() {
    let objects = [makeNode("a"), pod("low", cpu: "4", priority: 0, node: "a")]
    var bench = Bench(objects)
    let (choice, verdict) = bench.preempt(
      pod("high", cpu: "3", priority: 10, more: ["preemptionPolicy": "Never"]))
    #expect(choice == nil)
    #expect(
      verdict.message == "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, "
        + "preemption: not eligible due to preemptionPolicy=Never.")
  }

  @Test func saysWhyItDoesNotHelp() {
    var bench = Bench([
      makeNode("a"), makeNode("b", cpu: "8"), makeNode("c", unschedulable: true), makeNode("d", cpu: "2"),
      pod("same", cpu: "4", priority: 10, node: "a"), pod("mine", cpu: "4", priority: 10, node: "b"),
      pod("low", cpu: "3", priority: 0, node: "b"),
    ])
    let (choice, verdict) = bench.preempt(pod("high", cpu: "4", priority: 10, more: ["nodeSelector": [:]]))
    #expect(choice?.node == "b")
    #expect(verdict.message == "0/4 nodes are available: 1 node(s) were unschedulable, 3 Insufficient cpu.")
    let (none, useless) = bench.preempt(pod("high", cpu: "6", priority: 10))
    #expect(none == nil)
    #expect(
      useless.message == "0/4 nodes are available: 1 node(s) were unschedulable, 3 Insufficient cpu. "
        + "no new claims to deallocate, preemption: 0/4 nodes are available: 1 Insufficient cpu, "
        + "3 Preemption is not helpful for scheduling.")
  }

  /// The stock plug-in for devices fails when it has not been asked before, and then nothing else is tried.
  @Test func whatKeepsThePodFromEveryNodeCutsItShort() {
    var bench = Bench([makeNode("a")])
    var request = Request(PodNeeds(pod("p", cpu: "1", priority: 10)))
    request.blocker = Refusal(.volumeBinding, "pod has unbound immediate PersistentVolumeClaims")
    var verdict = Placement.decide(request, &bench.view, at: .epoch)
    verdict.preemption = Preemption.find(request, verdict, [], &bench.view, at: .epoch).report
    #expect(
      verdict.message == "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found")
    verdict.blocker = Refusal(.dynamicResources, "resourceclaim \"x\" not found")
    #expect(
      verdict.message == "0/1 nodes are available: resourceclaim \"x\" not found. no new claims to deallocate, "
        + "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.")
    verdict.mindsDevices = false
    #expect(
      verdict.message == "0/1 nodes are available: resourceclaim \"x\" not found. preemption: "
        + "0/1 nodes are available: 1 Preemption is not helpful for scheduling.")
  }

  @Test func withoutVictimsItSaysSo() {
    var bench = Bench([makeNode("a"), pod("same", cpu: "4", priority: 10, node: "a")])
    let verdict = bench.preempt(pod("high", cpu: "4", priority: 10)).verdict
    #expect(
      verdict.message == "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, "
        + "preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.")
  }

  @Test func antiAffinityIsCuredToo() {
    let term: JSON = ["topologyKey": "kubernetes.io/hostname", "labelSelector": ["matchLabels": ["app": "w"]]]
    let more: JSON = ["affinity": ["podAntiAffinity": ["requiredDuringSchedulingIgnoredDuringExecution": [term]]]]
    let objects = [
      makeNode("a"), pod("low", cpu: "1", priority: 0, node: "a", labels: ["app": "w"]),
      pod("other", cpu: "1", priority: 0, node: "a"),
    ]
    let found = victims(pod("high", cpu: "1", priority: 10, labels: ["app": "w"], more: more), objects)
    #expect(found == (node: "a", names: ["low"]))
  }

  @Test func roomIsKeptForWhoIsNominated() {
    var bench = Bench([makeNode("a"), makeNode("b"), pod("here", cpu: "4", priority: 0, node: "b")])
    let high = PodNeeds(pod("high", cpu: "3", priority: 10))
    bench.view.nominate(high, on: "a")
    #expect(bench.decide(pod("low", cpu: "2", priority: 0)).node == nil)
    #expect(bench.decide(pod("higher", cpu: "2", priority: 11)).node == "a")
    #expect(bench.decide(pod("high", cpu: "3", priority: 10)).node == "a")
    #expect(bench.view.placed[high.uid] == nil)
    bench.view.denominate(high.uid)
    #expect(bench.decide(pod("low", cpu: "2", priority: 0)).node == "a")
  }

  @Test(arguments: [("PreemptionByScheduler", true), ("EvictionByEvictionAPI", false)])
  func waitsForVictimsThatAreLeaving(_ reason: String, _ waits: Bool) {
    var bench = Bench([
      makeNode("a"),
      makePod(
        "low", cpu: "4", spec: ["priority": 0], node: "a",
        status: ["conditions": [["type": "DisruptionTarget", "status": "True", "reason": .string(reason)]]],
        metadata: ["deletionTimestamp": "2026-01-01T00:00:00Z"]),
    ])
    let high = pod("high", cpu: "4", priority: 10)
    bench.view.nominate(PodNeeds(high), on: "a")
    let (choice, verdict) = bench.preempt(high)
    #expect((choice == nil) == waits)
    let words = "preemption: not eligible due to a terminating pod on the nominated node."
    #expect(verdict.message.hasSuffix(words) == waits)
  }

  /// Enough leave, none leaves in vain, and all of them count less.
  @Test(arguments: 0..<40) func victimsAreNeededAndEnough(_ seed: Int) {
    var random = SplitMix(state: UInt64(seed))
    var objects = (0..<4).map { makeNode("n\($0)", cpu: "\(2 + random.below(3))", pods: "6") }
    var left = objects.map { Quantity($0.json.at("status", "allocatable", "cpu"))?.milliValue ?? 0 }
    var placed: [(name: String, cpu: Int64, priority: Int, node: Int)] = []
    for index in 0..<16 {
      let node = random.below(4)
      let cpu = Int64(250 * (1 + random.below(5)))
      if left[node] < cpu || placed.count(where: { $0.node == node }) == 6 { continue }
      left[node] -= cpu
      placed.append(("p\(index)", cpu, random.below(4), node))
      objects.append(pod("p\(index)", cpu: "\(cpu)m", priority: placed.last!.priority, node: "n\(node)"))
    }
    let wanted = Int64(500 * (1 + random.below(6)))
    let priority = random.below(5)
    var bench = Bench(objects)
    let (choice, verdict) = bench.preempt(pod("new", cpu: "\(wanted)m", priority: priority))
    if verdict.node != nil { return }
    guard let choice else {
      for node in 0..<4 {
        let lower = placed.filter { $0.node == node && $0.priority < priority }
        #expect(left[node] + lower.reduce(0) { $0 + $1.cpu } < wanted)
      }
      return
    }
    let node = Int(choice.node.dropFirst())!
    let gone = placed.filter { entry in choice.victims.contains { $0.key.name == entry.name } }
    #expect(gone.allSatisfy { $0.priority < priority && $0.node == node })
    let freed = gone.reduce(0) { $0 + $1.cpu }
    let isFull = placed.count { $0.node == node } == 6
    #expect(left[node] + freed >= wanted)
    #expect(gone.allSatisfy { left[node] + freed - $0.cpu < wanted || isFull && gone.count == 1 })
  }
}
