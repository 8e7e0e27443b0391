import Synchronization
import Values

/// The cluster's own time: it runs at a chosen speed over the machine's monotonic clock, stands still at speed 0, and can be
/// advanced.
///
/// Advancing is walking, not jumping: timers run in the order of their deadlines, each at its own moment, and time goes on
/// to the next when all that they set off in the pool has come to its end. An hour that was advanced over is an hour in
/// which everything happened. At any speed but 1 time walks in the same way: it passes no deadline before the work of that
/// deadline is done, and is slower than it was asked to be where that takes long.
public final class VirtualClock: Clock {
  public let pool: WorkPool
  private let state: Mutex<State>
  /// Where the clock itself works; it does not count as work.
  private let driver = Loop(label: "swiftlet.clock")
  private let alarm: Mutex<Alarm?>

  /// - Parameters:
  ///   - speed: seconds of this clock in a second of the machine; 0 stands still until it is advanced.
  ///   - pool: whose work is waited for when time walks.
  public init(now: Instant, speed: Double = 0, pool: WorkPool = WorkPool()) {
    self.pool = pool
    state = Mutex(State(pace: Pace(base: now, origin: MonotonicTime.nanoseconds, speed: speed)))
    alarm = Mutex(nil)
    let set = Alarm(on: driver) { [weak self] in self?.turn() }
    alarm.withLock { $0 = set }
  }

  deinit { alarm.withLock { $0 }?.cancel() }

  public var now: Instant { state.withLock { $0.now(MonotonicTime.nanoseconds) } }

  /// Seconds of this clock in a second of the machine.
  public var speed: Double { state.withLock { $0.pace.speed } }

  /// Whether an advance is under way.
  public var isAdvancing: Bool { state.withLock { !$0.goals.isEmpty } }

  public var isWalking: Bool { state.withLock { !$0.goals.isEmpty || $0.pace.speed != 1 } }

  /// How many timers wait.
  public var pendingCount: Int { state.withLock { $0.timers.count } }

  /// When the next timer is due, nil when none waits.
  public var nextDeadline: Instant? { state.withLock { $0.timers.nextDeadline() } }

  @discardableResult
  public func schedule(
    at deadline: Instant, on loop: Loop, _ work: @escaping @Sendable () -> Void
  ) -> any ScheduledTimer {
    let (timer, isDue, isFirst) = state.withLock { state in
      state.lastNumber += 1
      let isDue = deadline <= state.now(MonotonicTime.nanoseconds)
      let timer = VirtualTimer(
        self, deadline: deadline, number: state.lastNumber, loop: loop, waits: !isDue, work: work)
      if isDue { return (timer, true, false) }
      let isFirst = state.timers.nextDeadline().map { deadline < $0 } ?? true
      state.timers.insert(timer)
      return (timer, false, isFirst && state.wantsAlarm)
    }
    if isDue { loop.run { timer.claim()?.work() } }
    if isFirst { driver.run { [weak self] in self?.turn() } }
    return timer
  }

  func cancel(_ timer: VirtualTimer) {
    // What the work holds is let go of outside of the lock.
    let claimed = state.withLock { state in
      let claimed = timer.claim()
      if claimed?.waits == true { state.timers.noteCancelled() }
      return claimed
    }
    withExtendedLifetime(claimed) {}
  }

  /// Walks forward, and returns when everything due by then has settled. Time begins to walk from where it stands when the
  /// advances before this one are done.
  public func advance(by duration: Duration) async { await advance { $0 + duration } }

  /// As `advance(by:)`, to a moment; a moment in the past changes nothing, but what is under way is waited for.
  public func advance(to target: Instant) async { await advance { max($0, target) } }

  private func advance(_ target: @escaping @Sendable (Instant) -> Instant) async {
    await withCheckedContinuation { continuation in
      state.withLock { $0.goals.append(Goal(target: target) { continuation.resume() }) }
      driver.run { [self] in turn() }
    }
  }

  /// The moment that the advance under way is to reach; nil when none is.
  public var goal: Instant? { state.withLock { $0.goals.first?.end } }

