/// The line discipline of a terminal: echoes what is typed, lets it be edited, and passes it on line by line. A value that
/// knows no clock and no socket.
struct Terminal: Sendable {
  enum Action: Sendable, Equatable {
    /// A finished line with its end, or what Ctrl-D let go.
    case input(String)
    case interrupt
    case endOfInput
    /// The word before the cursor is to be completed.
    case complete(String)
  }

  /// The longest line, in characters; what is typed beyond it is not taken.
  private static let lineLimit = 4096
  private static let historyLimit = 200

  private(set) var columns = 80
  private(set) var rows = 24
  private var line: [Character] = []
  private var cursor = 0
  private var history: [String] = []
  /// Where in the history the line is from; its end for a new one.
  private var place = 0
  /// The bytes of an escape sequence, or of a character, that are there already.
  private var escape: [UInt8] = []
  private var unfinished: [UInt8] = []
  private var wasReturn = false

  mutating func resize(columns: Int, rows: Int) {
    if columns > 0 { self.columns = columns }
    if rows > 0 { self.rows = rows }
  }

  /// Output as a terminal shows it.
  static func shown(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "\n")) else { return text }
    var result = String.UnicodeScalarView()
    var last: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      if scalar == "\n", last != "\r" { result.append("\r") }
      result.append(scalar)
      last = scalar
    }
    return String(result)
  }

  /// - Parameter prompt: that of a shell that waits for a command, whose lines have a history; nil for other programs.
  mutating func type(_ bytes: [UInt8], prompt: String?) -> (echo: String, actions: [Action]) {
    var echo = ""
    var actions: [Action] = []
    for byte in bytes { take(byte, prompt, &echo, &actions) }
    return (echo, actions)
  }

  private mutating func take(_ byte: UInt8, _ prompt: String?, _ echo: inout String, _ actions: inout [Action]) {
    if !escape.isEmpty { return takeEscape(byte, prompt, &echo) }
    let afterReturn = wasReturn
    wasReturn = byte == 13
    switch byte {
    case 27: escape = [byte]
    case 10 where afterReturn: break
    case 10, 13: finish(prompt, &echo, &actions)
    case 3:
      echo += "^C\n"
      (line, cursor) = ([], 0)
      actions.append(.interrupt)
    case 4: endInput(&actions)
    case 8, 127: erase(1, prompt, &echo)
    case 1: move(to: 0, prompt, &echo)
    case 5: move(to: line.count, prompt, &echo)
    case 21: erase(cursor, prompt, &echo)
    case 23: erase(wordBefore, prompt, &echo)
    case 12:
      guard let prompt else { break }
      echo += "\u{1b}[H\u{1b}[J\(prompt)"
      redraw(prompt, &echo)
    case 9 where prompt != nil: actions.append(.complete(String(line[..<cursor].suffix(while: { $0 != " " }))))
    case 0..<32 where byte != 9: break
    default: takeCharacter(byte, prompt, &echo)
    }
  }

  private mutating func takeCharacter(_ byte: UInt8, _ prompt: String?, _ echo: inout String) {
    unfinished.append(byte)
    if RawText.unfinishedCount(unfinished) > 0 { return }
    let text = RawText.text(unfinished)
    unfinished = []
    insert(text, prompt, &echo)
  }

  /// Puts text at the cursor, as if it were typed.
  mutating func insert(_ text: String, _ prompt: String?, _ echo: inout String) {
    guard line.count + text.count <= Self.lineLimit else { return }
    line.insert(contentsOf: text, at: cursor)
    cursor += text.count
    if cursor == line.count { echo += text } else { redraw(prompt, &echo) }
  }

  private mutating func finish(_ prompt: String?, _ echo: inout String, _ actions: inout [Action]) {
    let text = String(line)
    echo += "\n"
    if prompt != nil, !text.allSatisfy({ $0 == " " }), history.last != text {
      history.append(text)
      if history.count > Self.historyLimit { history.removeFirst() }
    }
    place = history.count
    (line, cursor) = ([], 0)
    actions.append(.input(text + "\n"))
  }

  /// Ctrl-D: at the beginning of a line the end, elsewhere it passes on what there is.
  private mutating func endInput(_ actions: inout [Action]) {
    actions.append(line.isEmpty ? .endOfInput : .input(String(line)))
    (line, cursor) = ([], 0)
  }

  private var wordBefore: Int {
    let before = line[..<cursor]
    let blanks = before.reversed().prefix { $0 == " " }.count
    return blanks + before.dropLast(blanks).reversed().prefix { $0 != " " }.count
  }

  private mutating func erase(_ count: Int, _ prompt: String?, _ echo: inout String) {
    let count = min(count, cursor)
    if count == 0 { return }
    let isAtEnd = cursor == line.count
    line.removeSubrange((cursor - count)..<cursor)
    cursor -= count
    if isAtEnd { echo += String(repeating: "\u{8} \u{8}", count: count) } else { redraw(prompt, &echo) }
  }

  private mutating func move(to place: Int, _ prompt: String?, _ echo: inout String) {
    cursor = max(0, min(line.count, place))
    redraw(prompt, &echo)
  }

  /// Shows the whole line anew.
  func redraw(_ prompt: String?, _ echo: inout String) {
    echo += "\r\(prompt ?? "")\(String(line))\u{1b}[K"
    if cursor < line.count { echo += "\u{1b}[\(line.count - cursor)D" }
  }

  // MARK: Keys

  /// The longest escape sequence that is listened to.
  private static let escapeLimit = 8

  private mutating func takeEscape(_ byte: UInt8, _ prompt: String?, _ echo: inout String) {
    escape.append(byte)
    if escape.count == 2, byte == UInt8(ascii: "[") || byte == UInt8(ascii: "O") { return }
    let isLast = escape.count == 2 || byte >= 0x40 && byte <= 0x7e
    guard isLast || escape.count >= Self.escapeLimit else { return }
    let sequence = String(decoding: escape.dropFirst(2), as: UTF8.self)
    escape = []
    switch sequence {
    case "A": recall(place - 1, prompt, &echo)
    case "B": recall(place + 1, prompt, &echo)
    case "C": move(to: cursor + 1, prompt, &echo)
    case "D": move(to: cursor - 1, prompt, &echo)
    case "H", "1~": move(to: 0, prompt, &echo)
    case "F", "4~": move(to: line.count, prompt, &echo)
    case "3~" where cursor < line.count:
      line.remove(at: cursor)
      redraw(prompt, &echo)
    default: break
    }
  }

  private mutating func recall(_ wanted: Int, _ prompt: String?, _ echo: inout String) {
    guard prompt != nil, wanted >= 0, wanted <= history.count else { return }
    place = wanted
    line = wanted < history.count ? Array(history[wanted]) : []
    cursor = line.count
    redraw(prompt, &echo)
  }
}

extension Collection where Element == Character {
  /// The characters at the end up to the first that is not one of those, from the end.
  fileprivate func suffix(while isOne: (Character) -> Bool) -> [Character] {
    Array(reversed().prefix(while: isOne).reversed())
  }
}
