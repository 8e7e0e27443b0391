/// The commands that hold others.
extension ShellParser {
  /// After `if` or `elif`, up to and with `fi`.
  mutating func branch() throws(ShellSyntaxError) -> ShellCommand {
    let condition = try list(until: ["then"])
    try expectKeyword("then")
    let body = try list(until: ["elif", "else", "fi"])
    if keyword() == "elif" {
      try expectKeyword("elif")
      try descend()
      defer { depth -= 1 }
      return .branch(condition: condition, then: body, otherwise: try branch())
    }
    var otherwise: ShellCommand?
    if keyword() == "else" {
      try expectKeyword("else")
      otherwise = try list(until: ["fi"])
    }
    try expectKeyword("fi")
    return .branch(condition: condition, then: body, otherwise: otherwise)
  }

  mutating func loop() throws(ShellSyntaxError) -> ShellCommand {
    let isUntil = keyword() == "until"
    position += 5
    let condition = try list(until: ["do"])
    return .loop(ShellLoop(condition: condition, body: try body(), isUntil: isUntil))
  }

  /// `do …; done`
  mutating func body() throws(ShellSyntaxError) -> ShellCommand {
    skipSeparators()
    try expectKeyword("do")
    let body = try list(until: ["done"])
    try expectKeyword("done")
    return body
  }

  mutating func each() throws(ShellSyntaxError) -> ShellCommand {
    try expectKeyword("for")
    skipBlanks()
    let name = takeName()
    if name.isEmpty { throw unexpected() }
    skipSeparators()
    var words: [ShellWord]?
    if keyword() == "in" {
      try expectKeyword("in")
      var list: [ShellWord] = []
      while let word = try word() { list.append(word) }
      words = list
    }
    return .each(variable: name, words: words, body: try body())
  }

  mutating func choice() throws(ShellSyntaxError) -> ShellCommand {
    try expectKeyword("case")
    guard let subject = try word() else { throw unexpected() }
    skipNewlines()
    try expectKeyword("in")
    var arms: [ShellArm] = []
    while true {
      skipSeparators()
      if keyword() == "esac" { break }
      skipBlanks()
      if peek("(") { position += 1 }
      var patterns: [ShellWord] = []
      while let pattern = try word() {
        patterns.append(pattern)
        skipBlanks()
        if peek("|") { position += 1 } else { break }
      }
      skipBlanks()
      try expect(")")
      arms.append(ShellArm(patterns: patterns, body: try list(until: ["esac"])))
      if peek(";;") { position += 2 }
    }
    try expectKeyword("esac")
    return .choice(subject, arms)
  }

  mutating func function(named name: String) throws(ShellSyntaxError) -> ShellCommand {
    skipBlanks()
    if peek("(") {
      position += 1
      skipBlanks()
      try expect(")")
    }
    skipNewlines()
    try descend()
    defer { depth -= 1 }
    return .function(name, try command())
  }
}
