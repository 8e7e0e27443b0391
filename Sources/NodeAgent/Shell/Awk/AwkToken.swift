/// A word of an `awk` program.
enum AwkToken: Equatable {
  case number(Double)
  case text(String)
  case pattern(String)
  case name(String)
  case sign(String)
  case line

  private static let lengthLimit = 1 << 14
  private static let signs = [
    "&&", "||", "==", "!=", "<=", ">=", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "!~", "+", "-", "*", "/", "%",
    "^",
    "<", ">", "=", "!", "~", "(", ")", "[", "]", "{", "}", "?", ":", ",", ";", "$",
  ]

  /// Whether what follows it is an operator, so that a slash divides.
  private var isValue: Bool {
    switch self {
    case .number, .text, .name: true
    case .sign(let sign): sign == ")" || sign == "]"
    case .pattern, .line: false
    }
  }

  static func all(in text: String) -> [AwkToken]? {
    var tokens: [AwkToken] = []
    var rest = text.prefix(lengthLimit)
    while let first = rest.first {
      if first == "#" {
        rest = rest.drop { $0 != "\n" }
      } else if first == "\n" {
        rest.removeFirst()
        tokens.append(.line)
      } else if first == "\\" || first.isWhitespace {
        rest.removeFirst()
        if first == "\\", rest.first == "\n" { rest.removeFirst() }
      } else if first == "\"" {
        rest.removeFirst()
        guard let inner = quoted(&rest, until: "\"") else { return nil }
        tokens.append(.text(ShellCommands.unescaped(inner.replacing("\\\"", with: "\""))))
      } else if first == "/", tokens.last?.isValue != true {
        rest.removeFirst()
        guard let inner = quoted(&rest, until: "/") else { return nil }
        tokens.append(.pattern(inner.replacing("\\/", with: "/")))
      } else if first.isASCII, first.isNumber || first == "." && rest.dropFirst().first?.isNumber == true {
        let digits = rest.prefix { $0.isNumber || $0 == "." }
        rest = rest.dropFirst(digits.count)
        guard let number = Double(digits) else { return nil }
        tokens.append(.number(number))
      } else if ShellParser.isNamePart(first) {
        let name = rest.prefix(while: ShellParser.isNamePart)
        rest = rest.dropFirst(name.count)
        tokens.append(.name(String(name)))
      } else {
        guard let sign = signs.first(where: rest.hasPrefix) else { return nil }
        rest = rest.dropFirst(sign.count)
        tokens.append(.sign(sign))
      }
    }
    return tokens
  }

  private static func quoted(_ rest: inout Substring, until end: Character) -> String? {
    var text = ""
    while let character = rest.popFirst() {
      if character == end { return text }
      text.append(character)
      if character == "\\", let next = rest.popFirst() { text.append(next) }
    }
    return nil
  }
}
