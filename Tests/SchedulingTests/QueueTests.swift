import Objects
import Reconciling
import Testing
import Values

@testable import Scheduling

@Suite struct QueueTests {
  func pod(_ name: String, priority: Int = 0, gated: Bool = false) -> PodNeeds {
    PodNeeds(
      makePod(
        name,
        spec: ["priority": .int(Int64(priority)), "schedulingGates": .array(gated ? [["name": "g"]] : [])]))
  }

  func queue() -> PodQueue { PodQueue(backoff: Backoff(first: .seconds(1), limit: .seconds(10))) }

  func take(_ queue: inout PodQueue, _ seconds: Int64 = 0) -> String? {
    queue.take(at: Instant(seconds: seconds))?.pod.key.name
  }

  @Test func higherPrioritiesComeFirstThenWhoWaitsLongest() {
    var queue = queue()
    for (name, priority) in [("a", 0), ("b", 5), ("c", 0), ("d", 5)] { queue.add(pod(name, priority: priority)) }
    #expect((0..<5).map { _ in take(&queue) } == ["b", "d", "a", "c", nil])
  }

  @Test func countsPodsByWhatTheyWaitFor() {
    var queue = queue()
    queue.add(pod("a"))
    queue.add(pod("b"))
    queue.add(pod("c", gated: true))
    queue.add(pod("a"))
    #expect(queue.counts[.ready] == 2 && queue.counts[.gated] == 1)
    _ = take(&queue)
    _ = take(&queue)
    for entry in queue.entries.values where entry.place == .taken {
      queue.park(entry.pod.uid, rejectors: [], at: Instant(seconds: 0))
    }
    #expect(queue.counts[.ready] == 0 && queue.counts[.taken] == 0 && queue.counts[.parked] == 2)
    for uid in queue.entries.keys { queue.remove(uid) }
    #expect(queue.counts.values.allSatisfy { $0 == 0 })
  }

  @Test func gatedPodsWait() {
    var queue = queue()
    queue.add(pod("a", gated: true))
    #expect(!queue.hasReady)
    #expect(take(&queue) == nil)
    queue.add(pod("a"))
    #expect(take(&queue) == "a")
  }

  @Test func parkedPodsWakeForWhatConcernsThem() {
    var queue = queue()
    queue.add(pod("a"))
    queue.add(pod("b"))
    for _ in 0..<2 { _ = take(&queue) }
    queue.park("pod-default-a", rejectors: PluginSet(.nodeResourcesFit), at: .epoch)
    queue.park("pod-default-b", rejectors: PluginSet(.nodeAffinity), at: .epoch)
    #expect(take(&queue, 100) == nil)
    queue.wake { $0.rejectors.contains(.nodeAffinity) }
    #expect(take(&queue) == "b")
    #expect(take(&queue) == nil)
    // Patience ends after five minutes.
    #expect(queue.nextDeadline() == Instant(seconds: 300))
    #expect(take(&queue, 300) == "a")
  }

  @Test func errorsWaitLongerEachTimeUpToTenSeconds() {
    var queue = queue()
    var now: Int64 = 0
    for (failures, delay) in [1, 2, 4, 8, 10, 10].enumerated() {
      queue.retry(pod("a"), failures: failures, at: Instant(seconds: now))
      #expect(queue.nextDeadline() == Instant(seconds: now + Int64(delay)))
      #expect(take(&queue, now) == nil)
      now += Int64(delay)
      #expect(take(&queue, now) == "a")
      queue.remove("pod-default-a")
    }
  }

  @Test func whoIsWokenWaitsForOthersThatAreReady() {
    var queue = queue()
    queue.add(pod("a", priority: 9))
    _ = take(&queue)
    queue.park("pod-default-a", rejectors: [], at: .epoch)
    queue.wake { _ in true }
    queue.add(pod("b"))
    #expect(take(&queue) == "b")
    #expect(take(&queue) == "a")
  }

  /// It counts when a pod came or was tried last, not when it was woken.
  @Test func whoWasParkedEarlierComesBeforeWhoCameLater() {
    var queue = queue()
    queue.add(pod("a"))
    _ = take(&queue)
    queue.park("pod-default-a", rejectors: [], at: .epoch)
    queue.add(pod("b"))
    queue.wake { _ in true }
    queue.add(pod("c"))
    #expect((0..<3).map { _ in take(&queue, 10) } == ["a", "b", "c"])
  }

  @Test func aChangeDuringTheDecisionIsNotMissed() {
    var queue = queue()
    queue.add(pod("a"))
    _ = take(&queue)
    queue.wake { _ in true }
    queue.park("pod-default-a", rejectors: PluginSet(.nodeResourcesFit), at: .epoch)
    #expect(take(&queue) == "a")
  }

  @Test func hintsLookAtTheNodeThatChanged() {
    var bench = Bench([makeNode("a", cpu: "1"), makeNode("b")])
    let pod = PodNeeds(makePod("p", cpu: "2"))
    let entry = PodQueue.Entry(pod: pod, rejectors: PluginSet(.nodeResourcesFit))
    var change = WakeUp()
    change.changedSlots = [bench.view.nodes.slot(of: "a")!]
    #expect(!change.mayHelp(entry, &bench.view, .stock))
    change.changedSlots = [bench.view.nodes.slot(of: "b")!]
    #expect(change.mayHelp(entry, &bench.view, .stock))
    var freed = WakeUp()
    freed.freedSlots = [bench.view.nodes.slot(of: "a")!]
    #expect(!freed.mayHelp(entry, &bench.view, .stock))
    var other = WakeUp()
    other.plugins = .ofVolumes
    #expect(!other.mayHelp(entry, &bench.view, .stock))
  }

  @Test func aHeapSorts() {
    var random = SplitMix(state: 7)
    var heap = BinaryHeap<Int>()
    let numbers = (0..<200).map { _ in random.below(50) }
    for number in numbers { heap.insert(number) }
    var sorted: [Int] = []
    while let next = heap.popFirst() { sorted.append(next) }
    #expect(sorted == numbers.sorted())
  }
}

@Suite struct VerdictStoreTests {
  func verdict(_ name: String, nodes: Int) -> Verdict {
    decide(makePod(name, cpu: "99"), (0..<nodes).map { makeNode("n\($0)") })
  }

  @Test func theOldestGoFirst() {
    var store = VerdictStore(limit: 2)
    for name in ["a", "b", "a", "c"] { store.keep(verdict(name, nodes: 1)) }
    #expect(store.count == 2)
    #expect(store["pod-default-b"] == nil)
    #expect(store["pod-default-a"] != nil)
    for index in 0..<50 { store.keep(verdict("p\(index)", nodes: 1)) }
    #expect(store.count == 2)
    #expect(store["pod-default-p49"] != nil)
  }

  @Test func oldOnesKeepTheirWordsButNotAllReasons() {
    var store = VerdictStore(limit: 100, reasonLimit: 55)
    for index in 0..<3 { store.keep(verdict("p\(index)", nodes: 20)) }
    #expect(store["pod-default-p0"]?.refusals.count == 16)
    #expect(store["pod-default-p0"]?.message == "0/20 nodes are available: 20 Insufficient cpu.")
    #expect(store["pod-default-p2"]?.refusals.count == 20)
  }
}
