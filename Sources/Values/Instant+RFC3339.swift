/// RFC 3339 text as Kubernetes writes it: UTC with `Z`, seconds for `metav1.Time`, microseconds for `metav1.MicroTime`.
extension Instant {
  /// `2026-01-31T09:05:00Z`
  public var rfc3339: String { text(fractionDigits: 0) }

  /// `2026-01-31T09:05:00.000000Z`
  public var rfc3339Micro: String { text(fractionDigits: 6) }

  /// Reads RFC 3339 with any offset and up to nine fraction digits; nil when it is not that.
  public init?(rfc3339 text: String) {
    var text = text
    guard let instant = text.withUTF8({ Instant(rfc3339: $0) }) else { return nil }
    self = instant
  }

  /// Reads RFC 3339 with any offset and up to nine fraction digits; nil when it is not that.
  public init?(rfc3339 bytes: UnsafeBufferPointer<UInt8>) {
    func number(_ start: Int, _ length: Int) -> Int64? {
      guard start + length <= bytes.count else { return nil }
      var value: Int64 = 0
      for byte in bytes[start..<start + length] {
        guard byte >= 48 && byte <= 57 else { return nil }
        value = value * 10 + Int64(byte - 48)
      }
      return value
    }
    func isByte(_ index: Int, _ expected: Unicode.Scalar) -> Bool {
      index < bytes.count && bytes[index] == UInt8(ascii: expected)
    }
    guard let year = number(0, 4), isByte(4, "-"), let month = number(5, 2), isByte(7, "-"), let day = number(8, 2),
      isByte(10, "T") || isByte(10, "t") || isByte(10, " "), let hour = number(11, 2), isByte(13, ":"),
      let minute = number(14, 2), isByte(16, ":"), let second = number(17, 2),
      (1...12).contains(month), (1...Self.daysInMonth(month, year: year)).contains(day), hour < 24, minute < 60,
      second < 61
    else { return nil }
    var index = 19
    var fraction: Int64 = 0
    if isByte(index, ".") {
      index += 1
      var scale: Int64 = 100_000_000
      let start = index
      while index < bytes.count, bytes[index] >= 48, bytes[index] <= 57 {
        fraction += Int64(bytes[index] - 48) * scale
        scale /= 10
        index += 1
      }
      if index == start { return nil }
    }
    var offset: Int64 = 0
    if isByte(index, "Z") || isByte(index, "z") {
      index += 1
    } else if isByte(index, "+") || isByte(index, "-") {
      guard let hours = number(index + 1, 2), isByte(index + 3, ":"), let minutes = number(index + 4, 2), hours < 24,
        minutes < 60
      else { return nil }
      offset = (hours * 3600 + minutes * 60) * (isByte(index, "-") ? -1 : 1)
      index += 6
    } else {
      return nil
    }
    guard index == bytes.count else { return nil }
    let days = Self.daysFromCivil(year: year, month: month, day: day)
    let (nanoseconds, overflow) = (days * 86400 + hour * 3600 + minute * 60 + second - offset)
      .multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, carry) = nanoseconds.addingReportingOverflow(fraction)
    if overflow || carry { return nil }
    self.init(nanoseconds: sum)
  }

  /// Year, month (1 to 12) and day (1 to 31) in UTC.
  public var civil: (year: Int64, month: Int64, day: Int64) { Self.civil(fromDays: days) }

  /// Seconds since midnight UTC.
  public var secondOfDay: Int64 { seconds - days * 86400 }

  private var days: Int64 { (seconds >= 0 ? seconds : seconds - 86399) / 86400 }

  private func text(fractionDigits: Int) -> String {
    let (year, month, day) = civil
    let second = secondOfDay
    return String(unsafeUninitializedCapacity: 32) { out in
      var count = 0
      func put(_ value: Int64, _ width: Int, _ end: UInt8?) {
        var value = value
        for index in stride(from: width - 1, through: 0, by: -1) {
          out[count + index] = UInt8(48 + value % 10)
          value /= 10
        }
        count += width
        if let end {
          out[count] = end
          count += 1
        }
      }
      put(year, 4, 45)
      put(month, 2, 45)
      put(day, 2, 84)
      put(second / 3600, 2, 58)
      put(second / 60 % 60, 2, 58)
      put(second % 60, 2, fractionDigits > 0 ? 46 : 90)
      if fractionDigits > 0 {
        put((nanoseconds &- seconds &* 1_000_000_000) / 1000, fractionDigits, 90)
      }
      return count
    }
  }

  static func daysInMonth(_ month: Int64, year: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days since 1970-01-01 of a date of the proleptic Gregorian calendar.
  public static func daysFromCivil(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468
  }

  private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719468
    let era = (shifted >= 0 ? shifted : shifted - 146096) / 146097
    let dayOfEra = shifted - era * 146097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }
}
