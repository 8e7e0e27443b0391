import Values

/// From words to texts: variables, commands, arithmetic, splitting and patterns.
extension Shell {
  /// The fields that a word becomes; unquoted expansions are split at blanks, patterns become names of files.
  mutating func expand(_ word: ShellWord, _ world: inout ShellWorld) -> [String] {
    if let text = word.bareText { return Braces.expanded(text).flatMap { names(matching: $0, world) } }
    var fields = Fields()
    for part in word.parts {
      switch part {
      case .text(let text, let isQuoted):
        if !isQuoted, text.contains(where: Glob.isSpecial) { fields.hasPattern = true }
        fields.add(text)
      case .parameter(let parameter, true) where parameter.name == "@": fields.add(list: arguments)
      case .parameter(let parameter, let isQuoted):
        fields.add(value(parameter, &world), isSplit: !isQuoted)
      case .command(let command, let isQuoted): fields.add(output(of: command, &world), isSplit: !isQuoted)
      case .arithmetic(let inner, _): fields.add(calculate(inner, &world))
      }
    }
    if fields.hasPattern { return fields.all.flatMap { names(matching: $0, world) } }
    return fields.all
  }

  /// The one text that a word becomes: in assignments, redirections and patterns nothing is split.
  mutating func expandText(_ word: ShellWord, _ world: inout ShellWorld) -> String {
    var text = ""
    for part in word.parts {
      switch part {
      case .text(let plain, _): text += plain
      case .parameter(let parameter, _): text += value(parameter, &world)
      case .command(let command, _): text += output(of: command, &world)
      case .arithmetic(let inner, _): text += calculate(inner, &world)
      }
    }
    return String(text.prefix(Self.textLimit))
  }

  private mutating func output(of command: ShellCommand, _ world: inout ShellWorld) -> String {
    let result = capture(command, input: nil, &world)
    if result.isEndless { pending.append(.endless) }
    status = result.status
    var text = result.text[...]
    while text.last == "\n" { text.removeLast() }
    return String(text)
  }

  private mutating func calculate(_ word: ShellWord, _ world: inout ShellWorld) -> String {
    let text = expandText(word, &world)
    var arithmetic = Arithmetic(text, variables: variables)
    guard let value = arithmetic.value() else {
      end(2, "\(name): arithmetic syntax error", &world)
      return ""
    }
    variables = arithmetic.variables
    return String(value)
  }

  /// A name of the shell itself or of a variable; nil when it is not set.
  private func lookup(_ name: String, _ world: ShellWorld) -> String? {
    switch name {
    case "?": return String(status)
    case "#": return String(arguments.count)
    case "$": return String(number)
    case "!": return lastSpawned.map(String.init) ?? ""
    case "-": return ""
    case "0": return self.name
    case "@", "*": return arguments.isEmpty ? nil : arguments.joined(separator: " ")
    case "RANDOM":
      return String(WellKnownImages.fingerprint("\(world.now.nanoseconds)/\(world.hostname)") % 32768)
    case "PWD": return "/" + folder
    case "SECONDS", "EPOCHSECONDS": return String(world.now.seconds)
    default:
      if let number = Int(name) { return number >= 1 && number <= arguments.count ? arguments[number - 1] : nil }
      return variables[name]
    }
  }

  private mutating func value(_ parameter: ShellWord.Parameter, _ world: inout ShellWorld) -> String {
    let found = lookup(parameter.name, world)
    // With a colon an empty value counts as none.
    let isSet = parameter.operation.hasPrefix(":") ? found?.isEmpty == false : found != nil
    switch parameter.operation {
    case "": return found ?? ""
    case "length": return String(found?.count ?? 0)
    case ":-", "-": return isSet ? found ?? "" : expandText(parameter.operand, &world)
    case ":=", "=":
      if isSet { return found ?? "" }
      let text = expandText(parameter.operand, &world)
      variables[parameter.name] = text
      return text
    case ":+", "+": return isSet ? expandText(parameter.operand, &world) : ""
    case ":?", "?":
      if isSet { return found ?? "" }
      let message = expandText(parameter.operand, &world)
      end(2, "\(name): \(parameter.name): \(message.isEmpty ? "parameter not set" : message)", &world)
      return ""
    case "^^": return (found ?? "").uppercased()
    case ",,": return (found ?? "").lowercased()
    case "^": return (found ?? "").prefix(1).uppercased() + (found ?? "").dropFirst()
    case ",": return (found ?? "").prefix(1).lowercased() + (found ?? "").dropFirst()
    case "/", "//":
      return replaced(found ?? "", expandText(parameter.operand, &world), all: parameter.operation == "//")
    case ":": return piece(found ?? "", expandText(parameter.operand, &world))
    default: return cut(found ?? "", parameter.operation, expandText(parameter.operand, &world))
    }
  }

  /// The files whose names match; the text itself when none does, or when it is no pattern.
  private func names(matching text: String, _ world: ShellWorld) -> [String] {
    if text == "~" || text.hasPrefix("~/") { return [(variables["HOME"] ?? "/root") + text.dropFirst()] }
    guard text.contains(where: Glob.isSpecial) else { return [text] }
    let slash = text.lastIndex(of: "/")
    let folder = slash.map { String(text[...$0]) } ?? ""
    let pattern = slash.map { String(text[text.index(after: $0)...]) } ?? text
    let names = world.names(in: path(folder.isEmpty ? "." : folder))
      .filter { !$0.hasPrefix(".") && Glob.matches(pattern, $0) }
    return names.isEmpty ? [text] : names.map { folder + $0 }
  }
}

/// The fields of one word, while they grow.
private struct Fields {
  private var done: [String] = []
  private var current: String?
  var hasPattern = false

  var all: [String] { done + (current.map { [$0] } ?? []) }

  mutating func add(_ text: String, isSplit: Bool = false) {
    guard isSplit else {
      current = (current ?? "") + text
      return
    }
    for character in text {
      if character.isWhitespace {
        if let field = current { done.append(field) }
        current = nil
      } else {
        if current == nil { current = "" }
        current?.append(character)
      }
    }
  }

  /// `"$@"`: each argument is a field of its own.
  mutating func add(list: [String]) {
    for (index, text) in list.enumerated() {
      if index > 0, let field = current {
        done.append(field)
        current = nil
      }
      current = (current ?? "") + text
    }
  }
}
