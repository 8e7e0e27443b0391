/// Words, quotes, expansions and redirections.
extension ShellParser {
  private static let operators: Set<Character> = ["&", "|", ";", "(", ")", "<", ">", "\n"]

  /// The next word; nil where an operator or the end stands.
  mutating func word() throws(ShellSyntaxError) -> ShellWord? {
    skipBlanks()
    if isAtWordEnd { return nil }
    return try word { parser in parser.isAtWordEnd }
  }

  var isAtWordEnd: Bool {
    guard position < characters.count else { return true }
    let character = characters[position]
    return character == " " || character == "\t" || Self.operators.contains(character)
  }

  /// Reads parts until `isEnd`, outside of quotes.
  private mutating func word(_ isEnd: (ShellParser) -> Bool) throws(ShellSyntaxError) -> ShellWord {
    var parts: [ShellWord.Part] = []
    var plain = ""
    func flush() { if !plain.isEmpty { parts.append(.text(plain, isQuoted: false)) } }
    while position < characters.count, !isEnd(self) {
      let character = characters[position]
      switch character {
      case "'":
        flush()
        plain = ""
        parts.append(.text(try singleQuoted(), isQuoted: true))
      case "\"":
        flush()
        plain = ""
        position += 1
        parts += try doubleQuoted(until: "\"")
        try expect("\"")
      case "\\":
        position += 1
        if position < characters.count {
          flush()
          plain = ""
          if characters[position] != "\n" { parts.append(.text(String(characters[position]), isQuoted: true)) }
          position += 1
        }
      case "$", "`":
        if let part = try expansion(isQuoted: false) {
          flush()
          plain = ""
          parts.append(part)
        } else {
          plain.append(character)
        }
      default:
        plain.append(character)
        position += 1
      }
    }
    flush()
    return ShellWord(parts: parts)
  }

  /// Within `[[ … ]]`: a sign that is an operator elsewhere, or the pattern behind `=~`; nil for any other word.
  mutating func conditionWord(after last: String?) throws(ShellSyntaxError) -> ShellWord? {
    skipBlanks()
    if last == "]]" { return nil }
    if let sign = ["&&", "||", "<", ">"].first(where: { peek($0) }) {
      position += sign.count
      return ShellWord(parts: [.text(sign, isQuoted: true)])
    }
    guard last == "=~" else { return nil }
    var pattern = try word { parser in " \t\n".contains(parser.characters[parser.position]) }
    pattern.parts = pattern.parts.map { part in
      guard case .text(let text, let isQuoted) = part else { return part }
      // What is quoted stands for itself.
      let literal = text.map { ".[]*+?^$\\(){}|".contains($0) ? "\\\($0)" : String($0) }.joined()
      return .text(isQuoted ? literal : text, isQuoted: true)
    }
    return pattern
  }

  private mutating func singleQuoted() throws(ShellSyntaxError) -> String {
    position += 1
    var text = ""
    while position < characters.count, characters[position] != "'" {
      text.append(characters[position])
      position += 1
    }
    try expect("'")
    return text
  }

  /// The inside of double quotes, or a here document's text (`until` nil: to the end).
  mutating func doubleQuoted(until end: Character?) throws(ShellSyntaxError) -> [ShellWord.Part] {
    var parts: [ShellWord.Part] = []
    var plain = ""
    while position < characters.count, characters[position] != end {
      let character = characters[position]
      if character == "\\", position + 1 < characters.count {
        let next = characters[position + 1]
        position += 2
        if next == "\n" { continue }
        plain += ["$", "`", "\"", "\\"].contains(next) ? String(next) : "\\\(next)"
      } else if character == "$" || character == "`" {
        if let part = try expansion(isQuoted: true) {
          if !plain.isEmpty { parts.append(.text(plain, isQuoted: true)) }
          plain = ""
          parts.append(part)
        } else {
          plain.append(character)
        }
      } else {
        plain.append(character)
        position += 1
      }
    }
    if !plain.isEmpty || parts.isEmpty { parts.append(.text(plain, isQuoted: true)) }
    return parts
  }

  /// At a `$` or a backquote, which is consumed in any case; nil when it stands for itself.
  private mutating func expansion(isQuoted: Bool) throws(ShellSyntaxError) -> ShellWord.Part? {
    try descend()
    defer { depth -= 1 }
    if peek("`") { return .command(try backquoted(), isQuoted: isQuoted) }
    position += 1
    if peek("((") {
      position += 2
      let inner = try arithmetic()
      return .arithmetic(inner, isQuoted: isQuoted)
    }
    if peek("(") {
      position += 1
      let command = try list(until: [])
      try expect(")")
      return .command(command, isQuoted: isQuoted)
    }
    if peek("{") {
      position += 1
      return .parameter(try braced(), isQuoted: isQuoted)
    }
    guard let first = characters[safely: position] else { return nil }
    if "?#$!@*-".contains(first) || first.isASCII && first.isNumber {
      position += 1
      return .parameter(ShellWord.Parameter(name: String(first)), isQuoted: isQuoted)
    }
    let name = takeName()
    return name.isEmpty ? nil : .parameter(ShellWord.Parameter(name: name), isQuoted: isQuoted)
  }

  private mutating func backquoted() throws(ShellSyntaxError) -> ShellCommand {
    position += 1
    var text = ""
    while position < characters.count, characters[position] != "`" {
      if characters[position] == "\\", position + 1 < characters.count { position += 1 }
      text.append(characters[position])
      position += 1
    }
    try expect("`")
    return try Self.parse(text, depth: depth)
  }

  /// After `$((`, up to and with `))`.
  private mutating func arithmetic() throws(ShellSyntaxError) -> ShellWord {
    var open = 0
    let inner = try word { parser in
      if parser.peek("(") { open += 1 }
      if parser.peek(")") {
        if open == 0 { return true }
        open -= 1
      }
      return false
    }
    try expect(")")
    try expect(")")
    return inner
  }

  /// After `${`, up to and with `}`.
  private mutating func braced() throws(ShellSyntaxError) -> ShellWord.Parameter {
    if peek("#"), characters[safely: position + 1] != "}" {
      position += 1
      let name = takeName()
      try expect("}")
      return ShellWord.Parameter(name: name, operation: "length")
    }
    var name = takeName()
    if name.isEmpty, let first = characters[safely: position], first != "}" {
      name = String(first)
      position += 1
    }
    var parameter = ShellWord.Parameter(name: name)
    let operations = [
      ":-", ":=", ":+", ":?", "%%", "##", "^^", ",,", "//", "-", "=", "+", "?", "%", "#", "^", ",", "/", ":",
    ]
    if let operation = operations.first(where: { peek($0) }) {
      position += operation.count
      parameter.operation = operation
      parameter.operand = try word { $0.peek("}") }
    }
    try expect("}")
    return parameter
  }
}
