/// `$((i + 1))`: whole numbers, the usual operators, variables and assignments to them.
struct Arithmetic {
  private(set) var variables: [String: String]
  private var tokens: [String]
  private var position = 0
  private var depth = 0
  private static let depthLimit = 50

  private static let signs = [
    "&&", "||", "==", "!=", "<=", ">=", "++", "--", "+=", "-=", "*=", "**", "<<", ">>", "+", "-", "*", "/", "%", "<",
    ">", "=", "!", "(",
    ")", "?", ":", "&", "|", "^",
  ]
  private static let levels: [[String]] = [
    ["||"], ["&&"], ["|"], ["^"], ["&"], ["==", "!="], ["<", "<=", ">", ">="], ["<<", ">>"], ["+", "-"],
    ["*", "/", "%"],
  ]

  init(_ text: String, variables: [String: String]) {
    self.variables = variables
    var rest = text[...]
    tokens = []
    while let first = rest.first {
      if first.isWhitespace || first == "$" {
        rest.removeFirst()
      } else if ShellParser.isNamePart(first) {
        let word = rest.prefix(while: ShellParser.isNamePart)
        tokens.append(String(word))
        rest = rest.dropFirst(word.count)
      } else {
        let sign = Self.signs.first { rest.hasPrefix($0) } ?? String(first)
        tokens.append(sign)
        rest = rest.dropFirst(sign.count)
      }
    }
  }

  /// nil when it cannot be computed.
  mutating func value() -> Int? {
    if tokens.isEmpty { return 0 }
    guard let result = expression() else { return nil }
    return position == tokens.count ? result : nil
  }

  private var next: String? { position < tokens.count ? tokens[position] : nil }

  private mutating func take(_ token: String) -> Bool {
    if next == token {
      position += 1
      return true
    }
    return false
  }

  private mutating func expression() -> Int? {
    depth += 1
    defer { depth -= 1 }
    if depth > Self.depthLimit { return nil }
    if let name = next, let first = name.first, first.isLetter || first == "_", position + 1 < tokens.count,
      ["=", "+=", "-=", "*="].contains(tokens[position + 1])
    {
      let sign = tokens[position + 1]
      position += 2
      guard let right = expression() else { return nil }
      let left = Int(variables[name] ?? "") ?? 0
      guard let result = sign == "=" ? right : Self.apply(String(sign.prefix(1)), left, right) else { return nil }
      variables[name] = String(result)
      return result
    }
    guard let condition = binary(0) else { return nil }
    guard take("?") else { return condition }
    guard let yes = expression(), take(":"), let no = expression() else { return nil }
    return condition != 0 ? yes : no
  }

  private mutating func binary(_ level: Int) -> Int? {
    guard level < Self.levels.count else { return power() }
    guard var left = binary(level + 1) else { return nil }
    while let sign = next, Self.levels[level].contains(sign) {
      position += 1
      guard let right = binary(level + 1), let result = Self.apply(sign, left, right) else { return nil }
      left = result
    }
    return left
  }

  private mutating func power() -> Int? {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthLimit, let base = unary() else { return nil }
    guard take("**") else { return base }
    guard let exponent = power(), exponent >= 0 else { return nil }
    if exponent > 63 { return abs(base) <= 1 ? (exponent % 2 == 0 ? base * base : base) : nil }
    return (0..<exponent).reduce(1) { result, _ in result.flatMap { Self.apply("*", $0, base) } }
  }

  private mutating func unary() -> Int? {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthLimit, let token = next else { return nil }
    position += 1
    switch token {
    case "-": return unary().flatMap { Self.apply("-", 0, $0) }
    case "+": return unary()
    case "!": return unary().map { $0 == 0 ? 1 : 0 }
    case "++", "--":
      guard let name = next else { return nil }
      position += 1
      return step(name, by: token == "++" ? 1 : -1)?.after
    case "(":
      guard let inner = expression(), take(")") else { return nil }
      return inner
    default: break
    }
    if let number = Int(token) { return number }
    guard token.first.map({ $0.isLetter || $0 == "_" }) == true else { return nil }
    if take("++") { return step(token, by: 1)?.before }
    if take("--") { return step(token, by: -1)?.before }
    return Int(variables[token] ?? "") ?? 0
  }

  private mutating func step(_ name: String, by amount: Int) -> (before: Int, after: Int)? {
    let before = Int(variables[name] ?? "") ?? 0
    guard let after = Self.apply("+", before, amount) else { return nil }
    variables[name] = String(after)
    return (before, after)
  }

  /// nil for a division by zero and for what does not fit.
  private static func apply(_ sign: String, _ left: Int, _ right: Int) -> Int? {
    func checked(_ result: (partialValue: Int, overflow: Bool)) -> Int? { result.overflow ? nil : result.partialValue }
    switch sign {
    case "+": return checked(left.addingReportingOverflow(right))
    case "-": return checked(left.subtractingReportingOverflow(right))
    case "*": return checked(left.multipliedReportingOverflow(by: right))
    case "/": return right == 0 ? nil : checked(left.dividedReportingOverflow(by: right))
    case "%": return right == 0 ? nil : checked(left.remainderReportingOverflow(dividingBy: right))
    case "==": return left == right ? 1 : 0
    case "!=": return left != right ? 1 : 0
    case "<": return left < right ? 1 : 0
    case "<=": return left <= right ? 1 : 0
    case ">": return left > right ? 1 : 0
    case ">=": return left >= right ? 1 : 0
    case "&&": return left != 0 && right != 0 ? 1 : 0
    case "&": return left & right
    case "|": return left | right
    case "^": return left ^ right
    case "<<": return (0..<64).contains(right) ? left << right : nil
    case ">>": return (0..<64).contains(right) ? left >> right : nil
    case "||": return left != 0 || right != 0 ? 1 : 0
    default: return nil
    }
  }
}
