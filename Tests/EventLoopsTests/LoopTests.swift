import Synchronization
import Testing

@testable import EventLoops

/// Collects what happened, in order, from any thread.
final class Trace: Sendable {
  private let entries = Mutex<[String]>([])

  func add(_ entry: String) { entries.withLock { $0.append(entry) } }

  var all: [String] { entries.withLock { $0 } }
}

@Suite struct LoopTests {
  @Test func runsWorkInOrderOnItself() async {
    let loop = Loop(label: "test")
    let trace = Trace()
    #expect(!loop.isCurrent)
    for number in 0..<10 { loop.run { trace.add("\(number) \(loop.isCurrent)") } }
    await withCheckedContinuation { done in loop.run { done.resume() } }
    #expect(trace.all == (0..<10).map { "\($0) true" })
  }

  @Test func aSpawnedTaskComesBackAfterSuspension() async {
    let loop = Loop(label: "test")
    let trace = Trace()
    await withCheckedContinuation { done in
      loop.spawn {
        trace.add("before \(loop.isCurrent)")
        await Task.yield()
        await SystemClock().sleep(for: .milliseconds(1))
        trace.add("after \(loop.isCurrent)")
        done.resume()
      }
    }
    #expect(trace.all == ["before true", "after true"])
  }

  @Test func anActorLivesOnALoop() async {
    let resident = Resident()
    #expect(await resident.isHome)
  }
}

private actor Resident {
  let loop = Loop(label: "home")

  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  var isHome: Bool { loop.isCurrent }
}
