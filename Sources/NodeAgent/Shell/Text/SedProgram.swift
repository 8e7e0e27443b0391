/// A program of `sed`, parsed.
struct SedProgram {
  enum Address {
    case line(Int)
    case last
    case pattern(RegularExpression)
  }

  enum Action {
    case substitute(RegularExpression, with: String, isGlobal: Bool, nth: Int, prints: Bool)
    case translate([Character: Character])
    case delete, print, quit, number
    case append(String)
    case insert(String)
    case change(String)
  }

  struct Command {
    var first: Address?
    var last: Address?
    var isNegated = false
    var action: Action
  }

  private static let commandLimit = 200

  private(set) var commands: [Command] = []
  let isSilent: Bool
  private let isExtended: Bool
  private var rest: Substring

  /// nil for what is no such program, or not simulated.
  init?(_ text: String, isExtended: Bool, isSilent: Bool) {
    (self.isSilent, self.isExtended) = (isSilent, isExtended)
    rest = text.prefix(1 << 14)
    while true {
      rest = rest.drop { $0.isWhitespace || $0 == ";" }
      if rest.isEmpty { break }
      guard commands.count < Self.commandLimit, let command = command() else { return nil }
      commands.append(command)
    }
  }

  // MARK: Reading

  private mutating func command() -> Command? {
    let first = address()
    var last: Address?
    if first != nil, rest.first == "," {
      rest.removeFirst()
      last = address()
      if last == nil { return nil }
    }
    rest = rest.drop { $0 == " " }
    let isNegated = rest.first == "!"
    if isNegated { rest = rest.dropFirst().drop { $0 == " " } }
    guard let action = action() else { return nil }
    return Command(first: first, last: last, isNegated: isNegated, action: action)
  }

  private mutating func address() -> Address? {
    guard let first = rest.first else { return nil }
    if first.isNumber {
      let digits = rest.prefix { $0.isNumber }
      rest = rest.dropFirst(digits.count)
      return Int(digits).map { .line($0) }
    }
    if first == "$" {
      rest.removeFirst()
      return .last
    }
    guard first == "/" else { return nil }
    rest.removeFirst()
    return delimited(by: "/").flatMap { RegularExpression($0, isExtended: isExtended) }.map { .pattern($0) }
  }

  /// The text up to the next delimiter, which is taken as well.
  private mutating func delimited(by end: Character) -> String? {
    var text = ""
    while let character = rest.popFirst() {
      if character == end { return text }
      if character == "\\", let next = rest.first {
        rest.removeFirst()
        text += next == end ? String(next) : "\\\(next)"
      } else {
        text.append(character)
      }
    }
    return nil
  }

  private mutating func action() -> Action? {
    switch rest.popFirst() {
    case "s": return substitution()
    case "y":
      guard let end = rest.popFirst(), let from = delimited(by: end), let to = delimited(by: end),
        from.count == to.count
      else { return nil }
      return .translate(Dictionary(zip(from, to)) { first, _ in first })
    case "d": return .delete
    case "p": return .print
    case "q": return .quit
    case "=": return .number
    case "a": return .append(line())
    case "i": return .insert(line())
    case "c": return .change(line())
    default: return nil
    }
  }

  /// The text of `a`, `i` and `c`: the rest of the line.
  private mutating func line() -> String {
    rest = rest.drop { $0 == " " || $0 == "\\" || $0 == "\n" }
    let text = rest.prefix { $0 != "\n" }
    rest = rest.dropFirst(text.count)
    return ShellCommands.unescaped(String(text))
  }

  private mutating func substitution() -> Action? {
    guard let end = rest.popFirst(), let pattern = delimited(by: end), let text = delimited(by: end) else { return nil }
    var (isGlobal, ignoresCase, prints, nth) = (false, false, false, 1)
    while let flag = rest.first, flag != ";", flag != "\n", flag != " ", flag != "}" {
      rest.removeFirst()
      switch flag {
      case "g": isGlobal = true
      case "i", "I": ignoresCase = true
      case "p": prints = true
      case let digit where digit.isNumber: nth = max(1, digit.wholeNumberValue ?? 1)
      default: return nil
      }
    }
    return RegularExpression(pattern, isExtended: isExtended, ignoresCase: ignoresCase).map {
      .substitute($0, with: text, isGlobal: isGlobal, nth: nth, prints: prints)
    }
  }
}
