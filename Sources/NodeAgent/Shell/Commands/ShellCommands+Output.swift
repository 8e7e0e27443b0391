import Values

/// What writes texts that come from nowhere else.
extension ShellCommands {
  static let output: [String: SimulatedCommand] = [
    "echo": { shell, arguments, world in
      var rest = arguments[...]
      var options: Set<Character> = []
      while let first = rest.first, first.count > 1, first.hasPrefix("-"),
        first.dropFirst().allSatisfy({ "neE".contains($0) })
      {
        options.formUnion(first.dropFirst())
        rest = rest.dropFirst()
      }
      let text = rest.joined(separator: " ")
      let shown = options.contains("e") ? unescaped(text) : text
      shell.write(options.contains("n") ? shown : shown + "\n", to: shell.streams.out, &world)
      return 0
    },
    "printf": { shell, arguments, world in
      guard let format = arguments.first else { return shell.fail("printf: usage: printf FORMAT [ARG]...", &world) }
      shell.write(formatted(format, Array(arguments.dropFirst())), to: shell.streams.out, &world)
      return 0
    },
    "seq": { shell, arguments, world in
      let numbers = arguments.filter { !$0.hasPrefix("-s") }.compactMap { Int($0) }
      let first = numbers.count > 1 ? numbers[0] : 1
      let step = numbers.count > 2 ? numbers[1] : 1
      guard let last = numbers.last, step != 0 else { return shell.fail("seq: missing operand", &world) }
      for number in stride(from: first, through: last, by: step).prefix(10_000) {
        shell.write("\(number)\n", to: shell.streams.out, &world)
      }
      return 0
    },
    "yes": { shell, arguments, _ in
      let text = arguments.isEmpty ? "y" : arguments.joined(separator: " ")
      let echo = SimpleCommand(words: ["echo", text].map { ShellWord(parts: [.text($0, isQuoted: true)]) })
      shell.frames.append(
        .loopTest(ShellLoop(condition: .sequence([]), body: .simple(echo), isUntil: false)))
      return 0
    },
    "date": { shell, arguments, world in
      let text = Calendar(world.now).text(arguments)
      shell.print(text, &world)
      return 0
    },
  ]

  /// `\n`, `\t`, `\\`, `\0`
  static func unescaped(_ text: String) -> String {
    var result = ""
    var isEscape = false
    for character in text {
      if isEscape {
        let meant: [Character: String] = ["n": "\n", "t": "\t", "\\": "\\", "r": "\r", "a": "", "e": "\u{1b}", "0": ""]
        result += meant[character] ?? "\\\(character)"
        isEscape = false
      } else if character == "\\" {
        isEscape = true
      } else {
        result.append(character)
      }
    }
    return isEscape ? result + "\\" : result
  }

  /// `printf`: the format again and again, until the arguments are used up.
  static func formatted(_ format: String, _ arguments: [String]) -> String {
    var rest = arguments[...]
    var result = ""
    repeat {
      let before = rest.count
      result += once(unescaped(format), &rest)
      if rest.count == before { break }
    } while !rest.isEmpty && result.utf8.count < Shell.textLimit
    return result
  }

  private static func once(_ format: String, _ arguments: inout ArraySlice<String>) -> String {
    var result = ""
    var directive: String?
    for character in format {
      guard let open = directive else {
        if character == "%" { directive = "" } else { result.append(character) }
        continue
      }
      if character == "%", open.isEmpty {
        result.append("%")
      } else if character.isLetter {
        result += padded(character, arguments.popFirst() ?? "", open)
      } else {
        directive = open + String(character)
        continue
      }
      directive = nil
    }
    return result
  }

  /// One value: `%5s`, `%-5s`, `%03d`, `%b`.
  private static func padded(_ kind: Character, _ value: String, _ flags: String) -> String {
    var text = kind == "b" ? unescaped(value) : value
    if kind == "d" || kind == "i" { text = String(Int(value) ?? 0) }
    if kind == "x" { text = String(Int(value) ?? 0, radix: 16) }
    if kind == "c" { text = String(value.prefix(1)) }
    let parts = flags.split(separator: ".", omittingEmptySubsequences: false)
    let isLeft = flags.hasPrefix("-")
    let digits = parts.first.map { $0.drop { $0 == "-" } } ?? ""
    let width = min(Int(digits) ?? 0, 1000)
    if kind == "s", parts.count > 1, let most = Int(parts[1]) { text = String(text.prefix(max(0, most))) }
    let fill = String(repeating: digits.hasPrefix("0") && kind != "s" ? "0" : " ", count: max(0, width - text.count))
    return isLeft ? text + fill : fill + text
  }
}

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

extension Array {
  /// The element at a place; nil beyond the ends.
  subscript(safelyAt index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
