import Synchronization
import Testing
import Values

@testable import EventLoops

@Suite struct VirtualClockTests {
  let clock = VirtualClock(now: Instant(seconds: 1000))
  let loop = Loop(label: "test")
  let trace = Trace()

  @Test func runsTimersInOrderOfTheirDeadlines() async {
    for (name, delay) in [("c", 30), ("a", 10), ("b", 20), ("a2", 10), ("late", 31)] {
      clock.schedule(after: .seconds(delay), on: loop) { [clock, trace] in trace.add("\(name) \(clock.now.seconds)") }
    }
    await clock.advance(by: .seconds(30))
    #expect(trace.all == ["a 1010", "a2 1010", "b 1020", "c 1030"])
    #expect(clock.now == Instant(seconds: 1030))
    #expect(clock.pendingCount == 1)
    #expect(clock.nextDeadline == Instant(seconds: 1031))
  }

  /// It says where it stopped, and what did not come to rest; when that has, the clock goes on from there.
  @Test func anAdvanceEndsWhereSomethingNeverRests() async {
    let clock = VirtualClock(now: Instant(seconds: 1000), patience: .milliseconds(50))
    let spinner = Spinner(clock.pool.loop("busy"))
    clock.schedule(after: .seconds(10), on: spinner.loop) { spinner.spin() }
    let unrest = await clock.advance(by: .seconds(60))
    #expect(unrest?.time == Instant(seconds: 1010))
    #expect(unrest?.underWay.map(\.place) == ["busy"])
    #expect(clock.now == Instant(seconds: 1010))
    spinner.isOver.store(true, ordering: .relaxed)
    let rest = await clock.advance(by: .seconds(50))
    #expect(rest == nil)
    #expect(clock.now == Instant(seconds: 1060))
  }

  private final class Spinner: Sendable {
    let loop: Loop
    let isOver = Atomic(false)

    init(_ loop: Loop) { self.loop = loop }

    func spin() {
      if !isOver.load(ordering: .relaxed) { loop.run { [self] in spin() } }
    }
  }

  @Test func runsTimersThatTimersSet() async {
    clock.schedule(after: .seconds(1), on: loop) { [clock, loop, trace] in
      trace.add("outer")
      clock.schedule(after: .seconds(1), on: loop) { trace.add("inner") }
    }
    await clock.advance(by: .seconds(5))
    #expect(trace.all == ["outer", "inner"])
  }

  @Test func aCancelledTimerNeverRuns() async {
    let timer = clock.schedule(after: .seconds(1), on: loop) { [trace] in trace.add("ran") }
    timer.cancel()
    timer.cancel()
    await clock.advance(by: .seconds(5))
    #expect(trace.all.isEmpty)
  }

  @Test func aPastDeadlineRunsSoon() async {
    await withCheckedContinuation { done in
      _ = clock.schedule(at: .epoch, on: loop) { done.resume() }
    }
  }

  @Test func sleepEndsWhenTimeHasPassedOrTheTaskIsCancelled() async {
    let sleeper = Task { await clock.sleep(for: .seconds(60)) }
    while clock.pendingCount == 0 { await Task.yield() }
    await clock.advance(by: .seconds(60))
    await sleeper.value

    let cancelled = Task { await clock.sleep(for: .seconds(60)) }
    while clock.pendingCount == 0 { await Task.yield() }
    cancelled.cancel()
    await cancelled.value
    #expect(clock.pendingCount == 0)
  }
}

@Suite struct WalkingTests {
  let trace = Trace()

  /// Time goes on to the next timer only when all that the one before it set off is done, on whatever thread that is.
  @Test(arguments: [true, false]) func waitsForWhatATimerSetsOff(_ isSerial: Bool) async {
    let clock = VirtualClock(now: Instant(seconds: 1000), pool: WorkPool(isSerial: isSerial))
    let loop = clock.pool.loop("test")
    let other = clock.pool.loop("other")
    for delay in [1, 2] {
      clock.schedule(after: .seconds(delay), on: loop) { [clock, trace] in
        loop.spawnOutside {
          for _ in 0..<100 { await Task.yield() }
          await withCheckedContinuation { done in other.run { done.resume() } }
          trace.add("\(delay) done at \(clock.now.seconds)")
        }
      }
    }
    await clock.advance(by: .seconds(10))
    #expect(trace.all == ["1 done at 1001", "2 done at 1002"])
    #expect(clock.now == Instant(seconds: 1010))
  }

  @Test func advancesFollowOneAnother() async {
    let clock = VirtualClock(now: Instant(seconds: 1000))
    async let first: Unrest? = clock.advance(by: .seconds(5))
    async let second: Unrest? = clock.advance(by: .seconds(5))
    _ = await (first, second)
    #expect(clock.now == Instant(seconds: 1010))
    #expect(!clock.isAdvancing)
  }

