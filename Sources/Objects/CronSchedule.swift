import Values

/// A cron line: minute, hour, day of month, month, day of week; or `@hourly` and its like.
public struct CronSchedule: Sendable, Equatable {
  private var minutes: Set<Int> = []
  private var hours: Set<Int> = []
  private var days: Set<Int> = []
  private var months: Set<Int> = []
  private var weekdays: Set<Int> = []
  private var anyDay = false
  private var anyWeekday = false
  /// `@every 90s`
  private var interval: Duration?

  private static let shorthands = [
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
  ]
  private static let monthNames = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]
  private static let dayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

  /// Nil when the text is not a schedule.
  public init?(_ text: String) {
    if text.hasPrefix("@every ") {
      guard let seconds = Self.seconds(String(text.dropFirst(7))) else { return nil }
      interval = .seconds(max(1, seconds))
      return
    }
    let fields = (Self.shorthands[text] ?? text).split(separator: " ").map { $0.lowercased() }
    guard fields.count == 5, let minutes = Self.values(fields[0], 0...59, []),
      let hours = Self.values(fields[1], 0...23, []), let days = Self.values(fields[2], 1...31, []),
      let months = Self.values(fields[3], 1...12, Self.monthNames),
      let weekdays = Self.values(fields[4], 0...6, Self.dayNames)
    else { return nil }
    (self.minutes, self.hours, self.days, self.months) = (minutes, hours, days, months)
    self.weekdays = weekdays
    anyDay = fields[2].hasPrefix("*") || fields[2] == "?"
    anyWeekday = fields[4].hasPrefix("*") || fields[4] == "?"
  }

  /// `1`, `*/5`, `1-5`, `0-30/10`, `mon,wed`
  private static func values(_ field: String, _ range: ClosedRange<Int>, _ names: [String]) -> Set<Int>? {
    func number(_ text: some StringProtocol) -> Int? {
      if let value = Int(text) { return value }
      return names.firstIndex(of: String(text)).map { range.lowerBound + $0 }
    }
    var result: Set<Int> = []
    for part in field.split(separator: ",", omittingEmptySubsequences: false) {
      let halves = part.split(separator: "/", omittingEmptySubsequences: false)
      guard halves.count <= 2, let step = halves.count == 2 ? Int(halves[1]) : 1, step > 0 else { return nil }
      var bounds = range
      if halves[0] != "*" && halves[0] != "?" {
        let ends = halves[0].split(separator: "-", omittingEmptySubsequences: false).map { number($0) }
        guard ends.count <= 2, let first = ends[0], let last = ends.count == 2 ? ends[1] : first, first <= last,
          range.contains(first), range.contains(last)
        else { return nil }
        bounds = first...(ends.count == 1 && halves.count == 2 ? range.upperBound : last)
      }
      result.formUnion(stride(from: bounds.lowerBound, through: bounds.upperBound, by: step))
    }
    return result
  }

  /// `1h30m`, `90s`
  private static func seconds(_ text: String) -> Int64? {
    var total: Int64 = 0
    var digits = ""
    for character in text {
      if character.isNumber {
        digits.append(character)
        continue
      }
      guard let number = Int64(digits), number < 1_000_000,
        let unit = ["h": 3600, "m": 60, "s": 1][character] as Int64?
      else { return nil }
      total += number * unit
      digits = ""
    }
    return digits.isEmpty && total > 0 ? total : nil
  }

  /// The first moment after `instant` at which the clocks of the zone show what is scheduled; nil when there is none within
  /// five years. What the clocks leap over when summer begins does not come; what they show twice when it ends comes twice.
  public func next(after instant: Instant, in zone: ZoneRules = .utc) -> Instant? {
    if let interval { return Instant(seconds: (instant + interval).seconds) }
    var time = instant.seconds + 1
    let limit = time + 5 * 366 * 86400
    while time < limit {
      let period = zone.period(at: Instant(seconds: time))
      let end = min(period.end.seconds, limit)
      if let local = next(from: time + period.offset, before: end + period.offset) {
        return Instant(seconds: local - period.offset)
      }
      time = max(end, time + 1)
    }
    return nil
  }

  /// The first full minute that fits, in seconds of local time.
  private func next(from start: Int64, before end: Int64) -> Int64? {
    var minute = (start + 59) / 60
    while minute * 60 < end {
      let (_, month, day) = Instant(seconds: minute * 60).civil
      let dayNumber = minute / 1440
      if !months.contains(Int(month)) || !fits(day: Int(day), weekday: Int((dayNumber + 4) % 7)) {
        minute = (dayNumber + 1) * 1440
      } else if !hours.contains(Int(minute / 60 % 24)) {
        minute = (minute / 60 + 1) * 60
      } else if !minutes.contains(Int(minute % 60)) {
        minute += 1
      } else {
        return minute * 60
      }
    }
    return nil
  }

  /// When both day fields are restricted, either is enough.
  private func fits(day: Int, weekday: Int) -> Bool {
    if anyDay || anyWeekday { return days.contains(day) && weekdays.contains(weekday) }
    return days.contains(day) || weekdays.contains(weekday)
  }
}
