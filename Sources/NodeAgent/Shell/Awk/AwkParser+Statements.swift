/// Rules and statements.
extension AwkParser {
  mutating func rules() -> [AwkProgram.Rule]? {
    var rules: [AwkProgram.Rule] = []
    skipLines()
    while next != nil {
      guard let rule = rule() else { return nil }
      rules.append(rule)
      skipLines()
    }
    return rules
  }

  private mutating func rule() -> AwkProgram.Rule? {
    var moment = AwkProgram.Moment.always
    if take("BEGIN") {
      moment = .begin
    } else if take("END") {
      moment = .end
    } else if next != .sign("{") {
      guard let test = expression() else { return nil }
      moment = .test(test)
      if take(",") {
        guard let last = expression() else { return nil }
        moment = .range(test, last)
      }
    }
    guard next == .sign("{") else { return AwkProgram.Rule(moment: moment, body: nil) }
    return block().map { AwkProgram.Rule(moment: moment, body: $0) }
  }

  private mutating func block() -> Statement? {
    guard take("{") else { return nil }
    var list: [Statement] = []
    skipLines()
    while !take("}") {
      guard next != nil, let statement = statement() else { return nil }
      list.append(statement)
      skipLines()
    }
    return .block(list)
  }

  private mutating func statement() -> Statement? {
    deeper { parser in
      if parser.next == .sign("{") { return parser.block() }
      if parser.take("if") { return parser.branch() }
      if parser.take("while") {
        guard parser.take("("), let test = parser.expression(), parser.take(")"), let body = parser.body() else {
          return nil
        }
        return .loop(start: nil, test: test, step: nil, body: body)
      }
      if parser.take("for") { return parser.loop() }
      return parser.simple()
    }
  }

  private mutating func body() -> Statement? {
    while next == .line { position += 1 }
    return take(";") ? .block([]) : statement()
  }

  private mutating func branch() -> Statement? {
    guard take("("), let test = expression(), take(")"), let then = body() else { return nil }
    let end = position
    skipLines()
    if take("else") {
      guard let otherwise = body() else { return nil }
      return .branch(test, then, otherwise: otherwise)
    }
    position = end
    return .branch(test, then, otherwise: nil)
  }

  private mutating func loop() -> Statement? {
    guard take("(") else { return nil }
    let start = position
    if case .name(let variable)? = next, position + 2 < tokens.count, tokens[position + 1] == .name("in"),
      case .name(let array) = tokens[position + 2]
    {
      position += 3
      guard take(")"), let body = body() else { return nil }
      return .each(variable, array: array, body: body)
    }
    position = start
    let first = next == .sign(";") ? nil : simple()
    guard take(";") else { return nil }
    let test = next == .sign(";") ? nil : expression()
    guard take(";") else { return nil }
    let step = next == .sign(")") ? nil : simple()
    guard take(")"), let body = body() else { return nil }
    return .loop(start: first, test: test, step: step, body: body)
  }

  private mutating func simple() -> Statement? {
    if take("print") { return printed().map { .print($0) } }
    if take("printf") { return printed().flatMap { $0.isEmpty ? nil : .printf($0) } }
    if take("next") { return .next }
    if take("break") { return .leave }
    if take("continue") { return .again }
    if take("exit") {
      let hasCode = next != nil && next != .line && next != .sign(";") && next != .sign("}")
      return hasCode ? expression().map { .exit($0) } : .exit(nil)
    }
    if take("delete") {
      guard let place = expression() else { return nil }
      switch place {
      case .variable(let name): return .delete(name, nil)
      case .element(let name, let keys): return .delete(name, keys)
      default: return nil
      }
    }
    return expression().map { .expression($0) }
  }
}
