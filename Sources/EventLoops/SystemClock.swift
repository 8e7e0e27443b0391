import Dispatch
import Glibc
import Values

/// Wall-clock time; its timers follow the wall clock too when someone sets it.
public struct SystemClock: Clock {
  public init() {}

  public var now: Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  public var pool: WorkPool { .shared }

  @discardableResult
  public func schedule(
    at deadline: Instant, on loop: Loop, _ work: @escaping @Sendable () -> Void
  ) -> any ScheduledTimer {
    let source = DispatchSource.makeTimerSource(queue: loop.queue)
    // The handler holds the source, or the timer would end with the returned value; cancelling lets both go.
    source.setEventHandler {
      source.cancel()
      work()
    }
    source.schedule(wallDeadline: deadline.wallTime)
    source.activate()
    return SystemTimer(source: source)
  }
}

private struct SystemTimer: ScheduledTimer, @unchecked Sendable {
  let source: any DispatchSourceTimer

  func cancel() { source.cancel() }
}

extension Instant {
  /// Beyond this (the year 2200) Dispatch's own arithmetic overflows, and nobody waits that long.
  private static let latestTimer = Instant(seconds: 7_258_118_400)

  fileprivate var wallTime: DispatchWallTime {
    if self > Self.latestTimer { return .distantFuture }
    if self < .epoch { return .now() }
    return DispatchWallTime(
      timespec: timespec(tv_sec: Int(seconds), tv_nsec: Int(nanoseconds - seconds * 1_000_000_000)))
  }
}

/// Time that only runs forward, at an even pace, also while the machine sleeps; its zero means nothing.
enum MonotonicTime {
  static var nanoseconds: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

/// One timer of the system, set again and again.
struct Alarm: @unchecked Sendable {
  private let source: any DispatchSourceTimer

  init(on loop: Loop, _ work: @escaping @Sendable () -> Void) {
    source = DispatchSource.makeTimerSource(queue: loop.queue)
    source.setEventHandler { work() }
    source.schedule(deadline: .distantFuture)
    source.activate()
  }

  /// Goes off once after this time; what it was set to before is forgotten. Nil: never.
  func set(after nanoseconds: Int64?) {
    guard let nanoseconds else { return source.schedule(deadline: .distantFuture) }
    // Beyond a day it may as well go off and be set again.
    let delay = Int(min(max(nanoseconds, 0), 86_400_000_000_000))
    source.schedule(deadline: .now() + .nanoseconds(delay), leeway: .nanoseconds(0))
  }

  func cancel() { source.cancel() }
}
