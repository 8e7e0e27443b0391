/// Characters, blanks, keywords, redirections.
extension ShellParser {
  func peek(_ text: String) -> Bool {
    var index = position
    for character in text {
      guard index < characters.count, characters[index] == character else { return false }
      index += 1
    }
    return true
  }

  mutating func expect(_ text: String) throws(ShellSyntaxError) {
    guard peek(text) else { throw unexpected(wanted: text) }
    position += text.count
  }

  mutating func expectKeyword(_ word: String) throws(ShellSyntaxError) {
    skipSeparators()
    guard keyword() == word else { throw unexpected(wanted: word) }
    position += word.count
  }

  func unexpected(wanted: String = "") -> ShellSyntaxError {
    let found = keyword() ?? characters[safely: position].map { $0 == "\n" ? "newline" : String($0) } ?? "end of file"
    return ShellSyntaxError(
      message: "syntax error: unexpected \(found)" + (wanted.isEmpty ? "" : " (expecting \"\(wanted)\")"))
  }

  /// Blanks, comments, and lines that are continued.
  mutating func skipBlanks() {
    while let character = characters[safely: position] {
      if character == " " || character == "\t" {
        position += 1
      } else if character == "\\", characters[safely: position + 1] == "\n" {
        position += 2
      } else if character == "#", position == 0 || " \t\n;&|()".contains(characters[position - 1]) {
        while let next = characters[safely: position], next != "\n" { position += 1 }
      } else {
        return
      }
    }
  }

  mutating func skipNewlines() {
    skipBlanks()
    while peek("\n") {
      position += 1
      skipBlanks()
    }
  }

  /// Ends of lines and semicolons, but not `;;`.
  mutating func skipSeparators() {
    skipNewlines()
    while peek(";"), !peek(";;") {
      position += 1
      skipNewlines()
    }
  }

  /// The bare word that stands next, without taking it.
  func keyword() -> String? {
    var index = position
    var text = ""
    while let character = characters[safely: index], !" \t\n;&|()<>\"'$`\\".contains(character) {
      text.append(character)
      index += 1
    }
    return text.isEmpty ? nil : text
  }

  /// `NAME()` follows.
  func isFunction(_ name: String) -> Bool {
    var index = position + name.count
    guard name.allSatisfy(Self.isNamePart) else { return false }
    while characters[safely: index] == " " { index += 1 }
    guard characters[safely: index] == "(" else { return false }
    index += 1
    while characters[safely: index] == " " { index += 1 }
    return characters[safely: index] == ")"
  }

  static func isNamePart(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || character == "_")
  }

  /// Letters, digits and underscores; "" when none stands here.
  mutating func takeName() -> String {
    var name = ""
    while let character = characters[safely: position], Self.isNamePart(character) {
      name.append(character)
      position += 1
    }
    return name
  }

  /// The name before an `=`, when an assignment follows.
  func assignedName() -> String? {
    var index = position
    while characters[safely: index] == " " || characters[safely: index] == "\t" { index += 1 }
    guard index == position, let first = characters[safely: index], !first.isNumber else { return nil }
    var name = ""
    while let character = characters[safely: index], Self.isNamePart(character) {
      name.append(character)
      index += 1
    }
    return !name.isEmpty && characters[safely: index] == "=" ? name : nil
  }

  // MARK: Redirections

  /// As many as stand here: `> file 2>&1`.
  mutating func redirections() throws(ShellSyntaxError) -> [Redirection] {
    var result: [Redirection] = []
    while let redirection = try redirection() { result.append(redirection) }
    return result
  }

  private mutating func redirection() throws(ShellSyntaxError) -> Redirection? {
    skipBlanks()
    var index = position
    var descriptor: Int?
    if let digit = characters[safely: index]?.wholeNumberValue, digit <= 2 {
      descriptor = digit
      index += 1
    } else if peek("&>") {
      descriptor = -1
      index += 1
    }
    guard let sign = characters[safely: index], sign == "<" || sign == ">" else { return nil }
    position = index
    let forms: [(String, Redirection.Kind)] = [
      ("<<<", .here), ("<<", .here), ("<&", .duplicate), ("<", .read), (">>", .append), (">&", .duplicate),
      (">|", .write), (">", .write),
    ]
    guard let (text, kind) = forms.first(where: { peek($0.0) }) else { return nil }
    position += text.count
    if text == "<<" { return try document() }
    guard let target = try word() else { throw unexpected() }
    return Redirection(descriptor: descriptor ?? (sign == "<" ? 0 : 1), kind: kind, target: target)
  }

  /// After `<<`: the lines from the next one to the delimiter, which are taken out of the program.
  private mutating func document() throws(ShellSyntaxError) -> Redirection {
    let stripsTabs = peek("-")
    if stripsTabs { position += 1 }
    guard let word = try word() else { throw unexpected() }
    var delimiter = ""
    var isQuoted = false
    for case .text(let text, isQuoted: let quoted) in word.parts {
      delimiter += text
      isQuoted = isQuoted || quoted
    }
    let start = (characters[position...].firstIndex(of: "\n") ?? characters.count - 1) + 1
    var text = ""
    var index = start
    while index < characters.count {
      let end = characters[index...].firstIndex(of: "\n") ?? characters.count
      var line = String(characters[index..<end])
      index = min(end + 1, characters.count)
      if stripsTabs { line = String(line.drop { $0 == "\t" }) }
      if line == delimiter { break }
      text += line + "\n"
    }
    cut(start..<index)
    if isQuoted { return .init(descriptor: 0, kind: .here, target: ShellWord(parts: [.text(text, isQuoted: true)])) }
    var inner = ShellParser(characters: Array(text))
    inner.depth = depth
    return .init(descriptor: 0, kind: .here, target: ShellWord(parts: try inner.doubleQuoted(until: nil)))
  }
}

extension [Character] {
  /// The character at a place; nil beyond the end.
  subscript(safely index: Int) -> Character? { index < count && index >= 0 ? self[index] : nil }
}
