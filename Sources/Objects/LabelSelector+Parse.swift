extension LabelSelector {
  /// Reads the text of a `labelSelector` parameter: `app=x,tier in (a,b),!old,n>3`. Empty text matches everything.
  public init(parsing text: String) throws(SelectorError) {
    var parser = Parser(tokens: Self.tokens(of: text))
    self.init(requirements: try parser.requirements())
  }

  fileprivate enum Token {
    case end, comma, open, close, not, identifier
    case comparison(LabelRequirement.Operator)
    /// `in` and `notin`: operators where one is due, names elsewhere.
    case word(LabelRequirement.Operator)
  }

  private static func tokens(of text: String) -> [(token: Token, text: String)] {
    let bytes = Array(text.utf8)
    var result: [(token: Token, text: String)] = []
    var index = 0
    while index < bytes.count {
      if isSpace(bytes[index]) {
        index += 1
        continue
      }
      let start = index
      if isSpecial(bytes[index]) {
        let isDouble = index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "=")
        index += isDouble && (bytes[start] == UInt8(ascii: "=") || bytes[start] == UInt8(ascii: "!")) ? 2 : 1
      } else {
        while index < bytes.count, !isSpace(bytes[index]), !isSpecial(bytes[index]) { index += 1 }
      }
      let piece = String(decoding: bytes[start..<index], as: UTF8.self)
      result.append((token(piece), piece))
    }
    result.append((.end, ""))
    return result
  }

  private static func token(_ text: String) -> Token {
    switch text {
    case ",": .comma
    case "(": .open
    case ")": .close
    case "!": .not
    case "=": .comparison(.equals)
    case "==": .comparison(.doubleEquals)
    case "!=": .comparison(.notEquals)
    case ">": .comparison(.greaterThan)
    case "<": .comparison(.lessThan)
    case "in": .word(.isIn)
    case "notin": .word(.notIn)
    default: .identifier
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 10 || byte == 13 }

  private static func isSpecial(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "="), UInt8(ascii: "!"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ","),
      UInt8(ascii: ">"), UInt8(ascii: "<"):
      true
    default: false
    }
  }
}

/// A recursive descent over the tokens; the last one, `end`, is never passed.
private struct Parser {
  typealias Token = LabelSelector.Token

  let tokens: [(token: Token, text: String)]
  var position = 0

  init(tokens: [(token: Token, text: String)]) { self.tokens = tokens }

  private var next: Token { tokens[position].token }
  private var text: String { tokens[position].text }

  private var isAtIdentifier: Bool {
    switch next {
    case .identifier, .word: true
    default: false
    }
  }

  private mutating func advance() { if position + 1 < tokens.count { position += 1 } }

  private func unexpected(_ expected: String) -> SelectorError { SelectorError("found '\(text)'\(expected)") }

  mutating func requirements() throws(SelectorError) -> [LabelRequirement] {
    var result: [LabelRequirement] = []
    while true {
      switch next {
      case .end: return result
      case .identifier, .word, .not: break
      default: throw unexpected(", expected: !, identifier, or 'end of string'")
      }
      do throws(SelectorError) {
        result.append(try requirement())
      } catch {
        throw SelectorError("unable to parse requirement: \(error.message)")
      }
      switch next {
      case .end: return result
      case .comma: advance()
      default: throw unexpected(", expected: ',' or 'end of string'")
      }
      if case .not = next { continue }
      guard isAtIdentifier else { throw unexpected(", expected: identifier after ','") }
    }
  }

  private mutating func requirement() throws(SelectorError) -> LabelRequirement {
    var isNegated = false
    if case .not = next {
      isNegated = true
      advance()
    }
    guard isAtIdentifier else { throw unexpected(", expected: identifier") }
    let key = text
    guard LabelSyntax.keyErrors(key).isEmpty else {
      throw SelectorError(LabelRequirement.keyFault(key, path: "<nil>"))
    }
    advance()
    if isNegated { return try LabelRequirement(key, .doesNotExist) }
    switch next {
    case .end, .comma: return try LabelRequirement(key, .exists)
    case .comparison(let comparison):
      advance()
      return try LabelRequirement(key, comparison, [try exactValue()])
    case .word(let membership):
      advance()
      return try LabelRequirement(key, membership, try valueList())
    default: throw unexpected(", expected: in, notin, =, ==, !=, gt, lt")
    }
  }

  private mutating func exactValue() throws(SelectorError) -> String {
    switch next {
    case .end, .comma: return ""
    case .identifier, .word:
      defer { advance() }
      return text
    default: throw unexpected(", expected: identifier")
    }
  }

  private mutating func valueList() throws(SelectorError) -> [String] {
    guard case .open = next else { throw unexpected(" expected: '('") }
    advance()
    switch next {
    case .identifier, .word, .comma: break
    case .close:
      advance()
      return []
    default: throw unexpected(", expected: ',', ')' or identifier")
    }
    let values = try identifiers()
    advance()
    return values
  }

  /// The values up to the closing parenthesis, which stays. An empty place between commas is the empty value.
  private mutating func identifiers() throws(SelectorError) -> [String] {
    var values: [String] = []
    while true {
      switch next {
      case .identifier, .word:
        values.append(text)
        advance()
        switch next {
        case .comma: continue
        case .close: return values
        default: throw unexpected(", expected: ',' or ')'")
        }
      case .comma:
        advance()
        if values.isEmpty { values.append("") }
        switch next {
        case .close:
          values.append("")
          return values
        case .comma:
          advance()
          values.append("")
        default: break
        }
      default: throw unexpected(", expected: ',', or identifier")
      }
    }
  }
}
