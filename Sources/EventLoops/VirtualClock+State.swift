import Values

extension VirtualClock {
  /// What a look at the clock leads to.
  struct Turn {
    enum Next {
      /// Look again at once.
      case again
      /// Look again when the pool is quiet.
      case settle(UInt64)
      /// Look again after so many nanoseconds; nil: when something new comes.
      case sleep(Int64?)
      /// Somebody else will look.
      case wait
    }

    var due: [VirtualTimer] = []
    var finished: (@Sendable (Unrest?) -> Void)?
    var next: Next
  }

  struct State {
    /// A machine that slept is woken with its time behind: more than this is walked, not jumped over.
    private static let largestJump = Duration.seconds(30)
    /// How much of the machine's time a walk may be behind before it gives up catching up.
    private static let largestLag = 1_000_000_000.0

    var pace: Pace
    /// Where time stands while it walks.
    var held: Instant?
    var timers = TimerHeap()
    var lastNumber: UInt64 = 0
    var goals: [Goal] = []
    /// The number of the settling that is waited for.
    var settling: UInt64?
    var lastSettling: UInt64 = 0
    private var isWatched = false

    init(pace: Pace) { self.pace = pace }

    mutating func now(_ monotonic: Int64) -> Instant {
      if let held { return held }
      let time = pace.time(monotonic)
      // Only real time may pass a deadline.
      if pace.speed == 1 { return time }
      return timers.nextDeadline().map { min(time, $0) } ?? time
    }

    /// By how much the time is ahead of the monotonic time, where it simply flows with it.
    var lead: Int64? {
      guard held == nil, goals.isEmpty, pace.speed == 1 else { return nil }
      return pace.base.nanoseconds &- pace.origin
    }

    /// Whether a new first timer must be told to the alarm: not while time is walking, nor while it stands.
    var wantsAlarm: Bool { held == nil && goals.isEmpty && settling == nil && pace.speed > 0 }

    /// - Returns: whether nobody watches yet.
    mutating func beginWatching() -> Bool {
      defer { isWatched = true }
      return !isWatched
    }

    /// What is being settled; nil ends the watching.
    mutating func watched() -> UInt64? {
      isWatched = settling != nil
      return settling
    }

    mutating func endSettling(_ number: UInt64) -> Bool {
      guard settling == number else { return false }
      settling = nil
      return true
    }

    /// The settling takes too long: an advance that somebody waits for ends where time stands.
    mutating func giveUp(_ number: UInt64) -> (finished: @Sendable (Unrest?) -> Void, time: Instant)? {
      guard endSettling(number), let goal = goals.first, let end = goal.end, let held, let finished = goal.finished
      else { return nil }
      pace.base = pace.base + goal.distance - (end - held)
      self.held = nil
      goals.removeFirst()
      return (finished, held)
    }

    mutating func turn(_ monotonic: Int64) -> Turn {
      if settling != nil { return Turn(next: .wait) }
      if let goal = goals.first { return walk(goal, monotonic) }
      return pace.speed == 1 ? flow(monotonic) : walkWithThePace(monotonic)
    }

    /// Towards the goal of an advance, one deadline at a time.
    private mutating func walk(_ goal: Goal, _ monotonic: Int64) -> Turn {
      guard let end = goal.end else {
        let start = now(monotonic)
        held = start
        goals[0].end = goal.target(start)
        goals[0].distance = goal.target(start) - start
        return settle([])
      }
      if let due = stepTo(end) { return settle(due) }
      // What the walk took of the machine's time has passed as well.
      pace.base = pace.base + goal.distance
      held = nil
      goals.removeFirst()
      return Turn(finished: goal.finished, next: .again)
    }

    /// Real time does not wait for anybody.
    private mutating func flow(_ monotonic: Int64) -> Turn {
      let time = pace.time(monotonic)
      guard let deadline = timers.nextDeadline() else { return Turn(next: .sleep(nil)) }
      if time - deadline > Self.largestJump {
        held = deadline
        goals.append(Goal(end: time))
        return Turn(next: .again)
      }
      var due: [VirtualTimer] = []
      while let timer = timers.take(until: time) { due.append(timer) }
      return Turn(due: due, next: .sleep(timers.nextDeadline().flatMap { pace.delay(until: $0, monotonic) }))
    }

    /// Brings the goal of the walk under way to where it stands; those that wait for their turn go nowhere.
    mutating func stopWalking(_ monotonic: Int64) {
      let time = now(monotonic)
      for index in goals.indices {
        if let end = goals[index].end {
          goals[index].distance = max(.zero, goals[index].distance - (end - time))
          goals[index].end = time
        } else {
          goals[index].target = { $0 }
        }
      }
    }

    private mutating func walkWithThePace(_ monotonic: Int64) -> Turn {
      let time = pace.time(monotonic)
      if let due = stepTo(time) { return settle(due) }
      if let held, (time - held).inSeconds * 1e9 > Self.largestLag * pace.speed {
        pace = Pace(base: held, origin: monotonic, speed: pace.speed)
      }
      held = nil
      return Turn(next: .sleep(timers.nextDeadline().flatMap { pace.delay(until: $0, monotonic) }))
    }

    /// Goes on to the next deadline, if that is not after `limit`.
    /// - Returns: the timers of that deadline.
    private mutating func stepTo(_ limit: Instant) -> [VirtualTimer]? {
      guard let deadline = timers.nextDeadline(), deadline <= limit else { return nil }
      held = max(held ?? deadline, deadline)
      var due: [VirtualTimer] = []
      while let timer = timers.take(until: deadline) { due.append(timer) }
      return due
    }

    private mutating func settle(_ due: [VirtualTimer]) -> Turn {
      lastSettling += 1
      settling = lastSettling
      return Turn(due: due, next: .settle(lastSettling))
    }
  }
}
