import Values

/// What writes texts that come from nowhere else.
extension ShellCommands {
  static let output: [String: SimulatedCommand] = [
    "echo": { shell, arguments, world in
      var rest = arguments[...]
      var options: Set<Character> = []
      while let first = rest.first, first.count > 1, first.hasPrefix("-"),
        first.dropFirst().allSatisfy({ "neE".contains($0) })
      {
        options.formUnion(first.dropFirst())
        rest = rest.dropFirst()
      }
      let text = rest.joined(separator: " ")
      let shown = options.contains("e") ? unescaped(text) : text
      shell.write(options.contains("n") ? shown : shown + "\n", to: shell.streams.out, &world)
      return 0
    },
    "printf": { shell, arguments, world in
      guard let format = arguments.first else { return shell.fail("printf: usage: printf FORMAT [ARG]...", &world) }
      shell.write(formatted(format, Array(arguments.dropFirst())), to: shell.streams.out, &world)
      return 0
    },
    "seq": { shell, arguments, world in
      let numbers = arguments.filter { !$0.hasPrefix("-s") }.compactMap { Int($0) }
      let first = numbers.count > 1 ? numbers[0] : 1
      let step = numbers.count > 2 ? numbers[1] : 1
      guard let last = numbers.last, step != 0 else { return shell.fail("seq: missing operand", &world) }
      for number in stride(from: first, through: last, by: step).prefix(10_000) {
        shell.write("\(number)\n", to: shell.streams.out, &world)
      }
      return 0
    },
    "yes": { shell, arguments, _ in
      let text = arguments.isEmpty ? "y" : arguments.joined(separator: " ")
      // Who is not watched writes many at a time.
      let piece = shell.streams.out == .buffer ? 4096 : 256
      let isWatched = [.log, .output, .errors].contains(shell.streams.out)
      let lines = Array(repeating: text, count: isWatched ? 1 : max(1, piece / (text.utf8.count + 1)))
      let words = ["printf", "%s\n", lines.joined(separator: "\n")]
      let echo = SimpleCommand(words: words.map { ShellWord(parts: [.text($0, isQuoted: true)]) })
      shell.frames.append(
        .loopTest(ShellLoop(condition: .sequence([]), body: .simple(echo), isUntil: false)))
      return 0
    },
    "date": { shell, arguments, world in
      let text = Calendar(world.now).text(arguments)
      shell.print(text, &world)
      return 0
    },
  ]

  /// `\n`, `\t`, `\\`, `\0`
  static func unescaped(_ text: String) -> String {
    var result = ""
    var isEscape = false
    for character in text {
      if isEscape {
        let meant: [Character: String] = ["n": "\n", "t": "\t", "\\": "\\", "r": "\r", "a": "", "e": "\u{1b}", "0": ""]
        result += meant[character] ?? "\\\(character)"
        isEscape = false
      } else if character == "\\" {
        isEscape = true
      } else {
        result.append(character)
      }
    }
    return isEscape ? result + "\\" : result
  }

  /// `printf`: the format again and again, until the arguments are used up.
  /// - Parameter isOnce: as `awk` does it, whatever is left.
  static func formatted(_ format: String, _ arguments: [String], isOnce: Bool = false) -> String {
    var rest = arguments[...]
    var result = ""
    repeat {
      let before = rest.count
      result += once(unescaped(format), &rest)
      if isOnce || rest.count == before { break }
    } while !rest.isEmpty && result.utf8.count < Shell.textLimit
    return result
  }

  private static func once(_ format: String, _ arguments: inout ArraySlice<String>) -> String {
    var result = ""
    var directive: String?
    for character in format {
      guard let open = directive else {
        if character == "%" { directive = "" } else { result.append(character) }
        continue
      }
      if character == "%", open.isEmpty {
        result.append("%")
      } else if character.isLetter {
        result += padded(character, arguments.popFirst() ?? "", open)
      } else {
        directive = open + String(character)
        continue
      }
      directive = nil
    }
    return result
  }

  /// One value: `%5s`, `%-5s`, `%03d`, `%b`.
  private static func padded(_ kind: Character, _ value: String, _ flags: String) -> String {
    let parts = flags.split(separator: ".", omittingEmptySubsequences: false)
    var text = kind == "b" ? unescaped(value) : value
    if kind == "d" || kind == "i" {
      text = Int(value).map { String($0) } ?? fixed((Double(value) ?? 0).rounded(.towardZero), 0)
    }
    if kind == "x" { text = String(Int(value) ?? 0, radix: 16) }
    if kind == "f" || kind == "g" || kind == "e" {
      let places = parts.count > 1 ? Int(parts[1]) ?? 0 : 6
      text = fixed(Double(value) ?? 0, places)
      if kind == "g" { text = text.trimmedZeros }
    }
    if kind == "c" { text = String(value.prefix(1)) }
    let isLeft = flags.hasPrefix("-")
    let digits = parts.first.map { $0.drop { $0 == "-" } } ?? ""
    let width = min(Int(digits) ?? 0, 1000)
    if kind == "s", parts.count > 1, let most = Int(parts[1]) { text = String(text.prefix(max(0, most))) }
    let fill = String(repeating: digits.hasPrefix("0") && kind != "s" ? "0" : " ", count: max(0, width - text.count))
    return isLeft ? text + fill : fill + text
  }

  /// A number with so many places behind the point.
  static func fixed(_ number: Double, _ places: Int) -> String {
    let places = min(max(places, 0), 15)
    let scale = (0..<places).reduce(1.0) { product, _ in product * 10 }
    let scaled = (abs(number) * scale).rounded()
    guard number.isFinite, scaled < 9e18 else { return number.isNaN ? "nan" : String(number) }
    let digits = String(Int64(scaled))
    let filled = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    let sign = number < 0 && scaled > 0 ? "-" : ""
    return sign + filled.dropLast(places) + (places > 0 ? "." + filled.suffix(places) : "")
  }
}

extension Array {
  /// The element at a place; nil beyond the ends.
  subscript(safelyAt index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
