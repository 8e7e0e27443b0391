import JSONCore
import Objects

/// Makes an expression out of tokens (the grammar of the Common Expression Language), macros included.
struct Parser {
  private let tokens: [Token]
  private var index = 0
  private var depth = 0

  /// How deep expressions may be nested, and how long a chain of operators or members may be: whoever walks over the tree
  /// goes as deep.
  private static let maximumDepth = 200
  /// In code points.
  private static let maximumLength = 100_000

  static func parse(_ text: String) throws(CompileError) -> Expression {
    guard text.unicodeScalars.count <= maximumLength else {
      throw CompileError(position: 0, message: "expression code point size exceeds limit: \(maximumLength)")
    }
    var parser = Parser(tokens: try Lexer.tokens(text))
    let result = try parser.expression()
    guard parser.current == .end else { throw parser.unexpected() }
    return result
  }

  private init(tokens: [Token]) { self.tokens = tokens }

  private var current: Token.Kind { tokens[index].kind }
  private var position: Int { tokens[index].position }

  private mutating func accept(_ symbol: String) -> Bool {
    guard current == .symbol(symbol) else { return false }
    index += 1
    return true
  }

  private mutating func expect(_ symbol: String) throws(CompileError) {
    if !accept(symbol) { throw unexpected() }
  }

  private func unexpected() -> CompileError {
    let found: String =
      switch current {
      case .end: "<EOF>"
      case .name(let name), .quotedName(let name): name
      case .symbol(let symbol): symbol
      case .int(let value): String(value)
      case .uint(let value): "\(value)u"
      case .double(let value): String(value)
      case .string(let text): "'\(text)'"
      case .bytes: "bytes"
      }
    return CompileError(position: position, message: "Syntax error: mismatched input '\(found)'")
  }

  // MARK: - operators, the weakest first

  private mutating func expression() throws(CompileError) -> Expression {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.maximumDepth else {
      throw CompileError(position: position, message: "expression recursion limit exceeded: \(Self.maximumDepth)")
    }
    let condition = try or()
    let place = position
    guard accept("?") else { return condition }
    let yes = try or()
    try expect(":")
    let no = try expression()
    return Expression(form: .choice(condition, yes, no), position: place)
  }

  /// Counts the links of a chain, which nest as deep as they are many.
  private mutating func link(_ count: inout Int) throws(CompileError) {
    count += 1
    depth += 1
    guard depth <= Self.maximumDepth else {
      throw CompileError(position: position, message: "expression recursion limit exceeded: \(Self.maximumDepth)")
    }
  }

  private mutating func or() throws(CompileError) -> Expression {
    var left = try and()
    var links = 0
    defer { depth -= links }
    while true {
      let place = position
      guard accept("||") else { return left }
      try link(&links)
      left = Expression(form: .or(left, try and()), position: place)
    }
  }

  private mutating func and() throws(CompileError) -> Expression {
    var left = try binary(0)
    var links = 0
    defer { depth -= links }
    while true {
      let place = position
      guard accept("&&") else { return left }
      try link(&links)
      left = Expression(form: .and(left, try binary(0)), position: place)
    }
  }

  private static let levels: [[String: String]] = [
    [
      "==": "_==_", "!=": "_!=_", "<": "_<_", "<=": "_<=_", ">": "_>_", ">=": "_>=_", "in": "@in",
    ],
    ["+": "_+_", "-": "_-_"],
    ["*": "_*_", "/": "_/_", "%": "_%_"],
  ]

  private mutating func binary(_ level: Int) throws(CompileError) -> Expression {
    guard level < Self.levels.count else { return try unary() }
    var left = try binary(level + 1)
    var links = 0
    defer { depth -= links }
    while true {
      let place = position
      let word: String
      switch current {
      case .symbol(let symbol): word = symbol
      case .name("in"): word = "in"
      default: return left
      }
      guard let function = Self.levels[level][word] else { return left }
      index += 1
      try link(&links)
      left = Expression(form: .call(function, [left, try binary(level + 1)]), position: place)
    }
  }

  private mutating func unary() throws(CompileError) -> Expression {
    let place = position
    if accept("!") {
      depth += 1
      defer { depth -= 1 }
      guard depth <= Self.maximumDepth else { throw unexpected() }
      return Expression(form: .call("!_", [try unary()]), position: place)
    }
    guard accept("-") else { return try member() }
    switch current {
    case .int(let value):
      index += 1
      return try rest(Expression(form: .literal(.int(value == .min ? .min : -value)), position: place))
    case .double(let value):
      index += 1
      return try rest(Expression(form: .literal(.double(-value)), position: place))
    default:
      depth += 1
      defer { depth -= 1 }
      guard depth <= Self.maximumDepth else { throw unexpected() }
      return Expression(form: .call("-_", [try unary()]), position: place)
    }
  }

