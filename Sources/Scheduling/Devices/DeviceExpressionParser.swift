/// Reads an expression by recursive descent, one function a level of precedence.
struct DeviceExpressionParser {
  private enum Token: Equatable {
    case name(String)
    case string(String)
    case int(Int64)
    case symbol(String)
    case end
  }

  /// Deeper expressions are refused rather than overflow the stack.
  private static let depthLimit = 32
  /// Nor may there be more operators than this: chains are evaluated by recursion, too.
  private static let operatorLimit = 100
  private static let symbols = ["&&", "||", "==", "!=", "<=", ">="] + "()[].,!<>?:+-".map(String.init)

  private var tokens: [Token] = []
  private var position = 0
  private var depth = 0
  private var operators = 0

  init(_ text: String) throws(ExpressionError) { tokens = try Self.tokens(text) }

  mutating func parse() throws(ExpressionError) -> DeviceExpression.Node {
    let node = try choice()
    guard current == .end else { throw unexpected() }
    return node
  }

  // MARK: Words

  private static func tokens(_ text: String) throws(ExpressionError) -> [Token] {
    var tokens: [Token] = []
    var rest = Substring(text)
    while let first = rest.first {
      if first.isWhitespace {
        rest = rest.dropFirst()
      } else if first.isLetter || first == "_" {
        let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        tokens.append(.name(String(word)))
        rest = rest.dropFirst(word.count)
      } else if first.isNumber {
        let digits = rest.prefix { $0.isNumber }
        guard let value = Int64(digits) else { throw ExpressionError("\(digits) is not a number that fits") }
        tokens.append(.int(value))
        rest = rest.dropFirst(digits.count)
      } else if first == "\"" || first == "'" {
        tokens.append(.string(try string(&rest, quote: first)))
      } else if let symbol = symbols.first(where: { rest.hasPrefix($0) }) {
        tokens.append(.symbol(symbol))
        rest = rest.dropFirst(symbol.count)
      } else {
        throw ExpressionError("\"\(first)\" is not supported")
      }
    }
    return tokens + [.end]
  }

  private static func string(_ rest: inout Substring, quote: Character) throws(ExpressionError) -> String {
    rest = rest.dropFirst()
    var result = ""
    while let next = rest.first {
      rest = rest.dropFirst()
      if next == quote { return result }
      if next == "\\" {
        guard let escaped = rest.first, "\\\"'".contains(escaped) else {
          throw ExpressionError("an escape in a string is not supported")
        }
        result.append(escaped)
        rest = rest.dropFirst()
      } else {
        result.append(next)
      }
    }
    throw ExpressionError("a string does not end")
  }

  private var current: Token { tokens[min(position, tokens.count - 1)] }

  /// Counts an operator in.
  private mutating func grow(_ node: DeviceExpression.Node) throws(ExpressionError) -> DeviceExpression.Node {
    operators += 1
    guard operators <= Self.operatorLimit else { throw ExpressionError("the expression has too many parts") }
    return node
  }

  private mutating func accept(_ symbol: String) -> Bool {
    guard current == .symbol(symbol) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ symbol: String) throws(ExpressionError) {
    guard accept(symbol) else { throw unexpected() }
  }

  private func unexpected() -> ExpressionError {
    switch current {
    case .name(let text), .symbol(let text): ExpressionError("\"\(text)\" is not understood here")
    case .string(let text): ExpressionError("the string \"\(text)\" is not understood here")
    case .int(let value): ExpressionError("\(value) is not understood here")
    case .end: ExpressionError("the expression ends too early")
    }
  }

  // MARK: Levels

  private mutating func choice() throws(ExpressionError) -> DeviceExpression.Node {
    depth += 1
    defer { depth -= 1 }
    guard depth < Self.depthLimit else { throw ExpressionError("the expression is nested too deeply") }
    let condition = try either()
    guard accept("?") else { return condition }
    let first = try choice()
    try expect(":")
    return .choice(condition, first, try choice())
  }

  private mutating func either() throws(ExpressionError) -> DeviceExpression.Node {
    var node = try both()
    while accept("||") { node = try grow(.either(node, try both())) }
    return node
  }

  private mutating func both() throws(ExpressionError) -> DeviceExpression.Node {
    var node = try comparison()
    while accept("&&") { node = try grow(.both(node, try comparison())) }
    return node
  }

  private mutating func comparison() throws(ExpressionError) -> DeviceExpression.Node {
    var node = try sum()
    while true {
      if current == .name("in") {
        position += 1
        node = try grow(.comparison("in", node, try sum()))
      } else if case .symbol(let symbol) = current, ["==", "!=", "<", "<=", ">", ">="].contains(symbol) {
        position += 1
        node = try grow(.comparison(symbol, node, try sum()))
      } else {
        return node
      }
    }
  }

  private mutating func sum() throws(ExpressionError) -> DeviceExpression.Node {
    var node = try unary()
    while true {
      if accept("+") {
        node = try grow(.sum(node, try unary(), sign: 1))
      } else if accept("-") {
        node = try grow(.sum(node, try unary(), sign: -1))
      } else {
        return node
      }
    }
  }

  private mutating func unary() throws(ExpressionError) -> DeviceExpression.Node {
    depth += 1
    defer { depth -= 1 }
    guard depth < Self.depthLimit else { throw ExpressionError("the expression is nested too deeply") }
    if accept("!") { return .not(try unary()) }
    if accept("-") { return .sum(.literal(.int(0)), try unary(), sign: -1) }
    return try postfix(try primary())
  }

  private mutating func primary() throws(ExpressionError) -> DeviceExpression.Node {
    let token = current
    position += 1
    switch token {
    case .string(let text): return .literal(.string(text))
    case .int(let value): return .literal(.int(value))
    case .name("true"): return .literal(.bool(true))
    case .name("false"): return .literal(.bool(false))
    case .name("device"): return .device
    case .name(let name) where ["has", "quantity", "semver", "size", "string", "isQuantity", "isSemver"].contains(name):
      try expect("(")
      return .call(name, isMethod: false, try arguments(")"))
    case .symbol("("):
      let node = try choice()
      try expect(")")
      return node
    case .symbol("["): return .list(try arguments("]"))
    default:
      position -= 1
      throw unexpected()
    }
  }

  private mutating func postfix(_ start: DeviceExpression.Node) throws(ExpressionError) -> DeviceExpression.Node {
    var node = start
    while true {
      if accept(".") {
        guard case .name(let name) = current else { throw unexpected() }
        position += 1
        if accept("(") {
          guard DeviceExpression.methods.contains(name) else { throw ExpressionError("\(name)() is not supported") }
          node = try grow(.call(name, isMethod: true, [node] + (try arguments(")"))))
        } else {
          node = try grow(.member(node, name))
        }
      } else if accept("[") {
        node = try grow(.index(node, try choice()))
        try expect("]")
      } else {
        return node
      }
    }
  }

  private mutating func arguments(_ end: String) throws(ExpressionError) -> [DeviceExpression.Node] {
    var nodes: [DeviceExpression.Node] = []
    if accept(end) { return nodes }
    repeat { nodes.append(try choice()) } while accept(",")
    try expect(end)
    return nodes
  }
}
