import Values

/// One-liners of interpreters: `python -c "print('hi')"`. Statements that print texts, wait and end are followed; others
/// are left out, and the program says so.
extension ShellCommands {
  static let scripts: [String: SimulatedCommand] = [
    "python": script("python"), "python2": script("python2"), "python3": script("python3"), "perl": script("perl"),
    "node": script("node"), "ruby": script("ruby"), "php": script("php"),
  ]

  static func isInterpreter(_ program: String) -> Bool { scripts[program] != nil }

  /// The text of `-c`, `-e`, `-r`, `--eval`, or of a bundle of letters like `-wle`; nil when a file is to be run.
  static func oneLiner(_ arguments: [String]) -> String? {
    let isText = { (option: String) in
      option == "--eval"
        || option.hasPrefix("-") && !option.hasPrefix("--") && !option.contains("=")
          && option.last.map("cerEp".contains) == true
    }
    guard let index = arguments.firstIndex(where: isText) else { return nil }
    return arguments[safelyAt: index + 1]
  }

  private static func script(_ program: String) -> SimulatedCommand {
    { shell, arguments, world in
      guard let statements = oneLiner(arguments).flatMap({ OneLiner($0).statements }) else {
        return shell.stranger(program, &world)
      }
      for statement in statements {
        switch statement {
        case .print(let line): shell.print(line, &world)
        case .sleep(let time): shell.pending.append(.wait(time))
        case .exit(let code): return code
        }
      }
      return 0
    }
  }
}

/// A program of an interpreter whose statements are all of a few plain forms.
struct OneLiner {
  enum Statement: Equatable {
    case print(String)
    case sleep(Duration)
    case exit(Int)
  }

  /// nil when one of them is of another form.
  let statements: [Statement]?

  private static let printers = ["console.log", "print", "puts", "say", "echo"]
  private static let sleepers = ["time.sleep", "sleep"]
  private static let enders = ["sys.exit", "process.exit", "SystemExit", "exit", "quit", "die"]
  private static let digitLimit = 5000

  init(_ text: String) {
    var statements: [Statement]? = []
    for part in Self.parts(text) where statements != nil {
      guard let found = Self.statement(part) else {
        statements = nil
        break
      }
      statements? += found
    }
    self.statements = statements
  }

  /// Cut at `;` and line ends outside of quotes.
  private static func parts(_ text: String) -> [String] {
    var parts = [""]
    var quote: Character?
    for character in text.prefix(4096) {
      if quote == nil, character == ";" || character == "\n" {
        parts.append("")
        continue
      }
      if character == quote { quote = nil } else if quote == nil, "'\"`".contains(character) { quote = character }
      parts[parts.count - 1].append(character)
    }
    return parts.map(trimmed).filter { !$0.isEmpty }
  }

  private static func trimmed(_ text: String) -> String {
    String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }

  private static func statement(_ text: String) -> [Statement]? {
    if ["import ", "from ", "use ", "require "].contains(where: text.hasPrefix) { return [] }
    let text = text.hasPrefix("raise ") ? trimmed(String(text.dropFirst(6))) : text
    if let value = argument(of: printers, in: text) {
      if let digits = pi(value) { return [.print(digits)] }
      return literal(value).map { [.print($0)] }
    }
    if let value = argument(of: sleepers, in: text) {
      guard let seconds = Double(value), (0...1e9).contains(seconds) else { return nil }
      return [.sleep(.seconds(seconds))]
    }
    if let value = argument(of: enders, in: text) {
      if value.isEmpty { return [.exit(0)] }
      return Int(value).map { [.exit($0 & 255)] }
    }
    return nil
  }

  /// `"hi"` of `print("hi")` and of `print "hi"`.
  private static func argument(of names: [String], in text: String) -> String? {
    guard let name = names.first(where: text.hasPrefix) else { return nil }
    let rest = trimmed(String(text.dropFirst(name.count)))
    if rest.hasPrefix("("), rest.hasSuffix(")") { return trimmed(String(rest.dropFirst().dropLast())) }
    return text.dropFirst(name.count).first.map { $0 == " " || "\"'".contains($0) } ?? true ? rest : nil
  }

  /// A text in quotes, or a number.
  private static func literal(_ text: String) -> String? {
    if text.isEmpty || Double(text) != nil { return text }
    guard let quote = text.first, "'\"`".contains(quote), text.count >= 2, text.last == quote else { return nil }
    let inner = text.dropFirst().dropLast()
    if inner.contains(quote) || inner.contains("${") || inner.contains("#{") { return nil }
    let plain = ShellCommands.unescaped(String(inner))
    return plain.hasSuffix("\n") ? String(plain.dropLast()) : plain
  }

  /// `bpi(2000)`, what the Job of every tutorial computes: the first digits of pi, by the spigot of Rabinowitz and Wagon.
  private static func pi(_ text: String) -> String? {
    guard text.hasPrefix("bpi("), let count = Int(text.dropFirst(4).prefix { $0.isNumber }),
      (1...digitLimit).contains(count)
    else { return nil }
    var state = [Int](repeating: 2, count: count * 10 / 3 + 10)
    var digits: [Int] = []
    while digits.count < count + 5 {
      var carry = 0
      for index in state.indices.reversed() {
        let value = state[index] * 10 + carry * (index + 1)
        state[index] = index == 0 ? value % 10 : value % (2 * index + 1)
        carry = index == 0 ? value / 10 : value / (2 * index + 1)
      }
      digits.append(carry)
    }
    // A place that overflows carries into those before it.
    for index in digits.indices.reversed() where digits[index] > 9 && index > 0 {
      digits[index] -= 10
      digits[index - 1] += 1
    }
    let text = digits.prefix(count).map(String.init).joined()
    return count == 1 ? text : "3." + text.dropFirst()
  }
}