  /// Ends all advances where time has come to; who waits for them is told as if they had reached their goals.
  public func stopAdvancing() {
    state.withLock { $0.stopWalking(MonotonicTime.nanoseconds) }
    driver.run { [self] in turn() }
  }

  /// Changes the pace from now on.
  public func setSpeed(_ speed: Double) {
    state.withLock { state in
      let now = MonotonicTime.nanoseconds
      let time = state.now(now)
      state.pace = Pace(base: time, origin: now, speed: speed)
      // What is left of a walk under way is all that is to be added at its end.
      if let end = state.goals.first?.end { state.goals[0].distance = max(.zero, end - time) }
    }
    driver.run { [self] in turn() }
  }
}

// MARK: - walking

extension VirtualClock {
  /// How long the work of one moment may take before time goes on without it: something that never rests must not stop
  /// the clock for good.
  private static let patience = Duration.seconds(20)

  /// Looks at what is due. On the driver; called whenever the alarm, a new first timer, a goal or quiet asks for it.
  private func turn() {
    let turn = state.withLock { $0.turn(MonotonicTime.nanoseconds) }
    turn.finished?()
    fire(turn.due[...])
    switch turn.next {
    case .again: driver.run { [self] in self.turn() }
    case .settle(let number): settle(number)
    case .sleep(let delay): alarm.withLock { $0 }?.set(after: delay)
    case .wait: break
    }
  }

  /// Those of one loop go as one piece, for what the first sets off must not come before the second.
  private func fire(_ due: ArraySlice<VirtualTimer>) {
    guard let loop = due.first?.loop else { return }
    let together = due.prefix { $0.loop === loop }
    pool.tally.begin()
    loop.run { [tally = pool.tally] in
      for timer in together { timer.claim()?.work() }
      tally.end()
    }
    fire(due[together.endIndex...])
  }

  private func settle(_ number: UInt64) {
    pool.tally.whenQuiet { [self] in driver.run { [self] in settled(number) } }
    if state.withLock({ $0.beginWatching() }) { watch(number) }
  }

  private func settled(_ number: UInt64) {
    if state.withLock({ $0.endSettling(number) }) { turn() }
  }

  /// One watch does for many settlings.
  private func watch(_ number: UInt64) {
    SystemClock().schedule(after: Self.patience, on: driver) { [weak self] in
      guard let self, let current = state.withLock({ $0.watched() }) else { return }
      if current == number { settled(number) }
      watch(current)
    }
  }
}

/// Base, and what has passed since at a speed.
struct Pace: Sendable {
  var base: Instant
  /// The monotonic time of the base.
  var origin: Int64
  var speed: Double

  func time(_ monotonic: Int64) -> Instant {
    if speed == 0 { return base }
    let passed = max(0, monotonic - origin)
    if speed == 1 { return base + .nanoseconds(passed) }
    let scaled = Double(passed) * speed
    return scaled < Double(Int64.max) ? base + .nanoseconds(Int64(scaled)) : .distantFuture
  }

  /// How long until `moment`, in nanoseconds of the machine; nil for never.
  func delay(until moment: Instant, _ monotonic: Int64) -> Int64? {
    if speed == 0 { return nil }
    let left = Double((moment - time(monotonic)).nanoseconds) / speed
    return left < 1e18 ? Int64(max(0, left.rounded(.up))) : nil
  }
}

/// An advance: how far, seen from where it begins.
struct Goal: Sendable {
  var target: @Sendable (Instant) -> Instant
  /// Known when it is its turn.
  var end: Instant?
  /// By how much the clock is ahead when it is reached.
  var distance = Duration.zero
  let finished: @Sendable () -> Void

  init(target: @escaping @Sendable (Instant) -> Instant, finished: @escaping @Sendable () -> Void) {
    self.target = target
    self.finished = finished
  }

  /// Towards where the clock already should be.
  init(end: Instant) {
    self.init(target: { _ in end }, finished: {})
    self.end = end
  }
}
