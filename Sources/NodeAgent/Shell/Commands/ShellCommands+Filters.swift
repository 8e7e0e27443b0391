import Values

/// What reads texts and writes others.
extension ShellCommands {
  static let filters: [String: SimulatedCommand] = [
    "head": { shell, arguments, world in
      let (count, names) = lineCount(arguments)
      return filter(names, "head", &shell, &world) { Array($0.prefix(count)) }
    },
    "sort": { shell, arguments, world in
      let (letters, names) = options(arguments)
      return filter(names, "sort", &shell, &world) { lines in
        var sorted = lines.sorted { letters.contains("n") ? (Int($0) ?? 0) < (Int($1) ?? 0) : $0 < $1 }
        if letters.contains("r") { sorted.reverse() }
        return letters.contains("u") ? unique(sorted) : sorted
      }
    },
    "uniq": { shell, arguments, world in
      filter(options(arguments).rest, "uniq", &shell, &world) { unique($0) }
    },
    "rev": { shell, arguments, world in
      filter(arguments, "rev", &shell, &world) { $0.map { String($0.reversed()) } }
    },
    "wc": { shell, arguments, world in
      let (letters, names) = options(arguments)
      var text = names.isEmpty ? shell.input : ""
      let status = each(names, "wc", &shell, &world) { _, more, _ in text += more }
      let counts = [
        ("l", text.count { $0 == "\n" }), ("w", text.split(whereSeparator: \.isWhitespace).count),
        ("c", text.utf8.count),
      ]
      let shown = counts.filter { letters.isEmpty || letters.contains(Character($0.0)) }.map { String($0.1) }
      shell.print((shown + (names.count == 1 ? names : [])).joined(separator: " "), &world)
      return status
    },
    "grep": grep,
    "cut": { shell, arguments, world in
      var separator: Character = "\t"
      var field = 1
      var rest = arguments[...]
      var names: [String] = []
      while let argument = rest.popFirst() {
        let value = { argument.count > 2 ? String(argument.dropFirst(2)) : rest.popFirst() ?? "" }
        if argument.hasPrefix("-d") {
          separator = value().first ?? separator
        } else if argument.hasPrefix("-f") {
          field = max(1, Int(value()) ?? field)
        } else {
          names.append(argument)
        }
      }
      return filter(names, "cut", &shell, &world) { lines in
        lines.map { line in
          let fields = line.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
          return fields.count == 1 ? line : fields[safelyAt: field - 1] ?? ""
        }
      }
    },
    "tr": { shell, arguments, world in
      let (letters, sets) = options(arguments)
      let from = Array(range(unescaped(sets.first ?? "")))
      let to = Array(range(unescaped(sets[safelyAt: 1] ?? "")))
      let text = shell.input.compactMap { character -> Character? in
        guard let index = from.firstIndex(of: character) else { return character }
        return letters.contains("d") ? nil : to[safelyAt: index] ?? to.last ?? character
      }
      shell.write(String(text), to: shell.streams.out, &world)
      return 0
    },
    "base64": { shell, arguments, world in
      let (letters, _) = options(arguments)
      let input = shell.input
      if letters.contains("d") {
        let bytes = Base64.decode(String(input.filter { !$0.isWhitespace })) ?? []
        shell.write(String(decoding: bytes, as: UTF8.self), to: shell.streams.out, &world)
      } else {
        shell.print(Base64.encode(Array(input.utf8)), &world)
      }
      return 0
    },
    "basename": { shell, arguments, world in
      let last = arguments.first?.split(separator: "/").last.map(String.init) ?? "/"
      let suffix = arguments[safelyAt: 1] ?? ""
      shell.print(last.hasSuffix(suffix) ? String(last.dropLast(suffix.count)) : last, &world)
      return 0
    },
    "dirname": { shell, arguments, world in
      let text = arguments.first ?? ""
      let parts = text.split(separator: "/").dropLast().joined(separator: "/")
      shell.print(text.hasPrefix("/") ? "/" + parts : parts.isEmpty ? "." : parts, &world)
      return 0
    },
  ]

  /// `a-z` as all its letters.
  private static func range(_ text: String) -> String {
    let characters = Array(text)
    guard characters.count == 3, characters[1] == "-", let low = characters[0].asciiValue,
      let high = characters[2].asciiValue, low <= high
    else { return text }
    return String(decoding: low...high, as: UTF8.self)
  }

  private static func unique(_ lines: [String]) -> [String] {
    lines.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
  }

  private static func filter(
    _ names: [String], _ program: String, _ shell: inout Shell, _ world: inout ShellWorld,
    _ work: ([String]) -> [String]
  ) -> Int {
    var text = names.isEmpty ? shell.input : ""
    let status = each(names, program, &shell, &world) { _, more, _ in text += more }
    for line in work(lines(text)) { shell.print(line, &world) }
    return status
  }

  /// Plain texts, with `^` and `$` at the ends; no further patterns.
  private static let grep: SimulatedCommand = { shell, arguments, world in
    let (letters, rest) = options(arguments)
    guard let pattern = rest.first else { return shell.fail("grep: no pattern", &world, code: 2) }
    let names = Array(rest.dropFirst())
    var text = names.isEmpty ? shell.input : ""
    let status = each(names, "grep", &shell, &world) { _, more, _ in text += more }
    if status != 0 { return 2 }
    let found = lines(text).filter { matches(pattern, $0, ignoresCase: letters.contains("i")) != letters.contains("v") }
    if letters.contains("c") {
      shell.print(String(found.count), &world)
    } else if !letters.contains("q") {
      for line in found { shell.print(line, &world) }
    }
    return found.isEmpty ? 1 : 0
  }

  private static func matches(_ pattern: String, _ line: String, ignoresCase: Bool) -> Bool {
    let line = ignoresCase ? line.lowercased() : line
    return (ignoresCase ? pattern.lowercased() : pattern).components(separatedBy: "\\|").contains { part in
      var text = part[...]
      let isStart = text.hasPrefix("^")
      if isStart { text.removeFirst() }
      let isEnd = text.hasSuffix("$")
      if isEnd { text.removeLast() }
      let glob = text.replacing(".*", with: "*")
      return Glob.matches((isStart ? "" : "*") + glob + (isEnd ? "" : "*"), line)
    }
  }
}
