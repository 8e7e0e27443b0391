/// What a program of `sed` makes of a text.
extension SedProgram {
  func run(_ text: String) -> String {
    var hasQuit = false
    return run(text, hasQuit: &hasQuit)
  }

  /// - Parameter hasQuit: it has ended before the text's end.
  func run(_ text: String, hasQuit: inout Bool) -> String {
    let lines = ShellCommands.lines(text)
    var output = ""
    var isInside = Array(repeating: false, count: commands.count)
    for (index, original) in lines.enumerated() where output.utf8.count < Shell.textLimit {
      var line: String? = original
      var after = ""
      var isLast = false
      for (place, command) in commands.enumerated() {
        guard let current = line, !isLast else { break }
        let applies = applies(command, current, index + 1, lines.count, &isInside[place])
        if applies == command.isNegated { continue }
        switch command.action {
        case .substitute(let pattern, let text, let isGlobal, let nth, let prints):
          if let changed = Self.substituted(current, pattern, text, isGlobal, nth) {
            line = changed
            if prints { output += changed + "\n" }
          }
        case .translate(let table): line = String(current.map { table[$0] ?? $0 })
        case .delete: line = nil
        case .print: output += current + "\n"
        case .number: output += "\(index + 1)\n"
        case .append(let text): after += text + "\n"
        case .insert(let text): output += text + "\n"
        case .change(let text):
          output += text + "\n"
          line = nil
        case .quit: isLast = true
        }
      }
      if let line, !isSilent { output += line + "\n" }
      output += after
      if isLast {
        hasQuit = true
        break
      }
    }
    return output
  }

  private func applies(_ command: Command, _ line: String, _ number: Int, _ count: Int, _ isInside: inout Bool) -> Bool
  {
    func holds(_ address: Address) -> Bool {
      switch address {
      case .line(let wanted): number == wanted
      case .last: number == count
      case .pattern(let pattern): pattern.matches(line)
      }
    }
    guard let first = command.first else { return true }
    guard let last = command.last else { return holds(first) }
    if isInside {
      if holds(last) { isInside = false }
      if case .line(let end) = last, number >= end { isInside = false }
      return true
    }
    guard holds(first) else { return false }
    isInside = true
    if case .line(let end) = last, number >= end { isInside = false }
    return true
  }

  /// nil when nothing matches.
  static func substituted(
    _ line: String, _ pattern: RegularExpression, _ replacement: String, _ isGlobal: Bool, _ nth: Int = 1
  ) -> String? {
    let text = Array(line)
    var result = ""
    var (position, count, hasChanged) = (0, 0, false)
    while position <= text.count, let match = pattern.firstMatch(in: text, from: position) {
      count += 1
      result += String(text[position..<match.range.lowerBound])
      if count >= nth {
        result += expanded(replacement, match, text)
        hasChanged = true
      } else {
        result += String(text[match.range])
      }
      position = match.range.upperBound
      if match.range.isEmpty {
        if position < text.count { result.append(text[position]) }
        position += 1
      }
      if hasChanged, !isGlobal { break }
    }
    if position < text.count { result += String(text[position...]) }
    return hasChanged ? result : nil
  }

  /// `&` and `\1` in what is put in.
  private static func expanded(_ text: String, _ match: RegularExpression.Match, _ line: [Character]) -> String {
    var result = ""
    var isEscape = false
    for character in text {
      if isEscape {
        isEscape = false
        if let number = character.wholeNumberValue {
          if let range = match.groups[safelyAt: number] ?? nil { result += String(line[range]) }
        } else {
          result += character == "n" ? "\n" : character == "t" ? "\t" : String(character)
        }
      } else if character == "\\" {
        isEscape = true
      } else if character == "&" {
        result += String(line[match.range])
      } else {
        result.append(character)
      }
    }
    return result
  }
}
