import Values

/// `find` and `xargs`.
extension ShellCommands {
  static let trees: [String: SimulatedCommand] = [
    "find": find, "xargs": xargs,
  ]

  /// The most commands that one `xargs` or `-exec` runs.
  private static let runLimit = 200

  /// `find /data -name '*.log' -type f -maxdepth 2 -exec rm {} \;`
  private static let find: SimulatedCommand = { shell, arguments, world in
    let roots = Array(arguments.prefix { !$0.hasPrefix("-") && $0 != "!" })
    var tests: [(String, FileEntry?) -> Bool] = []
    var (isNegated, deletes, prints, ending) = (false, false, true, "\n")
    var command: [String] = []
    var deepest = Int.max
    var rest = arguments.dropFirst(roots.count)
    while let word = rest.popFirst() {
      var test: ((String, FileEntry?) -> Bool)?
      switch word {
      case "!", "-not":
        isNegated.toggle()
        continue
      case "-name", "-iname":
        let pattern = rest.popFirst() ?? ""
        test = { path, _ in Glob.matches(pattern, path.split(separator: "/").last.map(String.init) ?? path) }
      case "-path", "-wholename":
        let pattern = rest.popFirst() ?? ""
        test = { path, _ in Glob.matches(pattern, path) }
      case "-type":
        let kind = rest.popFirst()
        test = { _, entry in
          kind == "d" ? entry?.isFolder == true : kind == "l" ? entry?.target != nil : kind == "f" && entry?.text != nil
        }
      case "-maxdepth": deepest = rest.popFirst().flatMap { Int($0) } ?? deepest
      case "-mindepth", "-mtime", "-mmin", "-size", "-newer", "-user", "-perm": _ = rest.popFirst()
      case "-delete": deletes = true
      case "-print0": ending = "\0"
      case "-exec":
        command = Array(rest.prefix { $0 != ";" && $0 != "+" })
        rest = rest.dropFirst(command.count + 1)
        prints = false
      default: continue
      }
      if let test {
        let wanted = !isNegated
        tests.append { test($0, $1) == wanted }
        isNegated = false
      }
    }
    var status = 0
    var runs: [[String]] = []
    for root in roots.isEmpty ? ["."] : roots {
      let base = shell.path(root)
      if !world.exists(base) { status = shell.fail("find: \(root): No such file or directory", &world) }
      for path in world.entries(below: base) {
        let inside = path.dropFirst(base.count).drop { $0 == "/" }
        let depth = inside.split(separator: "/").count
        let shown = inside.isEmpty ? root : (root.hasSuffix("/") ? root : root + "/") + inside
        guard depth <= deepest, tests.allSatisfy({ $0(shown, world.status(path, follows: false)) }) else { continue }
        if deletes {
          try? world.remove(path)
        } else if prints {
          shell.write(shown + ending, to: shell.streams.out, &world)
        }
        if !command.isEmpty { runs.append(command.map { $0.replacing("{}", with: shown) }) }
      }
    }
    shell.queue(Array(runs.prefix(runLimit)))
    return status
  }

  /// `xargs -n 1 -I {} cmd`
  private static let xargs: SimulatedCommand = { shell, arguments, world in
    var (count, mark, separator) = (Int.max, String?.none, Character?.none)
    var rest = arguments[...]
    while let option = rest.first, option.hasPrefix("-"), option.count > 1 {
      rest.removeFirst()
      switch option.prefix(2) {
      case "-n", "-L":
        count = max(1, Int(option.count > 2 ? String(option.dropFirst(2)) : rest.popFirst() ?? "") ?? count)
      case "-I": mark = option.count > 2 ? String(option.dropFirst(2)) : rest.popFirst()
      case "-P", "-s": if option.count == 2 { _ = rest.popFirst() }
      case "-d": separator = unescaped(option.count > 2 ? String(option.dropFirst(2)) : rest.popFirst() ?? "").first
      case "-0": separator = "\0"
      default: break
      }
    }
    let command = rest.isEmpty ? ["echo"] : Array(rest)
    let input = shell.input
    let items =
      mark != nil
      ? lines(input)
      : separator.map { input.split(separator: $0).map(String.init) }
        ?? input.split(whereSeparator: \.isWhitespace).map { String($0).filter { $0 != "'" && $0 != "\"" } }
    if items.isEmpty, arguments.contains("-r") || mark != nil { return 0 }
    var runs: [[String]] = []
    if let mark {
      runs = items.map { item in command.map { $0.replacing(mark, with: item) } }
    } else {
      for start in stride(from: 0, to: max(1, items.count), by: min(count, max(1, items.count))) {
        runs.append(command + items[start...].prefix(count))
      }
    }
    shell.queue(Array(runs.prefix(runLimit)))
    return 0
  }
}

extension Shell {
  /// Runs commands one after another.
  mutating func queue(_ commands: [[String]]) {
    let list = commands.map { words in
      ShellCommand.simple(SimpleCommand(words: words.map { ShellWord(parts: [.text($0, isQuoted: true)]) }))
    }
    if !list.isEmpty { frames.append(.sequence(list, from: 0)) }
  }
}
