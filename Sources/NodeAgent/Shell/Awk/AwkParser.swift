/// Reads programs of `awk`; nil stands for a mistake, or for what is not simulated.
struct AwkParser {
  typealias Expression = AwkProgram.Expression
  typealias Statement = AwkProgram.Statement

  private static let depthLimit = 60
  private static let assignments: Set<String> = ["=", "+=", "-=", "*=", "/=", "%=", "^="]
  /// From the weakest to the strongest; what stands beside one another is joined between comparing and adding.
  private static let levels: [[String]] = [
    ["||"], ["&&"], ["~", "!~"], ["<", "<=", "==", "!=", ">", ">="], [], ["+", "-"], ["*", "/", "%"],
  ]
  private static let joinLevel = 4

  let tokens: [AwkToken]
  var position = 0
  private var depth = 0
  /// Inside of `print` a `>` would be a file, which is not simulated.
  private var isPrinting = false

  init(_ tokens: [AwkToken]) { self.tokens = tokens }

  var next: AwkToken? { position < tokens.count ? tokens[position] : nil }

  mutating func take(_ sign: String) -> Bool {
    guard next == .sign(sign) || next == .name(sign) else { return false }
    position += 1
    return true
  }

  mutating func skipLines() { while next == .line || next == .sign(";") { position += 1 } }

  private mutating func takeName() -> String? {
    guard case .name(let name)? = next else { return nil }
    position += 1
    return name
  }

  /// One level deeper; nil when that is too deep.
  mutating func deeper<Value>(_ work: (inout AwkParser) -> Value?) -> Value? {
    depth += 1
    defer { depth -= 1 }
    return depth > Self.depthLimit ? nil : work(&self)
  }

  // MARK: Expressions

  mutating func expression() -> Expression? {
    deeper { parser in
      guard let condition = parser.binary(0) else { return nil }
      if case .sign(let sign)? = parser.next, Self.assignments.contains(sign), parser.isPlace(condition) {
        parser.position += 1
        return parser.expression().map { .assign(condition, operation: sign, $0) }
      }
      guard parser.take("?") else { return condition }
      guard let yes = parser.expression(), parser.take(":"), let no = parser.expression() else { return nil }
      return .choice(condition, yes, no)
    }
  }

  private func isPlace(_ expression: Expression) -> Bool {
    switch expression {
    case .variable, .element, .field: true
    default: false
    }
  }

  private mutating func binary(_ level: Int) -> Expression? {
    guard level < Self.levels.count else { return unary() }
    guard var left = binary(level + 1) else { return nil }
    while let token = next {
      if level == Self.joinLevel {
        guard startsValue(token), let right = binary(level + 1) else { return left }
        left = .binary(" ", left, right)
      } else if level == 2, token == .name("in") {
        position += 1
        guard let array = takeName() else { return nil }
        left = .contains(array, left)
      } else if case .sign(let sign) = token, Self.levels[level].contains(sign), !(isPrinting && sign == ">") {
        position += 1
        guard let right = binary(level + 1) else { return nil }
        left = .binary(sign, left, right)
      } else {
        return left
      }
    }
    return left
  }

  private func startsValue(_ token: AwkToken) -> Bool {
    switch token {
    case .number, .text: true
    case .name(let name): name != "in"
    case .sign(let sign): sign == "$" || sign == "("
    case .pattern, .line: false
    }
  }

  private mutating func unary() -> Expression? {
    deeper { parser in
      for sign in ["!", "-", "+"] where parser.take(sign) { return parser.unary().map { .unary(sign, $0) } }
      for sign in ["++", "--"] where parser.take(sign) {
        return parser.value().map { .step($0, by: sign == "++" ? 1 : -1, isBefore: true) }
      }
      guard let base = parser.value() else { return nil }
      if parser.take("++") { return .step(base, by: 1, isBefore: false) }
      if parser.take("--") { return .step(base, by: -1, isBefore: false) }
      return parser.take("^") ? parser.unary().map { .binary("^", base, $0) } : base
    }
  }

  private mutating func value() -> Expression? {
    guard let token = next else { return nil }
    position += 1
    switch token {
    case .number(let number): return .number(number)
    case .text(let text): return .text(text)
    case .pattern(let pattern): return .pattern(pattern)
    case .sign("$"): return deeper { $0.take("++") ? nil : $0.value() }.map { .field($0) }
    case .sign("("):
      let wasPrinting = isPrinting
      isPrinting = false
      defer { isPrinting = wasPrinting }
      guard let inner = expression(), take(")") else { return nil }
      return inner
    case .name(let name):
      if take("[") { return list(until: "]").map { .element(name, $0) } }
      if take("(") { return list(until: ")").map { .call(name, $0) } }
      return name == "length" ? .call(name, []) : .variable(name)
    case .sign, .line: return nil
    }
  }

  mutating func list(until end: String) -> [Expression]? {
    var list: [Expression] = []
    if take(end) { return [] }
    repeat {
      guard let expression = expression() else { return nil }
      list.append(expression)
    } while take(",")
    return take(end) ? list : nil
  }

  // MARK: print

  /// `print a, b` and `printf("%s\n", a)`, up to the end of the statement.
  mutating func printed() -> [Expression]? {
    isPrinting = true
    defer { isPrinting = false }
    var list: [Expression] = []
    if isAtEnd { return [] }
    let start = position
    if take("("), let inner = self.list(until: ")"), isAtEnd { return inner }
    position = start
    repeat {
      guard let expression = expression() else { return nil }
      list.append(expression)
    } while take(",")
    return isAtEnd ? list : nil
  }

  private var isAtEnd: Bool { next == nil || next == .line || next == .sign(";") || next == .sign("}") }
}
