/// Reads a shell program: lists, pipelines and commands. Words are read in `ShellParser+Words.swift`.
struct ShellParser {
  /// The longest program, in characters, and the deepest nesting that is read.
  static let lengthLimit = 65_536
  static let depthLimit = 60

  /// The most `&&` and `||` of a program: each is nested in the next.
  private static let linkLimit = 500

  private(set) var characters: [Character]
  var position = 0
  var depth = 0
  private var links = 0

  /// - Parameter depth: how deep the text stands in another program.
  static func parse(_ text: String, depth: Int = 0) throws(ShellSyntaxError) -> ShellCommand {
    var parser = ShellParser(characters: text.prefix(lengthLimit).map { $0 == "\r\n" ? "\n" : $0 })
    parser.depth = depth
    let program = try parser.list(until: [])
    if parser.position < parser.characters.count { throw parser.unexpected() }
    return program
  }

  init(characters: [Character]) { self.characters = characters }

  /// Takes text out of the program that belongs to no command: a here document.
  mutating func cut(_ range: Range<Int>) { characters.removeSubrange(range) }

  /// One level deeper; whoever calls it takes the level back at its end.
  mutating func descend() throws(ShellSyntaxError) {
    if depth >= Self.depthLimit { throw ShellSyntaxError(message: "nested too deeply") }
    depth += 1
  }

  // MARK: Lists

  /// Commands up to one of the keywords or an operator that is none of a list's.
  mutating func list(until ends: Set<String>) throws(ShellSyntaxError) -> ShellCommand {
    try descend()
    defer { depth -= 1 }
    var commands: [ShellCommand] = []
    while true {
      skipSeparators()
      if position >= characters.count || peek(")") || peek(";;") { break }
      if let word = keyword(), ends.contains(word) { break }
      var command = try andOr()
      skipBlanks()
      if peek("&"), !peek("&&") {
        position += 1
        command = .background(command)
      } else if !peek(";"), !peek("\n"), !peek(")"), position < characters.count {
        throw unexpected()
      }
      commands.append(command)
      if peek(";"), !peek(";;") { position += 1 }
    }
    return commands.count == 1 ? commands[0] : .sequence(commands)
  }

  private mutating func andOr() throws(ShellSyntaxError) -> ShellCommand {
    var left = try pipeline()
    while true {
      skipBlanks()
      let isAnd = peek("&&")
      guard isAnd || peek("||") else { return left }
      position += 2
      links += 1
      if links > Self.linkLimit { throw ShellSyntaxError(message: "too many commands in a row") }
      skipNewlines()
      let right = try pipeline()
      left = isAnd ? .and(left, right) : .or(left, right)
    }
  }

  private mutating func pipeline() throws(ShellSyntaxError) -> ShellCommand {
    skipBlanks()
    if keyword() == "!" {
      position += 1
      try descend()
      defer { depth -= 1 }
      return .not(try pipeline())
    }
    var stages = [try command()]
    while true {
      skipBlanks()
      guard peek("|"), !peek("||") else { break }
      position += peek("|&") ? 2 : 1
      skipNewlines()
      stages.append(try command())
    }
    return stages.count == 1 ? stages[0] : .pipeline(stages)
  }

  // MARK: Compound commands

  mutating func command() throws(ShellSyntaxError) -> ShellCommand {
    skipBlanks()
    var result: ShellCommand
    if peek("(") {
      position += 1
      result = .subshell(try list(until: []))
      try expect(")")
    } else {
      switch keyword() {
      case "if":
        try expectKeyword("if")
        result = try branch()
      case "while", "until": result = try loop()
      case "for": result = try each()
      case "case": result = try choice()
      case "{":
        try expectKeyword("{")
        result = try list(until: ["}"])
        try expectKeyword("}")
      case "function":
        try expectKeyword("function")
        skipBlanks()
        return try function(named: takeName())
      case let name? where isFunction(name): return try function(named: takeName())
      default: return try simple()
      }
    }
    let redirections = try self.redirections()
    return redirections.isEmpty ? result : .redirected(result, redirections)
  }

  // MARK: Simple commands

  /// Words that begin no command.
  private static let reserved: Set<String> = ["then", "do", "done", "fi", "esac", "elif", "else", "}"]

  private mutating func simple() throws(ShellSyntaxError) -> ShellCommand {
    if let word = keyword(), Self.reserved.contains(word) { throw unexpected() }
    var command = SimpleCommand()
    while true {
      if command.words.first?.bareText == "[[", let word = try conditionWord(after: command.words.last?.bareText) {
        command.words.append(word)
        continue
      }
      command.redirections += try redirections()
      if command.words.isEmpty, let name = assignedName() {
        position += name.count + 1
        let value = isAtWordEnd ? ShellWord() : try word() ?? ShellWord()
        command.assignments.append(SimpleCommand.Assignment(name: name, value: value))
        continue
      }
      guard let word = try word() else { break }
      command.words.append(word)
    }
    if command.words.isEmpty, command.assignments.isEmpty, command.redirections.isEmpty { throw unexpected() }
    return .simple(command)
  }
}