  /// At a high speed nothing is left out, and nothing comes early or out of its order.
  @Test func aFastClockPassesNoDeadline() async {
    let start = Instant(seconds: 1000)
    let clock = VirtualClock(now: start)
    let loop = clock.pool.loop("test")
    await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
      for minute in 1...500 {
        clock.schedule(at: start + .seconds(minute * 60), on: loop) { [clock, trace] in
          trace.add("\((clock.now - start).inSeconds / 60)")
          if minute == 500 { done.resume() }
        }
      }
      clock.setSpeed(100_000)
    }
    let isInOrder = trace.all == (1...500).map { "\(Double($0))" }
    #expect(isInOrder)
    clock.setSpeed(0)
    let now = clock.now
    #expect(clock.now == now)
  }

  @Test func realTimeFires() async {
    let clock = VirtualClock(now: Instant(seconds: 1000), speed: 1)
    let loop = clock.pool.loop("test")
    let start = SystemClock().now
    await withCheckedContinuation { done in clock.schedule(after: .milliseconds(30), on: loop) { done.resume() } }
    let took = SystemClock().now - start
    #expect(took >= .milliseconds(29))
    #expect(clock.now >= Instant(seconds: 1000) + .milliseconds(30))
  }

  @Test func manyCancelledTimersAreForgotten() async {
    let clock = VirtualClock(now: Instant(seconds: 1000))
    let loop = clock.pool.loop("test")
    let timers = (0..<1000).map { number in
      clock.schedule(after: .seconds(1 + number % 7), on: loop) { [trace] in trace.add("\(number)") }
    }
    for (number, timer) in timers.enumerated() where number % 10 != 3 { timer.cancel() }
    #expect(clock.pendingCount == 100)
    await clock.advance(by: .seconds(10))
    let expected = stride(from: 3, to: 1000, by: 10).sorted { ($0 % 7, $0) < ($1 % 7, $1) }
    #expect(trace.all == expected.map(String.init))
    #expect(clock.pendingCount == 0)
  }
}

@Suite struct StoppedAdvanceTests {
  @Test func anAdvanceThatIsStoppedStaysWhereItIs() async {
    let clock = VirtualClock(now: Instant(seconds: 1000))
    let loop = clock.pool.loop("test")
    let trace = Trace()
    for delay in [10, 20, 30] {
      clock.schedule(after: .seconds(delay), on: loop) { [clock, trace] in
        trace.add("\(delay) to \(clock.goal?.seconds ?? 0)")
        if delay == 20 { clock.stopAdvancing() }
      }
    }
    async let first: Unrest? = clock.advance(by: .seconds(100))
    _ = await first
    #expect(trace.all == ["10 to 1100", "20 to 1100"])
    #expect(clock.now == Instant(seconds: 1020))
    #expect(clock.goal == nil)
    clock.stopAdvancing()
    await clock.advance(by: .seconds(10))
    #expect(trace.all.last == "30 to 1030")
    #expect(clock.now == Instant(seconds: 1030))
  }
}

@Suite struct SystemClockTests {
  let clock = SystemClock()
  let loop = Loop(label: "test")

  @Test func neverFiresEarly() async {
    let deadline = clock.now + .milliseconds(20)
    let firedAt = await withCheckedContinuation { done in
      clock.schedule(at: deadline, on: loop) { [clock] in done.resume(returning: clock.now) }
    }
    #expect(firedAt >= deadline)
  }

  @Test func aTimerCancelledOnItsLoopNeverRuns() async {
    let trace = Trace()
    await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
      loop.run { [clock, loop] in
        let timer = clock.schedule(at: clock.now, on: loop) { trace.add("ran") }
        clock.schedule(at: .distantFuture, on: loop) { trace.add("the end of time") }.cancel()
        timer.cancel()
        done.resume()
      }
    }
    await clock.sleep(for: .milliseconds(20))
    await withCheckedContinuation { done in loop.run { done.resume() } }
    #expect(trace.all.isEmpty)
  }
}

@Suite struct RingBufferTests {
  @Test func keepsOrderAndLimitAcrossTheSeam() {
    var ring = RingBuffer<Int>(limit: 5)
    var expected: [Int] = []
    for number in 0..<100 {
      let hasRoom = expected.count < 5
      #expect(ring.append(number) == hasRoom)
      if hasRoom { expected.append(number) }
      if number % 3 != 0 { #expect(ring.popFirst() == (expected.isEmpty ? nil : expected.removeFirst())) }
      #expect(ring.count == expected.count)
      #expect(ring.first == expected.first)
    }
    while let next = expected.first {
      #expect(ring.popFirst() == next)
      expected.removeFirst()
    }
    #expect(ring.popFirst() == nil)
  }
}

@Suite struct InstantTests {
  @Test func staysAtTheEndsOfTime() throws {
    let first = try #require(Instant(rfc3339: "1678-01-01T00:00:00Z"))
    let last = try #require(Instant(rfc3339: "2262-04-11T23:47:16Z"))
    #expect((last - first).inSeconds > 0)
    #expect((last - first).components.seconds == last.seconds - first.seconds)
    #expect(Instant(rfc3339: "2262-04-11T23:47:16.9Z") == nil)
    #expect(Instant(seconds: .max) == .distantFuture)
    #expect(Instant(nanoseconds: .min).seconds < first.seconds)
    #expect(Instant(nanoseconds: -1).seconds == -1)
    #expect(last + .seconds(Int64.max) == .distantFuture)
    #expect((Duration.seconds(9_223_372_036) + .milliseconds(900)).nanoseconds == .max)
  }
}
