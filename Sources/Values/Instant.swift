/// A moment: nanoseconds since 1970-01-01T00:00:00Z. Where it comes from is the `Clock`'s business; this is only the value.
public struct Instant: Hashable, Comparable, Sendable {
  public var nanoseconds: Int64

  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  public init(seconds: Int64) { self.nanoseconds = seconds * 1_000_000_000 }

  public static let epoch = Instant(nanoseconds: 0)
  public static let distantFuture = Instant(nanoseconds: .max)

  /// Whole seconds, rounded down, as `metav1.Time` keeps them.
  public var seconds: Int64 {
    (nanoseconds >= 0 ? nanoseconds : nanoseconds - 999_999_999) / 1_000_000_000
  }

  public static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }

  /// Stays at the ends of time rather than overflow.
  public static func + (instant: Instant, duration: Duration) -> Instant {
    let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(duration.nanoseconds)
    return Instant(nanoseconds: overflow ? (duration > .zero ? .max : .min) : sum)
  }

  public static func - (instant: Instant, duration: Duration) -> Instant { instant + (.zero - duration) }

  public static func - (later: Instant, earlier: Instant) -> Duration {
    .nanoseconds(later.nanoseconds - earlier.nanoseconds)
  }
}

extension Duration {
  /// The whole duration in nanoseconds; durations beyond 292 years are cut to that.
  public var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? (seconds > 0 ? .max : .min) : product + attoseconds / 1_000_000_000
  }

  /// The duration in seconds, with fractions.
  public var inSeconds: Double { Double(nanoseconds) / 1e9 }
}
