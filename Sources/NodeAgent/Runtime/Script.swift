import JSONCore
import Values

/// What an obvious command line does: `sleep 5; echo done; exit 3`. Anything else is not understood, and so no script.
struct Script {
  /// How long it runs; nil for ever.
  private(set) var runs: Duration? = .zero
  private(set) var exitCode = 0
  private(set) var log: [(after: Duration, text: String)] = []
  /// A shell does not hear the request to end while it waits.
  private(set) var stop: Duration = .zero

  /// How long a command takes that takes no time.
  private static let moment = Duration.milliseconds(10)

  init?(_ container: JSON) {
    let words = container.list("command").compactMap(\.string) + container.list("args").compactMap(\.string)
    guard let first = words.first else { return nil }
    let program = first.split(separator: "/").last.map(String.init) ?? first
    if ["sh", "bash", "ash"].contains(program) {
      guard words.count >= 3, words[1].hasPrefix("-"), words[1].hasSuffix("c") else { return nil }
      if !run(words[2]) { return nil }
    } else if !run(command: [program] + words.dropFirst()) {
      return nil
    }
    runs = runs.map { $0 + Self.moment }
  }

  /// - Returns: false when some part is not understood.
  private mutating func run(_ text: String) -> Bool {
    let trimmed = text.trimmed
    if ["while true", "while :", "while sleep", "until ", "for ", "trap ", "tail -f"].contains(where: trimmed.hasPrefix)
    {
      return runLoop(trimmed)
    }
    for statement in text.split(whereSeparator: { $0 == ";" || $0 == "\n" }) {
      var isSkipping = false
      for part in statement.components(separatedBy: "&&") {
        if isSkipping { break }
        let words = Self.words(part)
        if words.isEmpty { continue }
        if words[0] == "while" || words[0] == "tail" {
          runs = nil
          return true
        }
        if !run(command: words) { return false }
        if runs == nil || words[0] == "exit" { return true }
        isSkipping = exitCode != 0
      }
    }
    return true
  }

  /// Endless loops run for ever; waiting for something in an `until` loop is taken as successful.
  private mutating func runLoop(_ text: String) -> Bool {
    if text.hasPrefix("until ") { return true }
    if text.hasPrefix("for ") { return false }
    runs = nil
    for part in text.split(whereSeparator: { $0 == ";" || $0 == "\n" }).map({ String($0).trimmed }) {
      let body = part.hasPrefix("do ") ? String(part.dropFirst(3)) : part
      let words = Self.words(body)
      if words.first == "echo" { log.append((after: .zero, text: words.dropFirst().joined(separator: " "))) }
    }
    return true
  }

  private mutating func run(command words: [String]) -> Bool {
    exitCode = 0
    switch words[0] {
    case "true", ":", "date", "cd", "export", "set", "mkdir", "touch", "cp", "ls", "chmod", "hostname": break
    case "false": exitCode = 1
    case "exit":
      guard let code = Int(words.count > 1 ? words[1] : "0") else { return false }
      exitCode = code & 255
    case "sleep":
      guard words.count > 1 else { return false }
      if words[1] == "infinity" || words[1] == "inf" {
        runs = nil
        return true
      }
      guard let time = Self.time(words[1]) else { return false }
      runs = runs.map { $0 + time }
    case "echo", "printf":
      if words.contains(">") || words.contains(">>") { break }
      log.append((after: runs ?? .zero, text: words.dropFirst().joined(separator: " ")))
    default: return false
    }
    return true
  }

  /// `5`, `0.5`, `3s`, `2m`, `1h`
  private static func time(_ text: String) -> Duration? {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
    let unit = text.last.flatMap { units[$0] }
    guard let number = Double(unit == nil ? text : String(text.dropLast())), number >= 0, number < 1e9 else {
      return nil
    }
    return .seconds(number * (unit ?? 1))
  }

  /// Splits at spaces, outside quotes.
  private static func words(_ text: some StringProtocol) -> [String] {
    var words: [String] = []
    var word = ""
    var quote: Character?
    var isOpen = false
    for character in text {
      if let open = quote {
        if character == open { quote = nil } else { word.append(character) }
      } else if character == "\"" || character == "'" {
        quote = character
        isOpen = true
      } else if character.isWhitespace {
        if !word.isEmpty || isOpen { words.append(word) }
        (word, isOpen) = ("", false)
      } else {
        word.append(character)
      }
    }
    if !word.isEmpty || isOpen { words.append(word) }
    return words
  }
}

extension String {
  var trimmed: String {
    var rest = self[...]
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}

extension StringProtocol {
  /// The pieces between two-character separators.
  func components(separatedBy separator: String) -> [String] {
    split(separator: separator, omittingEmptySubsequences: false).map { String($0) }
  }
}
