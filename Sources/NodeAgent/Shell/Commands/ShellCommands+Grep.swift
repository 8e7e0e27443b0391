/// `grep`: patterns, and what is shown of the lines that match.
extension ShellCommands {
  static let searches: [String: SimulatedCommand] = [
    "grep": grep(isExtended: false, isFixed: false), "egrep": grep(isExtended: true, isFixed: false),
    "fgrep": grep(isExtended: false, isFixed: true),
  ]

  private static func grep(isExtended: Bool, isFixed: Bool) -> SimulatedCommand {
    { shell, arguments, world in
      var letters: Set<Character> = []
      var patterns: [String] = []
      var names: [String] = []
      var limit = Int.max
      var rest = arguments[...]
      while let argument = rest.popFirst() {
        if argument == "-e" || argument == "--regexp" {
          patterns += rest.popFirst().map { [$0] } ?? []
        } else if argument == "-m" {
          limit = rest.popFirst().flatMap { Int($0) } ?? limit
        } else if ["-A", "-B", "-C"].contains(argument) {
          _ = rest.popFirst()
        } else if argument.hasPrefix("--") {
          letters.formUnion(longOptions[argument] ?? "")
        } else if argument.hasPrefix("-"), argument.count > 1 {
          letters.formUnion(argument.dropFirst())
          if argument.hasSuffix("e") { patterns += rest.popFirst().map { [$0] } ?? [] }
        } else if patterns.isEmpty {
          patterns = argument.components(separatedBy: "\n")
        } else {
          names.append(argument)
        }
      }
      guard !patterns.isEmpty else { return shell.fail("grep: no pattern", &world, code: 2) }
      let isPlain = isFixed || letters.contains("F")
      let expressions = patterns.compactMap { pattern in
        RegularExpression(
          framed(isPlain ? escaped(pattern) : pattern, letters, isExtended || letters.contains("E"), isPlain),
          isExtended: !isPlain && (isExtended || letters.contains("E")), ignoresCase: letters.contains("i"))
      }
      guard expressions.count == patterns.count else {
        return shell.fail("grep: bad regex '\(patterns.joined(separator: "\n"))'", &world, code: 2)
      }
      if names.isEmpty, letters.contains("r") || letters.contains("R") { names = ["."] }
      return search(expressions, names, letters, limit, &shell, &world)
    }
  }

  private static let longOptions: [String: String] = [
    "--quiet": "q", "--silent": "q", "--count": "c", "--ignore-case": "i", "--invert-match": "v",
    "--only-matching": "o",
    "--line-number": "n", "--extended-regexp": "E", "--fixed-strings": "F", "--word-regexp": "w", "--line-regexp": "x",
    "--recursive": "r", "--files-with-matches": "l", "--no-filename": "h",
  ]

  /// Every sign that could mean something, taken for itself.
  private static func escaped(_ text: String) -> String {
    String(text.flatMap { ".[]*^$\\".contains($0) ? ["\\", $0] : [$0] })
  }

  /// `-w` and `-x` as parts of the pattern.
  private static func framed(_ pattern: String, _ letters: Set<Character>, _ isExtended: Bool, _ isPlain: Bool)
    -> String
  {
    let (open, close) = isExtended && !isPlain ? ("(", ")") : ("\\(", "\\)")
    if letters.contains("x") { return "^\(open)\(pattern)\(close)$" }
    return letters.contains("w") ? "\\b\(open)\(pattern)\(close)\\b" : pattern
  }

  private static func search(
    _ expressions: [RegularExpression], _ names: [String], _ letters: Set<Character>, _ limit: Int,
    _ shell: inout Shell,
    _ world: inout ShellWorld
  ) -> Int {
    var texts: [(name: String, text: String)] = names.isEmpty ? [("(standard input)", shell.input)] : []
    var status = 1
    for name in names {
      let isDeep = letters.contains("r") || letters.contains("R")
      let files = isDeep ? world.files(below: shell.path(name)).map { "/" + $0 } : [name]
      for file in files {
        do throws(ShellWorld.Failure) { texts.append((file, try world.read(shell.path(file)))) } catch {
          status = shell.fail("grep: \(file): \(error.text)", &world, code: 2)
        }
      }
    }
    let showsName = texts.count > 1 && !letters.contains("h") || letters.contains("H")
    for (name, text) in texts {
      var found = 0
      for (index, line) in lines(text).enumerated() where found < (letters.contains("q") ? 1 : limit) {
        let characters = Array(line)
        let match = expressions.lazy.compactMap { $0.firstMatch(in: characters) }.first
        if (match != nil) == letters.contains("v") { continue }
        found += 1
        if !letters.isDisjoint(with: ["c", "q", "l"]) { continue }
        let head = (showsName ? name + ":" : "") + (letters.contains("n") ? "\(index + 1):" : "")
        guard letters.contains("o") else {
          shell.print(head + line, &world)
          continue
        }
        for piece in pieces(of: characters, expressions) { shell.print(head + piece, &world) }
      }
      // It reads no further.
      if found >= limit || found > 0 && letters.contains("q") { shell.ranDry = false }
      if letters.contains("c") { shell.print((showsName ? name + ":" : "") + String(found), &world) }
      if letters.contains("l"), found > 0 { shell.print(name, &world) }
      if found > 0, status == 1 { status = 0 }
    }
    return status
  }

  /// All that matches in a line, for `-o`.
  private static func pieces(of line: [Character], _ expressions: [RegularExpression]) -> [String] {
    var pieces: [String] = []
    for expression in expressions {
      var position = 0
      while position <= line.count, let match = expression.firstMatch(in: line, from: position) {
        if !match.range.isEmpty { pieces.append(String(line[match.range])) }
        position = max(match.range.upperBound, position + 1)
      }
    }
    return pieces
  }
}

extension ShellWorld {
  /// All files below a folder, or the file itself; paths without slashes at their ends.
  func files(below path: String, depth: Int = 0) -> [String] {
    entries(below: path, depth: depth).filter { status($0, follows: depth == 0 && $0 == path)?.text != nil }
  }

  /// All files and folders below one, and that itself, first the outer ones.
  func entries(below path: String, depth: Int = 0) -> [String] {
    guard let entry = status(path, follows: depth == 0) else { return [] }
    guard depth < 30, entry.isFolder else { return [path] }
    return [path]
      + names(in: path).prefix(FileTree.countLimit).flatMap {
        entries(below: path.isEmpty ? $0 : "\(path)/\($0)", depth: depth + 1)
      }
  }
}
