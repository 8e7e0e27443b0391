/// What `head` and `tail` show: `-n 5`, `-5`, `-c 10`, `-n +3`; ten lines when nothing is said.
struct TextPart {
  var count = 10
  var isBytes = false
  /// From the beginning, for `tail`; without the last ones, for `head`.
  var isFromStart = false
  var isWithoutLast = false
  var follows = false
  var names: [String] = []

  init(_ arguments: [String]) {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "-n" || argument == "-c" || argument == "--lines" || argument == "--bytes" {
        isBytes = argument == "-c" || argument == "--bytes"
        read(rest.popFirst() ?? "")
      } else if argument == "-s" || argument == "--pid" {
        _ = rest.popFirst()
      } else if argument.hasPrefix("--") {
        follows = follows || argument.hasPrefix("--follow")
        if let value = argument.split(separator: "=").last, value.count < argument.count, !follows {
          read(String(value))
        }
      } else if argument.hasPrefix("-"), argument.count > 1 {
        follows = follows || argument.contains("f") || argument.contains("F")
        isBytes = isBytes || argument.contains("c")
        let number = argument.drop { !$0.isNumber && $0 != "+" }
        if !number.isEmpty { read(String(number)) } else if argument.hasSuffix("n") { read(rest.popFirst() ?? "") }
      } else {
        names.append(argument)
      }
    }
  }

  private mutating func read(_ text: String) {
    isFromStart = text.hasPrefix("+")
    isWithoutLast = text.hasPrefix("-")
    count = Int(text.filter(\.isNumber)) ?? count
  }

  func head(of text: String) -> String {
    if isBytes {
      let bytes = RawText.bytes(text)
      return RawText.text(Array(isWithoutLast ? bytes.dropLast(count) : bytes.prefix(count)))
    }
    let lines = ShellCommands.lines(text)
    return ShellCommands.joined(Array(isWithoutLast ? lines.dropLast(count) : lines.prefix(count)))
  }

  /// Whether `head` reads no further than this.
  func isEnough(_ text: String) -> Bool {
    !isWithoutLast && !isBytes && text.utf8.lazy.filter { $0 == UInt8(ascii: "\n") }.prefix(count).count == count
  }

  func tail(of text: String) -> String {
    if isBytes {
      let bytes = RawText.bytes(text)
      return RawText.text(Array(isFromStart ? bytes.dropFirst(max(0, count - 1)) : bytes.suffix(count)))
    }
    let lines = ShellCommands.lines(text)
    return ShellCommands.joined(Array(isFromStart ? lines.dropFirst(max(0, count - 1)) : lines.suffix(count)))
  }
}