  // MARK: - members

  private mutating func member() throws(CompileError) -> Expression { try rest(try primary()) }

  /// What follows a value: `.field`, `.call()`, `[index]`.
  private mutating func rest(_ start: Expression) throws(CompileError) -> Expression {
    var value = start
    var links = 0
    defer { depth -= links }
    while true {
      let place = position
      if current == .symbol(".") || current == .symbol("[") { try link(&links) }
      if accept(".") {
        let isOptional = accept("?")
        let name = try fieldName()
        let callPlace = position
        if !isOptional, accept("(") {
          let arguments = try arguments(until: ")")
          value = try memberCall(value, name, arguments, callPlace)
        } else {
          value = Expression(form: .select(value, name, isOptional: isOptional), position: place)
        }
      } else if accept("[") {
        let isOptional = accept("?")
        let key = try expression()
        try expect("]")
        value = Expression(form: .index(value, key, isOptional: isOptional), position: place)
      } else if current == .symbol("{"), let name = value.qualifiedName {
        value = Expression(form: .message(name, try messageFields()), position: place)
      } else {
        return value
      }
    }
  }

  private mutating func messageFields() throws(CompileError) -> [Expression.MessageField] {
    try expect("{")
    var fields: [Expression.MessageField] = []
    while !accept("}") {
      let isOptional = accept("?")
      let name = try fieldName()
      try expect(":")
      fields.append(Expression.MessageField(name: name, value: try expression(), isOptional: isOptional))
      if accept("}") { break }
      try expect(",")
    }
    return fields
  }

  private mutating func fieldName() throws(CompileError) -> String {
    switch current {
    case .name(let name), .quotedName(let name):
      index += 1
      return name
    default: throw unexpected()
    }
  }

  private mutating func arguments(until end: String) throws(CompileError) -> [Expression] {
    var result: [Expression] = []
    if accept(end) { return result }
    while true {
      result.append(try expression())
      if accept(end) { return result }
      try expect(",")
    }
  }

  private mutating func primary() throws(CompileError) -> Expression {
    let place = position
    func literal(_ value: Value) -> Expression { Expression(form: .literal(value), position: place) }
    let token = current
    index += 1
    switch token {
    case .int(let value) where value != .min: return literal(.int(value))
    case .uint(let value): return literal(.uint(value))
    case .double(let value): return literal(.double(value))
    case .string(let text): return literal(.string(text))
    case .bytes(let bytes): return literal(.bytes(bytes))
    case .symbol("("):
      let inner = try expression()
      try expect(")")
      return inner
    case .symbol("["): return try list(place)
    case .symbol("{"): return try map(place)
    case .symbol("."):
      // A leading dot names what is outermost, and there is nothing else here.
      guard case .name = current else { throw unexpected() }
      return try primary()
    case .name("true"): return literal(.bool(true))
    case .name("false"): return literal(.bool(false))
    case .name("null"): return literal(.null)
    case .name(let name):
      let callPlace = position
      guard accept("(") else { return Expression(form: .name(name), position: place) }
      return try call(name, try arguments(until: ")"), callPlace)
    default:
      index -= 1
      throw unexpected()
    }
  }

  private mutating func list(_ place: Int) throws(CompileError) -> Expression {
    var elements: [Expression.Element] = []
    while !accept("]") {
      let isOptional = accept("?")
      elements.append(Expression.Element(value: try expression(), isOptional: isOptional))
      if accept("]") { break }
      try expect(",")
    }
    return Expression(form: .list(elements), position: place)
  }

  private mutating func map(_ place: Int) throws(CompileError) -> Expression {
    var entries: [(key: Expression, value: Expression, isOptional: Bool)] = []
    while !accept("}") {
      let isOptional = accept("?")
      let key = try expression()
      try expect(":")
      entries.append((key, try expression(), isOptional))
      if accept("}") { break }
      try expect(",")
    }
    return Expression(form: .map(entries), position: place)
  }
}

extension Expression {
  /// The names of a chain that is nothing else: `Object.spec`.
  fileprivate var qualifiedName: String? {
    switch form {
    case .name(let name): name
    case .select(let object, let field, false): object.qualifiedName.map { $0 + "." + field }
    default: nil
    }
  }
}
