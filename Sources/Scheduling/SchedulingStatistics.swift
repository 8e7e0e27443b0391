import Values

/// What the scheduler has done since its start, for metrics. Durations are seconds of the machine's clock.
public struct SchedulingStatistics: Sendable {
  /// One line of the attempts.
  public struct Series: Sendable, Hashable {
    /// The name under which pods ask for this profile.
    public let profile: String
    /// `scheduled`, `unschedulable` or `error`.
    public let result: String
  }

  /// How long attempts took, a binding included.
  public private(set) var attempts: [Series: Histogram] = [:]
  /// How long it took to decide.
  public private(set) var decisions = Histogram(bounds: seconds)
  /// After how many attempts pods got their nodes.
  public private(set) var tries = Histogram(bounds: Histogram.bounds(from: 1, times: 2, count: 5))
  /// How many pods had to go each time that one made room for itself.
  public private(set) var victims = Histogram(bounds: Histogram.bounds(from: 1, times: 2, count: 7))
  /// How many pods wait, by what they wait for.
  private(set) var places: [PodQueue.Place: Int] = [:]

  /// From a millisecond on, as the stock scheduler has them.
  private static let seconds = Histogram.bounds(from: 0.001, times: 2, count: 15)

  /// The pods that wait, by the names of the stock scheduler's queues.
  public var pending: [(queue: String, count: Int)] {
    [
      ("active", places[.ready, default: 0]), ("backoff", places[.backingOff, default: 0]),
      ("gated", places[.gated, default: 0]), ("unschedulable", places[.parked, default: 0]),
    ]
  }

  mutating func note(places: [PodQueue.Place: Int]) { self.places = places }

  /// A pod has been decided about: it has a node, which is now written, or none.
  mutating func noteDecision(_ pod: PodNeeds, hasNode: Bool, since start: Instant, at now: Instant) {
    decisions.observe((now - start).inSeconds)
    if !hasNode { observe(pod, "unschedulable", now - start) }
  }

  mutating func noteBinding(_ binding: Scheduler.Binding, isDone: Bool, at now: Instant) {
    observe(binding.pod, isDone ? "scheduled" : "error", now - binding.begun)
    if isDone { tries.observe(Double(binding.failures + 1)) }
  }

  mutating func noteVictims(_ count: Int) { victims.observe(Double(count)) }

  private mutating func observe(_ pod: PodNeeds, _ result: String, _ duration: Duration) {
    let series = Series(profile: pod.schedulerName, result: result)
    attempts[series, default: Histogram(bounds: Self.seconds)].observe(duration.inSeconds)
  }
}
