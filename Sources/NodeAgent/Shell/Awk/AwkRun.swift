/// A running program of `awk`, with bounds on its steps and its output.
struct AwkRun {
  /// A text, which counts as a number where it looks like one and came from outside.
  struct Value: Sendable {
    var text: String
    var number: Double
    var isNumber: Bool

    init(_ number: Double) {
      self.number = number
      isNumber = true
      let isWhole = number == number.rounded() && abs(number) < 1e16
      text = isWhole ? String(Int64(number)) : ShellCommands.fixed(number, 6).trimmedZeros
    }

    /// - Parameter isInput: it counts as the number that it looks like.
    init(_ text: String, isInput: Bool = false) {
      self.text = text
      let plain = text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
      let digits = plain.prefix { $0.isNumber || $0 == "." || $0 == "-" || $0 == "+" || $0 == "e" }
      number = Double(digits) ?? Double(plain.prefix { $0.isNumber }) ?? 0
      isNumber =
        isInput && !plain.isEmpty && Double(plain) != nil && plain.count == text.filter { !$0.isWhitespace }.count
    }

    /// Of a variable that nobody has set: no text, and no number either.
    static let unset = {
      var value = Value("")
      value.isNumber = true
      return value
    }()

    var isTrue: Bool { isNumber ? number != 0 : !text.isEmpty }
  }

  enum Course { case on, next, leave, again, exit }

  static let stepLimit = 100_000

  let program: AwkProgram
  var variables: [String: Value]
  var arrays: [String: [String: Value]] = [:]
  var line = ""
  var fields: [String] = []
  var output = ""
  var code = 0
  var steps = 0
  /// `exit` has ended it before its input did.
  private(set) var hasExited = false
  private var isInside: [Int: Bool] = [:]

  init(_ program: AwkProgram, variables: [String: String]) {
    self.program = program
    let usual = ["FS": " ", "OFS": " ", "ORS": "\n", "SUBSEP": "\u{1c}"]
    self.variables = usual.merging(variables) { $1 }.mapValues { Value($0, isInput: true) }
  }

  /// - Returns: what it writes.
  mutating func run(on lines: () -> [String]) -> String {
    var course = Course.on
    for rule in program.rules { if case .begin = rule.moment, course != .exit { course = perform(rule.body) } }
    if program.readsInput, course != .exit {
      for (index, text) in lines().enumerated() where course != .exit && steps < Self.stepLimit {
        take(text, number: index + 1)
        course = apply()
      }
    }
    hasExited = course == .exit && steps < Self.stepLimit && output.utf8.count <= Shell.textLimit
    // `exit` in a rule still runs those of the end.
    for rule in program.rules { if case .end = rule.moment { _ = perform(rule.body) } }
    return output
  }

  private mutating func take(_ text: String, number: Int) {
    line = text
    variables["NR"] = Value(Double(number))
    variables["FNR"] = Value(Double(number))
    split(text)
  }

  mutating func split(_ text: String) {
    fields = pieces(of: text, by: variables["FS"]?.text ?? " ")
    variables["NF"] = Value(Double(fields.count))
  }

  func pieces(of text: String, by separator: String) -> [String] {
    if separator == " " { return text.split(whereSeparator: \.isWhitespace).map(String.init) }
    if text.isEmpty { return [] }
    if separator.count == 1, let character = separator.first {
      return text.split(separator: character, omittingEmptySubsequences: false).map(String.init)
    }
    guard let pattern = RegularExpression(separator, isExtended: true) else { return [text] }
    let characters = Array(text)
    var (pieces, start, position) = ([String](), 0, 0)
    while position < characters.count, let match = pattern.firstMatch(in: characters, from: position) {
      if !match.range.isEmpty {
        pieces.append(String(characters[start..<match.range.lowerBound]))
        start = match.range.upperBound
      }
      position = max(match.range.upperBound, position + 1)
    }
    return pieces + [String(characters[start...])]
  }

  /// All rules on the line at hand.
  private mutating func apply() -> Course {
    for (index, rule) in program.rules.enumerated() {
      var applies = false
      switch rule.moment {
      case .begin, .end: continue
      case .always: applies = true
      case .test(let test): applies = value(test).isTrue
      case .range(let first, let last):
        let wasInside = isInside[index] ?? false
        applies = wasInside || value(first).isTrue
        isInside[index] = applies && !value(last).isTrue
      }
      if !applies { continue }
      guard let body = rule.body else {
        output += line + "\n"
        continue
      }
      let course = perform(body)
      if course != .on { return course }
    }
    return .on
  }

  // MARK: Statements

  mutating func perform(_ statement: AwkProgram.Statement?) -> Course {
    guard let statement else { return .on }
    steps += 1
    if steps > Self.stepLimit || output.utf8.count > Shell.textLimit { return .exit }
    switch statement {
    case .expression(let expression): _ = value(expression)
    case .print(let list):
      let texts = list.isEmpty ? [line] : list.map { value($0).text }
      output += texts.joined(separator: variables["OFS"]?.text ?? " ") + (variables["ORS"]?.text ?? "\n")
    case .printf(let list):
      let texts = list.map { value($0).text }
      output += ShellCommands.formatted(texts[0], Array(texts.dropFirst()), isOnce: true)
    case .branch(let test, let then, let otherwise): return perform(value(test).isTrue ? then : otherwise)
    case .loop(let start, let test, let step, let body):
      _ = perform(start)
      while test.map({ value($0).isTrue }) ?? true {
        let course = perform(body)
        if course == .leave { break }
        if course == .next || course == .exit { return course }
        if perform(step) == .exit { return .exit }
      }
    case .each(let variable, let array, let body):
      for key in (arrays[array] ?? [:]).keys.sorted() {
        variables[variable] = Value(key, isInput: true)
        let course = perform(body)
        if course == .leave { break }
        if course == .next || course == .exit { return course }
      }
    case .block(let list):
      for inner in list {
        let course = perform(inner)
        if course != .on { return course }
      }
    case .delete(let name, let keys):
      if let keys {
        let key = key(keys)
        arrays[name]?[key] = nil
      } else {
        arrays[name] = nil
      }
    case .next: return .next
    case .leave: return .leave
    case .again: return .again
    case .exit(let expression):
      if let expression { code = Int(value(expression).number.rounded().clamped(to: -1e9...1e9)) & 255 }
      return .exit
    }
    return .on
  }
}
