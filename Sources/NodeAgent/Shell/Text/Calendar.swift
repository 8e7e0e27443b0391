import Values

/// A moment in the words of `date`, in UTC.
struct Calendar {
  private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  private let instant: Instant
  private let year: String
  private let month: String
  private let day: String
  private let time: String
  private let weekday: Int

  init(_ instant: Instant) {
    self.instant = instant
    let text = instant.rfc3339
    let parts = text.split(separator: "T").map(String.init)
    let date = (parts.first ?? "").split(separator: "-").map(String.init)
    (year, month, day) = date.count == 3 ? (date[0], date[1], date[2]) : ("1970", "01", "01")
    time = String((parts.last ?? "").prefix(8))
    let days = instant.seconds >= 0 ? instant.seconds / 86400 : 0
    weekday = Int((days + 4) % 7)
  }

  /// What `date` prints, given its arguments.
  func text(_ arguments: [String]) -> String {
    if let format = arguments.first(where: { $0.hasPrefix("+") }) { return formatted(String(format.dropFirst())) }
    if arguments.contains(where: { $0.hasPrefix("-I") }) { return formatted("%Y-%m-%dT%H:%M:%S+00:00") }
    if arguments.contains("-R") { return formatted("%a, %d %b %Y %H:%M:%S +0000") }
    return formatted("%a %b %e %H:%M:%S UTC %Y")
  }

  private func formatted(_ format: String) -> String {
    var result = ""
    var isDirective = false
    for character in format {
      if isDirective {
        result += value(character)
        isDirective = false
      } else if character == "%" {
        isDirective = true
      } else {
        result.append(character)
      }
    }
    return result
  }

  private func value(_ directive: Character) -> String {
    let clock = time.split(separator: ":").map(String.init)
    let monthName = Int(month).flatMap { Self.months[safelyAt: $0 - 1] } ?? ""
    switch directive {
    case "Y": return year
    case "y": return String(year.suffix(2))
    case "m": return month
    case "d": return day
    case "e": return day.hasPrefix("0") ? " " + day.dropFirst() : day
    case "H": return clock.first ?? "00"
    case "M": return clock[safelyAt: 1] ?? "00"
    case "S": return clock[safelyAt: 2] ?? "00"
    case "T": return time
    case "F": return "\(year)-\(month)-\(day)"
    case "s": return String(instant.seconds)
    case "N": return String(String(instant.nanoseconds % 1_000_000_000 + 1_000_000_000).dropFirst())
    case "a": return Self.days[weekday]
    case "b", "h": return monthName
    case "Z": return "UTC"
    case "z": return "+0000"
    case "n": return "\n"
    case "%": return "%"
    default: return "%\(directive)"
    }
  }
}
