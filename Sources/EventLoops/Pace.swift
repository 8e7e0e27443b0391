import Values

/// What kept an advance from its goal.
public struct Unrest: Error, Sendable {
  /// How far it came.
  public var time: Instant
  /// Where something was still under way, and how much.
  public var underWay: [(place: String, count: Int)]
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
  /// nil: nobody waits for it, and so it goes on whatever comes.
  let finished: (@Sendable (Unrest?) -> Void)?

  init(target: @escaping @Sendable (Instant) -> Instant, finished: (@Sendable (Unrest?) -> Void)?) {
    self.target = target
    self.finished = finished
  }

  /// Towards where the clock already should be.
  init(end: Instant) {
    self.init(target: { _ in end }, finished: nil)
    self.end = end
  }
}
