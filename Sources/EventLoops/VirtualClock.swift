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
  /// How long the work of one moment may take before time goes on without it, or an advance gives up: something that never
  /// rests must not stop the clock for good.
  private let patience: Duration
  /// What real time is ahead of the machine's monotonic time, for who asks what time it is without waiting for others;
  /// `noFlow` where time does not simply flow.
  private let flow = Atomic<Int64>(noFlow)
  private static let noFlow = Int64.min

  /// - Parameters:
  ///   - speed: seconds of this clock in a second of the machine; 0 stands still until it is advanced.
  ///   - pool: whose work is waited for when time walks.
  ///   - patience: how long that may take between two moments.
  public init(now: Instant, speed: Double = 0, pool: WorkPool = WorkPool(), patience: Duration = .seconds(20)) {
    self.pool = pool
    self.patience = patience
    state = Mutex(State(pace: Pace(base: now, origin: MonotonicTime.nanoseconds, speed: speed)))
    alarm = Mutex(nil)
    let set = Alarm(on: driver) { [weak self] in self?.turn() }
    alarm.withLock { $0 = set }
    change { _ in }
  }

  deinit { alarm.withLock { $0 }?.cancel() }

  public var now: Instant {
    let ahead = flow.load(ordering: .acquiring)
    if ahead != Self.noFlow { return Instant(nanoseconds: MonotonicTime.nanoseconds &+ ahead) }
    return state.withLock { $0.now(MonotonicTime.nanoseconds) }
  }

  /// Changes what decides about the time.
  private func change<Result>(_ body: (inout State) -> Result) -> Result {
    state.withLock { state in
      defer { flow.store(state.lead ?? Self.noFlow, ordering: .releasing) }
      return body(&state)
    }
  }

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
  /// advances before this one are done. It ends on the way where something does not come to rest.
  /// - Returns: what did not; nil when time has come to its goal.
  @discardableResult
  public func advance(by duration: Duration) async -> Unrest? { await advance { $0 + duration } }

  /// As `advance(by:)`, to a moment; a moment in the past changes nothing, but what is under way is waited for.
  @discardableResult
  public func advance(to target: Instant) async -> Unrest? { await advance { max($0, target) } }

  private func advance(_ target: @escaping @Sendable (Instant) -> Instant) async -> Unrest? {
    await withCheckedContinuation { continuation in
      change { $0.goals.append(Goal(target: target) { continuation.resume(returning: $0) }) }
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
    change { state in
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
  /// Looks at what is due. On the driver; called whenever the alarm, a new first timer, a goal or quiet asks for it.
  private func turn() {
    let turn = change { $0.turn(MonotonicTime.nanoseconds) }
    turn.finished?(nil)
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
    SystemClock().schedule(after: patience, on: driver) { [weak self] in
      guard let self, let current = state.withLock({ $0.watched() }) else { return }
      if current == number { giveUp(number) }
      watch(current)
    }
  }

  private func giveUp(_ number: UInt64) {
    let underWay = pool.underWay
    if let (finished, time) = change({ $0.giveUp(number) }) { finished(Unrest(time: time, underWay: underWay)) }
    turn()
  }
}
