import Values

/// A cron line: minute, hour, day of month, month, day of week; or `@hourly` and its like.
public struct CronSchedule: Sendable, Equatable {
  var minutes: Set<Int> = []
  var hours: Set<Int> = []
  var days: Set<Int> = []
  var months: Set<Int> = []
  var weekdays: Set<Int> = []
  /// Whether the field stands for all values: a step makes it one that restricts.
  var anyDay = false
  var anyWeekday = false
  /// `@every 90s`
  var interval: Duration?

  init() {}

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
