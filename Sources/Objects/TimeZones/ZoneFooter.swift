import Values

/// The rule for all years to come, as POSIX writes it in `TZ`: `CET-1CEST,M3.5.0,M10.5.0/3`.
struct ZoneFooter: Sendable, Equatable {
  /// A day of each year, and the time of that day by the clocks that go until then.
  struct Moment: Sendable, Equatable {
    enum Day: Sendable, Equatable {
      /// The month, the week in it (5 is the last), and the day of the week from Sunday, 0.
      case weekday(month: Int64, week: Int64, day: Int64)
      /// From 1, February 29 never counted.
      case julian(Int64)
      /// From 0, February 29 counted.
      case ordinal(Int64)
    }

    var day: Day
    var seconds: Int64
  }

  private let standard: Int64
  /// Of summer, and when that begins and ends; nil where the clocks stay.
  private let summer: (offset: Int64, start: Moment, end: Moment)?

  static func == (left: ZoneFooter, right: ZoneFooter) -> Bool {
    left.standard == right.standard && left.summer?.offset == right.summer?.offset
      && left.summer?.start == right.summer?.start && left.summer?.end == right.summer?.end
  }

  /// Nil when the text is no such rule.
  init?(_ text: String) {
    var reader = Reader(rest: text[...])
    guard reader.name(), let west = reader.time() else { return nil }
    standard = -west
    if reader.rest.isEmpty {
      summer = nil
      return
    }
    guard reader.name() else { return nil }
    var offset = standard + 3600
    if reader.rest.first != ",", let west = reader.time() { offset = -west }
    guard reader.take(","), let start = reader.moment(), reader.take(","), let end = reader.moment(),
      reader.rest.isEmpty
    else { return nil }
    summer = (offset, start, end)
  }

  /// - Parameter time: seconds since 1970.
  func period(at time: Int64) -> ZoneRules.Period {
    guard let summer else { return ZoneRules.Period(offset: standard, end: .distantFuture) }
    let year = Instant(seconds: time).civil.year
    var offset = standard
    for year in year - 1...year + 1 {
      let start = summer.start.time(in: year) - standard
      let end = summer.end.time(in: year) - summer.offset
      let changes = [(start, summer.offset), (end, standard)].sorted { $0.0 < $1.0 }
      for (moment, next) in changes {
        if moment > time { return ZoneRules.Period(offset: offset, end: Instant(seconds: moment)) }
        offset = next
      }
    }
    return ZoneRules.Period(offset: offset, end: .distantFuture)
  }
}

extension ZoneFooter.Moment {
  /// Seconds since 1970 by the zone's own clocks.
  func time(in year: Int64) -> Int64 {
    let newYear = Instant.daysFromCivil(year: year, month: 1, day: 1)
    let number: Int64
    switch day {
    case .ordinal(let day): number = newYear + day
    case .julian(let day):
      let isLeap = Instant.daysFromCivil(year: year + 1, month: 1, day: 1) - newYear == 366
      number = newYear + day - 1 + (isLeap && day >= 60 ? 1 : 0)
    case .weekday(let month, let week, let day):
      let first = Instant.daysFromCivil(year: year, month: month, day: 1)
      let next = Instant.daysFromCivil(year: month == 12 ? year + 1 : year, month: month == 12 ? 1 : month + 1, day: 1)
      // 1970-01-01 was a Thursday.
      let weekday = ((first + 4) % 7 + 7) % 7
      var candidate = first + (day - weekday + 7) % 7 + (week - 1) * 7
      if candidate >= next { candidate -= 7 }
      number = candidate
    }
    return number * 86400 + seconds
  }
}

private struct Reader {
  var rest: Substring

  mutating func take(_ character: Character) -> Bool {
    guard rest.first == character else { return false }
    rest.removeFirst()
    return true
  }

  /// `CET` or `<+03>`
  mutating func name() -> Bool {
    if take("<") {
      guard let end = rest.firstIndex(of: ">") else { return false }
      rest = rest[rest.index(after: end)...]
      return true
    }
    let letters = rest.prefix { $0.isLetter }
    rest = rest.dropFirst(letters.count)
    return letters.count >= 3
  }

  mutating func number(_ range: ClosedRange<Int64>) -> Int64? {
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    guard let value = Int64(digits), range.contains(value) else { return nil }
    rest = rest.dropFirst(digits.count)
    return value
  }

  /// `-3:30`: up to a week, for RFC 9636 lets it.
  mutating func time() -> Int64? {
    let sign: Int64 = take("-") ? -1 : 1
    if sign == 1 { _ = take("+") }
    guard let hours = number(0...167) else { return nil }
    var seconds = hours * 3600
    for unit: Int64 in [60, 1] where take(":") {
      guard let value = number(0...59) else { return nil }
      seconds += value * unit
    }
    return sign * seconds
  }

  /// `M3.5.0/2`, `J60`, `59/24`
  mutating func moment() -> ZoneFooter.Moment? {
    let day: ZoneFooter.Moment.Day
    if take("M") {
      guard let month = number(1...12), take("."), let week = number(1...5), take("."), let weekday = number(0...6)
      else {
        return nil
      }
      day = .weekday(month: month, week: week, day: weekday)
    } else if take("J") {
      guard let number = number(1...365) else { return nil }
      day = .julian(number)
    } else {
      guard let number = number(0...365) else { return nil }
      day = .ordinal(number)
    }
    guard take("/") else { return ZoneFooter.Moment(day: day, seconds: 7200) }
    return time().map { ZoneFooter.Moment(day: day, seconds: $0) }
  }
}
