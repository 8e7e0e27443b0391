/// A five-field cron schedule (minute, hour, day of month, month, day of week) or one of its `@daily` names.
public struct CronSchedule: Sendable, Equatable {
  public let minutes: UInt64
  public let hours: UInt64
  public let daysOfMonth: UInt64
  public let months: UInt64
  public let daysOfWeek: UInt64
  /// With both day fields restricted, a day that matches either will do.
  public let eitherDay: Bool

  private static let names: [String: String] = [
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
  ]
  private static let monthNames = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
  private static let dayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

  /// Nil when the text is no schedule.
  public init?(_ text: String) {
    let fields = (Self.names[text] ?? text).split(separator: " ").map { $0.lowercased() }
    guard fields.count == 5, let minutes = Self.bits(fields[0], 0...59), let hours = Self.bits(fields[1], 0...23),
      let days = Self.bits(fields[2], 1...31),
      let months = Self.bits(fields[3], 1...12, names: Self.monthNames, base: 1),
      let weekdays = Self.bits(fields[4], 0...6, names: Self.dayNames, base: 0)
    else { return nil }
    self.minutes = minutes
    self.hours = hours
    self.daysOfMonth = days
    self.months = months
    self.daysOfWeek = weekdays
    self.eitherDay = !Self.isStar(fields[2]) && !Self.isStar(fields[4])
  }

  public func matches(month: Int, day: Int, weekday: Int) -> Bool {
    guard months & 1 << UInt64(month) != 0 else { return false }
    let byMonth = daysOfMonth & 1 << UInt64(day) != 0
    let byWeek = daysOfWeek & 1 << UInt64(weekday) != 0
    return eitherDay ? byMonth || byWeek : byMonth && byWeek
  }

  private static func isStar(_ field: String) -> Bool { field.hasPrefix("*") || field.hasPrefix("?") }

  /// A comma list of values, ranges and steps as a set of bits.
  private static func bits(_ field: String, _ range: ClosedRange<Int>, names: [String] = [], base: Int = 0) -> UInt64? {
    func number(_ text: Substring) -> Int? {
      if let index = names.firstIndex(of: String(text)) { return index + base }
      guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
      return Int(text)
    }
    var bits: UInt64 = 0
    for part in field.split(separator: ",", omittingEmptySubsequences: false) {
      let pieces = part.split(separator: "/", omittingEmptySubsequences: false)
      guard pieces.count <= 2, let span = pieces.first else { return nil }
      var step = 1
      if pieces.count == 2 {
        guard let value = number(pieces[1]), value > 0 else { return nil }
        step = value
      }
      var low = range.lowerBound
      var high = range.upperBound
      if span != "*", span != "?" {
        let ends = span.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count <= 2, let first = number(ends[0]) else { return nil }
        low = first
        if ends.count == 2 {
          guard let last = number(ends[1]) else { return nil }
          high = last
        } else if pieces.count == 1 {
          high = first
        }
      }
      guard low >= range.lowerBound, high <= range.upperBound, low <= high else { return nil }
      for value in stride(from: low, through: high, by: step) { bits |= 1 << UInt64(value) }
    }
    return bits
  }
}
