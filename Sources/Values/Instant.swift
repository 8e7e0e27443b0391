/// A moment: nanoseconds since 1970-01-01T00:00:00Z. Where it comes from is the `Clock`'s business; this is only the value.
public struct Instant: Hashable, Comparable, Sendable {
  public var nanoseconds: Int64

  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Stays at the ends of time (about 1678 and 2262) rather than overflow.
  public init(seconds: Int64) {
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    nanoseconds = overflow ? (seconds > 0 ? .max : .min) : product
  }

  public static let epoch = Instant(nanoseconds: 0)
  public static let distantFuture = Instant(nanoseconds: .max)

  /// Whole seconds, rounded down, as `metav1.Time` keeps them.
  public var seconds: Int64 {
    let (quotient, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return rest < 0 ? quotient - 1 : quotient
  }

  public static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }

  /// Stays at the ends of time rather than overflow.
  public static func + (instant: Instant, duration: Duration) -> Instant {
    let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(duration.nanoseconds)
    return Instant(nanoseconds: overflow ? (duration > .zero ? .max : .min) : sum)
  }

  public static func - (instant: Instant, duration: Duration) -> Instant { instant + (.zero - duration) }

  /// Exact, however far they lie apart: both may come from what a client sent.
  public static func - (later: Instant, earlier: Instant) -> Duration {
    .nanoseconds(later.nanoseconds) - .nanoseconds(earlier.nanoseconds)
  }
}

extension Duration {
  /// The whole duration in nanoseconds; durations beyond 292 years are cut to that.
  public var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return seconds > 0 ? .max : .min }
    let (sum, carry) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
    return carry ? (seconds > 0 ? .max : .min) : sum
  }

  /// The duration in seconds, with fractions.
  public var inSeconds: Double { Double(nanoseconds) / 1e9 }
}
