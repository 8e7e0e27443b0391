/// Shell patterns: `*`, `?`, `[abc]`.
enum Glob {
  static func isSpecial(_ character: Character) -> Bool { character == "*" || character == "?" || character == "[" }

  static func matches(_ pattern: String, _ text: String) -> Bool {
    matches(Array(pattern)[...], Array(text)[...])
  }

  /// Goes back to the last star only, which is enough and never slow.
  private static func matches(_ pattern: ArraySlice<Character>, _ text: ArraySlice<Character>) -> Bool {
    var (pattern, text) = (pattern, text)
    var afterStar: ArraySlice<Character>?
    var retry = text
    while let character = text.first {
      if pattern.first == "*" {
        pattern = pattern.dropFirst()
        (afterStar, retry) = (pattern, text)
      } else if let rest = single(pattern, character) {
        (pattern, text) = (rest, text.dropFirst())
      } else if let star = afterStar {
        retry = retry.dropFirst()
        (pattern, text) = (star, retry)
      } else {
        return false
      }
    }
    return pattern.allSatisfy { $0 == "*" }
  }

  /// The pattern after its first element, when that matches the character.
  private static func single(_ pattern: ArraySlice<Character>, _ character: Character) -> ArraySlice<Character>? {
    guard let first = pattern.first else { return nil }
    if first == "?" { return pattern.dropFirst() }
    guard first == "[", let close = pattern.dropFirst(2).firstIndex(of: "]") else {
      return first == character ? pattern.dropFirst() : nil
    }
    var set = pattern[(pattern.startIndex + 1)..<close]
    let isNegated = set.first == "!" || set.first == "^"
    if isNegated { set = set.dropFirst() }
    var isIn = false
    while let low = set.first {
      if set.count >= 3, set[set.startIndex + 1] == "-" {
        if low <= character, character <= set[set.startIndex + 2] { isIn = true }
        set = set.dropFirst(3)
      } else {
        if low == character { isIn = true }
        set = set.dropFirst()
      }
    }
    return isIn != isNegated ? pattern[(close + 1)...] : nil
  }
}

/// `{1..5}` and `{a,b}` in a bare word.
enum Braces {
  private static let limit = 1000

  static func expanded(_ text: String) -> [String] {
    guard let open = text.firstIndex(of: "{"), let close = text[open...].firstIndex(of: "}") else { return [text] }
    let inner = text[text.index(after: open)..<close]
    let (before, after) = (text[..<open], text[text.index(after: close)...])
    let items: [String]
    if inner.contains(",") {
      items = inner.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    } else {
      let ends = inner.components(separatedBy: "..").compactMap { Int($0) }
      guard ends.count == 2 else { return [text] }
      let (difference, isTooLarge) = ends[0].subtractingReportingOverflow(ends[1])
      if isTooLarge || difference.magnitude >= limit { return [text] }
      let numbers = Array(min(ends[0], ends[1])...max(ends[0], ends[1]))
      items = (ends[0] <= ends[1] ? numbers : numbers.reversed()).map(String.init)
    }
    return items.map { before + $0 + after }
  }
}

/// `$((i + 1))`: whole numbers, the usual operators, variables and assignments to them.
struct Arithmetic {
  private(set) var variables: [String: String]
  private var tokens: [String]
  private var position = 0
  private var depth = 0
  private static let depthLimit = 50

  private static let signs = [
    "&&", "||", "==", "!=", "<=", ">=", "++", "--", "+=", "-=", "*=", "+", "-", "*", "/", "%", "<", ">", "=", "!", "(",
    ")", "?", ":",
  ]
  private static let levels: [[String]] = [
    ["||"], ["&&"], ["==", "!="], ["<", "<=", ">", ">="], ["+", "-"], ["*", "/", "%"],
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
    guard level < Self.levels.count else { return unary() }
    guard var left = binary(level + 1) else { return nil }
    while let sign = next, Self.levels[level].contains(sign) {
      position += 1
      guard let right = binary(level + 1), let result = Self.apply(sign, left, right) else { return nil }
      left = result
    }
    return left
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
    case "||": return left != 0 || right != 0 ? 1 : 0
    default: return nil
    }
  }
}
