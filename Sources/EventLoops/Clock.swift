import Synchronization
import Values

/// The only source of time in the whole program. The cluster's own is a `VirtualClock`; what deals with peers outside (HTTP,
/// the history that their watches resume from) keeps the system's.
public protocol Clock: Sendable {
  var now: Instant { get }

  /// Time goes from deadline to deadline, as fast as the work between them allows, instead of flowing.
  var isWalking: Bool { get }

  /// Where that happens whose time this is.
  var pool: WorkPool { get }

  /// Runs `work` on `loop` at or after `deadline`, once; a deadline in the past means as soon as possible.
  ///
  /// The timer lives on when the returned value is dropped. `cancel`, called on `loop`, is final: `work` won't run after it.
  @discardableResult
  func schedule(at deadline: Instant, on loop: Loop, _ work: @escaping @Sendable () -> Void) -> any ScheduledTimer
}

/// A timer that can be called off; cancelling one that has run, or twice, does nothing.
public protocol ScheduledTimer: Sendable {
  func cancel()
}

extension Clock {
  public var isWalking: Bool { false }

  /// Runs `work` on `loop` when `delay` has passed.
  @discardableResult
  public func schedule(
    after delay: Duration, on loop: Loop, _ work: @escaping @Sendable () -> Void
  ) -> any ScheduledTimer {
    schedule(at: now + delay, on: loop, work)
  }

  /// Suspends until `duration` has passed on this clock, or until the task is cancelled.
  public func sleep(for duration: Duration) async {
    let sleeper = Sleeper()
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        sleeper.begin(continuation) { schedule(after: duration, on: pool.sleepers) { sleeper.wake() } }
      }
    } onCancel: {
      sleeper.wake()
    }
  }
}

/// One suspended task: whichever comes first, timer or cancellation, wakes it, once.
private final class Sleeper: Sendable {
  private struct State {
    var isAwake = false
    var continuation: CheckedContinuation<Void, Never>?
    var timer: (any ScheduledTimer)?
  }

  private let state = Mutex(State())

  func begin(_ continuation: CheckedContinuation<Void, Never>, arm: () -> any ScheduledTimer) {
    let maySleep = state.withLock { state in
      if !state.isAwake { state.continuation = continuation }
      return !state.isAwake
    }
    guard maySleep else { return continuation.resume() }
    let timer = arm()
    let isOver = state.withLock { state in
      if !state.isAwake { state.timer = timer }
      return state.isAwake
    }
    if isOver { timer.cancel() }
  }

  func wake() {
    let before = state.withLock { state in
      let before = state
      state = State(isAwake: true)
      return before
    }
    before.timer?.cancel()
    before.continuation?.resume()
  }
}
