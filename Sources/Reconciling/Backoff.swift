import Values

/// Delays that double with each failure, up to a limit.
public struct Backoff: Sendable {
  public let first: Duration
  public let limit: Duration

  public init(first: Duration, limit: Duration) {
    self.first = first
    self.limit = limit
  }

  /// The delays of the stock work queues.
  public static let queue = Backoff(first: .milliseconds(5), limit: .seconds(1000))

  /// - Parameter failures: how many came before, from 0.
  public func delay(after failures: Int) -> Duration {
    var delay = first
    for _ in 0..<min(max(failures, 0), 62) {
      delay = delay * 2
      if delay >= limit { return limit }
    }
    return min(delay, limit)
  }
}
