import Values

/// How long ago something was, in the few characters that `kubectl get` shows: `5m3s`, `2d4h`, `3y`.
enum Age {
  private static let minute: Int64 = 60
  private static let hour = 60 * minute
  private static let day = 24 * hour
  private static let year = 365 * day

  /// The age of a moment given as RFC 3339 text; `<unknown>` when there is none.
  static func since(_ text: String?, now: Instant) -> String {
    guard let text, let start = Instant(rfc3339: text) else { return "<unknown>" }
    return human(now - start)
  }

  /// A duration in at most two units; `<invalid>` when it is negative by more than a second.
  static func human(_ duration: Duration) -> String {
    let seconds = duration.nanoseconds / 1_000_000_000
    if seconds < -1 { return "<invalid>" }
    if seconds < 0 { return "0s" }
    if seconds < 2 * minute { return "\(seconds)s" }
    if seconds < 10 * minute { return pair(seconds, minute, "m", 1, "s") }
    if seconds < 3 * hour { return "\(seconds / minute)m" }
    if seconds < 8 * hour { return pair(seconds, hour, "h", minute, "m") }
    if seconds < 48 * hour { return "\(seconds / hour)h" }
    if seconds < 8 * day { return pair(seconds, day, "d", hour, "h") }
    if seconds < 2 * year { return "\(seconds / day)d" }
    if seconds < 8 * year { return pair(seconds, year, "y", day, "d") }
    return "\(seconds / year)y"
  }

  /// Two units, the second one left out when it is zero.
  private static func pair(_ seconds: Int64, _ big: Int64, _ bigName: String, _ small: Int64, _ smallName: String)
    -> String
  {
    let rest = seconds % big / small
    return rest == 0 ? "\(seconds / big)\(bigName)" : "\(seconds / big)\(bigName)\(rest)\(smallName)"
  }
}
