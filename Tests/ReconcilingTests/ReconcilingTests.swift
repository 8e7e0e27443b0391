import EventLoops
import JSONCore
import Objects
import Testing
import Values

@testable import Reconciling

@Suite struct WorkQueueTests {
  let clock = VirtualClock(now: Instant(seconds: 1000))
  let loop = Loop(label: "test")
  func key(_ name: String) -> Key { Key(.pods, namespace: "default", name: name) }

  @Test func aKeyWaitsOnceAndComesAgainWhenItChangedMeanwhile() async {
    let queue = WorkQueue(clock: clock, loop: loop)
    queue.add(key("a"))
    queue.add(key("a"))
    queue.add(key("b"))
    #expect(await queue.take() == key("a"))
    queue.add(key("a"))
    #expect(queue.count == 1)
    #expect(await queue.take() == key("b"))
    queue.finish(key("b"))
    #expect(queue.count == 0)
    queue.finish(key("a"))
    #expect(await queue.take() == key("a"))
    queue.finish(key("a"))
    #expect(queue.isIdle)
  }

  @Test func failuresWaitLongerEachTime() async {
    let queue = WorkQueue(clock: clock, loop: loop)
    for delay in [5, 10, 20, 40] {
      queue.retry(key("a"))
      await clock.advance(by: .milliseconds(delay - 1))
      #expect(queue.count == 0)
      await clock.advance(by: .milliseconds(1))
      #expect(await queue.take() == key("a"))
      queue.finish(key("a"))
    }
    queue.forget(key("a"))
    queue.retry(key("a"))
    await clock.advance(by: .milliseconds(5))
    #expect(queue.count == 1)
  }

  @Test func ofTwoDelaysTheShorterCounts() async {
    let queue = WorkQueue(clock: clock, loop: loop)
    queue.add(key("a"), after: .seconds(10))
    queue.add(key("a"), after: .seconds(2))
    queue.add(key("a"), after: .seconds(5))
    await clock.advance(by: .seconds(2))
    #expect(queue.count == 1)
    #expect(clock.pendingCount == 0)
  }

  @Test func tellsWhatItHasDone() async {
    let queue = WorkQueue(clock: clock, loop: loop)
    queue.add(key("a"))
    queue.add(key("a"))
    queue.retry(key("b"))
    await clock.advance(by: .seconds(1))
    _ = await queue.take()
    var statistics = queue.statistics
    #expect(statistics.adds == 2 && statistics.depth == 1 && statistics.retries == 1)
    #expect(statistics.waited.count == 1 && statistics.worked.count == 0)
    #expect(statistics.unfinished == statistics.longest)
    queue.finish(key("a"))
    statistics = queue.statistics
    #expect(statistics.worked.count == 1 && statistics.unfinished == 0)
  }

  @Test func closingWakesTheWorkers() async {
    let queue = WorkQueue(clock: clock, loop: loop)
    let worker = Task { await queue.take() }
    queue.close()
    #expect(await worker.value == nil)
  }
}

@Suite struct BackoffTests {
  @Test func doublesUpToItsLimit() {
    let backoff = Backoff(first: .seconds(10), limit: .seconds(300))
    #expect((0..<7).map { backoff.delay(after: $0).components.seconds } == [10, 20, 40, 80, 160, 300, 300])
    #expect(Backoff.queue.delay(after: 1000) == .seconds(1000))
  }
}

@Suite struct MergeDifferenceTests {
  @Test(
    arguments: [
      (["a": 1], ["a": 1], nil), (["a": 1], ["a": 2], ["a": 2]), (["a": 1, "b": 2], ["a": 1], ["b": .null]),
      (["a": ["x": 1, "y": 2]], ["a": ["x": 1, "y": 3]], ["a": ["y": 3]]), (["a": [1, 2]], ["a": [1]], ["a": [1]]),
    ] as [(JSON, JSON, JSON?)])
  func isThePatch(_ old: JSON, _ new: JSON, _ expected: JSON?) {
    #expect(JSON.mergeDifference(from: old, to: new) == expected)
  }
}

@Suite struct EventSeriesTests {
  let note = EventNote(["name": "p", "namespace": "n", "uid": "u", "kind": "Pod"], "Started", "Container started")
  let now = Instant(seconds: 1_767_225_600)

  @Test func equalEventsAreCounted() throws {
    var series = EventSeries()
    guard case .create(let event)? = series.add(note, from: "kubelet", on: "node-1", at: now) else {
      Issue.record("the first event is not created")
      return
    }
    #expect(event["source"] == ["component": "kubelet", "host": "node-1"])
    #expect(event["count"] == 1)
    guard case .repeated(_, let patch, _)? = series.add(note, from: "kubelet", on: "node-1", at: now + .seconds(1))
    else {
      Issue.record("the second event is not a repetition")
      return
    }
    #expect(patch["count"] == 2)
  }

  @Test func floodsAreCut() {
    var series = EventSeries()
    var written = 0
    for index in 0..<100 {
      let other = EventNote(note.regarding, "Created", "Created pod: \(index)")
      if series.add(other, from: "c", on: "", at: now) != nil { written += 1 }
    }
    #expect(written == 25)
  }

  @Test func similarEventsAreCombinedIntoOne() {
    var series = EventSeries()
    var created: [String] = []
    var last = JSON.emptyObject
    for index in 0..<20 {
      let other = EventNote(note.regarding, "Created", "Created pod: \(index)")
      switch series.add(other, from: "c", on: "", at: now) {
      case .create(let event): created.append(event.text("message"))
      case .repeated(_, let patch, _): last = patch
      case nil: Issue.record("\(index) is lost")
      }
    }
    #expect(created.count == 10)
    #expect(created.last == "(combined from similar events): Created pod: 9")
    #expect(last.text("message") == "(combined from similar events): Created pod: 19")
    #expect(last["count"] == 11)
  }
}

@Suite struct ConditionsTests {
  let now = Instant(seconds: 1_767_225_600)

  @Test func theTransitionTimeMovesWithTheStatus() {
    var conditions = Conditions(nil)
    conditions.set("Ready", "False", reason: "A", at: now)
    conditions.set("Ready", "False", reason: "B", at: now + .seconds(5))
    #expect(conditions["Ready"]?.text("lastTransitionTime") == now.rfc3339)
    #expect(conditions["Ready"]?.text("reason") == "B")
    conditions.set("Ready", "True", at: now + .seconds(9))
    #expect(conditions["Ready"]?.text("lastTransitionTime") == (now + .seconds(9)).rfc3339)
    #expect(conditions["Ready"]?["reason"] == nil)
  }
}
