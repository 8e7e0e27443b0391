import Synchronization
import Values

/// Time that stands still until someone advances it: tests run days in milliseconds, and every run is the same.
public final class VirtualClock: Clock {
  fileprivate struct Entry {
    let deadline: Instant
    let number: UInt64
    let loop: Loop
    let work: @Sendable () -> Void
  }

  fileprivate struct State {
    var now: Instant
    var nextNumber: UInt64 = 0
    /// Sorted by deadline, then by age, latest first, so that the next due is removed from the end.
    var entries: [Entry] = []
  }

  private let state: Mutex<State>

  public init(now: Instant) { state = Mutex(State(now: now)) }

  public var now: Instant { state.withLock { $0.now } }

  /// How many timers wait.
  public var pendingCount: Int { state.withLock { $0.entries.count } }

  /// When the next timer is due, nil when none waits.
  public var nextDeadline: Instant? { state.withLock { $0.entries.last?.deadline } }

  @discardableResult
  public func schedule(
    at deadline: Instant, on loop: Loop, _ work: @escaping @Sendable () -> Void
  ) -> any ScheduledTimer {
    let (number, isDue) = state.withLock { state in
      let number = state.nextNumber
      state.nextNumber += 1
      let isDue = deadline <= state.now
      if !isDue {
        state.insert(Entry(deadline: deadline, number: number, loop: loop, work: work))
      }
      return (number, isDue)
    }
    if isDue { loop.run(work) }
    return VirtualTimer(clock: self, number: number)
  }

  /// Moves time forward, runs each timer that comes due at its own moment and on its own loop, in order, and returns
  /// when the last of them has run. Timers set by such work run too when they fall into the same stretch.
  public func advance(by duration: Duration) async {
    await advance(to: now + duration)
  }

  /// As `advance(by:)`, to a moment; a moment in the past changes nothing.
  public func advance(to target: Instant) async {
    while let entry = state.withLock({ $0.takeNext(until: target) }) {
      await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
        entry.loop.run {
          entry.work()
          continuation.resume()
        }
      }
    }
    state.withLock { $0.now = max($0.now, target) }
  }

  fileprivate func cancel(_ number: UInt64) {
    state.withLock { state in
      if let index = state.entries.firstIndex(where: { $0.number == number }) { state.entries.remove(at: index) }
    }
  }
}

extension VirtualClock.State {
  fileprivate mutating func insert(_ entry: VirtualClock.Entry) {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      // A younger entry of the same deadline goes before the older ones: it must come out after them.
      if entries[middle].deadline <= entry.deadline { high = middle } else { low = middle + 1 }
    }
    entries.insert(entry, at: low)
  }

  fileprivate mutating func takeNext(until target: Instant) -> VirtualClock.Entry? {
    guard let entry = entries.last, entry.deadline <= target else { return nil }
    entries.removeLast()
    now = max(now, entry.deadline)
    return entry
  }
}

private struct VirtualTimer: ScheduledTimer {
  let clock: VirtualClock
  let number: UInt64

  func cancel() { clock.cancel(number) }
}
