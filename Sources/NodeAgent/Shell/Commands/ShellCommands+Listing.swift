import Values

/// `ls` and `stat`.
extension ShellCommands {
  static let listings: [String: SimulatedCommand] = ["ls": list, "stat": stat]

  private static let list: SimulatedCommand = { shell, arguments, world in
    let (letters, names) = options(arguments)
    var status = 0
    let all = names.isEmpty ? ["."] : names
    for name in all {
      let path = shell.path(name)
      // A link that is named itself is followed, but not where its own line is wanted.
      guard world.status(path, follows: !letters.contains("l")) != nil else {
        status = shell.fail("ls: \(name): No such file or directory", &world)
        continue
      }
      if letters.contains("R"), isListed(path, letters, world) {
        listDeep(path, name, letters, &shell, &world)
        continue
      }
      if all.count > 1, isListed(path, letters, world) { shell.print("\(name):", &world) }
      list(path, name, letters, &shell, &world)
    }
    return status
  }

  /// A folder and all below it.
  private static func listDeep(
    _ path: String, _ name: String, _ letters: Set<Character>, _ shell: inout Shell, _ world: inout ShellWorld
  ) {
    var isFirst = true
    for inner in world.entries(below: path) where world.status(inner, follows: inner == path)?.isFolder == true {
      let below = inner.dropFirst(path.count).drop { $0 == "/" }
      if !isFirst { shell.print("", &world) }
      isFirst = false
      let shown = below.isEmpty ? name : (name.hasSuffix("/") ? name : name + "/") + below
      shell.print("\(shown):", &world)
      list(inner, shown, letters, &shell, &world)
    }
  }

  private static func isListed(_ path: String, _ letters: Set<Character>, _ world: ShellWorld) -> Bool {
    world.status(path, follows: !letters.contains("l"))?.isFolder == true && !letters.contains("d")
  }

  private static func list(
    _ path: String, _ name: String, _ letters: Set<Character>, _ shell: inout Shell, _ world: inout ShellWorld
  ) {
    guard isListed(path, letters, world) else {
      return shell.print(letters.contains("l") ? line(name, path, letters, world) : name, &world)
    }
    var entries = world.names(in: path).filter { !letters.isDisjoint(with: ["a", "A"]) || !$0.hasPrefix(".") }
    if letters.contains("a") { entries = [".", ".."] + entries }
    if letters.contains("r") { entries.reverse() }
    if letters.contains("l") { shell.print("total \(entries.count * 4)", &world) }
    for entry in entries {
      let full =
        entry == "." ? path : entry == ".." ? ShellWorld.folder(of: path) : path.isEmpty ? entry : path + "/" + entry
      shell.print(letters.contains("l") ? line(entry, full, letters, world) : entry, &world)
    }
  }

  private static func line(_ name: String, _ path: String, _ letters: Set<Character>, _ world: ShellWorld) -> String {
    guard let entry = world.status(path, follows: false) else { return name }
    let kind = entry.isFolder ? "d" : entry.target != nil ? "l" : "-"
    let isPlain = letters.contains("n")
    let owner = padded(left: userName(entry.owner.user, isPlain), 8)
    let group = padded(left: userName(entry.owner.group, isPlain), 8)
    let links = padded(String(entry.isFolder ? 2 : 1), 5)
    let time = Calendar(entry.modified ?? world.start).text(["+%b %e %H:%M"])
    let target = entry.target.map { " -> \($0)" } ?? ""
    return "\(kind)\(entry.mode.letters)\(links) \(owner) \(group) \(padded(size(entry, letters), 9)) \(time) \(name)"
      + target
  }

  private static func size(_ entry: FileEntry, _ letters: Set<Character>) -> String {
    guard letters.contains("h"), entry.size >= 1024 else { return String(entry.size) }
    let tenths = entry.size * 10 / 1024
    return tenths < 10240 ? "\(tenths / 10).\(tenths % 10)K" : "\(tenths / 10240).\(tenths / 1024 % 10)M"
  }

  private static func padded(left text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  /// `root`, `1000`
  static func userName(_ id: Int, _ isPlain: Bool = false) -> String { id == 0 && !isPlain ? "root" : String(id) }

  // MARK: stat

  /// `stat -c '%a %u %g' file`
  private static let stat: SimulatedCommand = { shell, arguments, world in
    var (format, follows, names) = (String?.none, false, [String]())
    var rest = arguments[...]
    while let word = rest.popFirst() {
      switch word {
      case "-c": format = rest.popFirst()
      case "-L": follows = true
      case "-Lc", "-cL": (format, follows) = (rest.popFirst(), true)
      case let long where long.hasPrefix("--format="): format = String(long.dropFirst(9))
      case let long where long.hasPrefix("--printf="): format = String(long.dropFirst(9))
      case let option where option.hasPrefix("-") && option.count > 1: break
      default: names.append(word)
      }
    }
    var status = 0
    for name in names {
      guard let entry = world.status(shell.path(name), follows: follows) else {
        status = shell.fail("stat: can't stat '\(name)': No such file or directory", &world)
        continue
      }
      shell.print(described(entry, name, format ?? usualFormat, world), &world)
    }
    return status
  }

  private static let usualFormat =
    "  File: %N\n  Size: %s\t\tBlocks: %b          IO Block: 4096   %F\n"
    + "Access: (0%a/%A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)\nModify: %y"

  private static func described(_ entry: FileEntry, _ name: String, _ format: String, _ world: ShellWorld) -> String {
    let kind = entry.isFolder ? "directory" : entry.target != nil ? "symbolic link" : "regular file"
    let time = entry.modified ?? world.start
    let letters = (entry.isFolder ? "d" : entry.target != nil ? "l" : "-") + entry.mode.letters
    let values: [Character: String] = [
      "a": entry.mode.digits, "A": letters, "u": String(entry.owner.user), "g": String(entry.owner.group),
      "U": userName(entry.owner.user), "G": userName(entry.owner.group), "s": String(entry.size), "n": name,
      "N": entry.target.map { "'\(name)' -> '\($0)'" } ?? name, "F": kind, "Y": String(time.seconds),
      "y": Calendar(time).text(["+%F %T.000000000 +0000"]), "b": String((entry.size + 511) / 512), "h": "1",
      "f": String((entry.isFolder ? 0o40000 : 0o100000) | Int(entry.mode.rawValue), radix: 16), "i": "1", "%": "%",
    ]
    var result = ""
    var rest = format[...]
    while let character = rest.popFirst() {
      guard character == "%" else {
        result.append(character)
        continue
      }
      let width = rest.prefix { $0.isNumber }
      rest = rest.dropFirst(width.count)
      guard let letter = rest.popFirst() else { break }
      result += padded(values[letter] ?? "?", Int(width) ?? 0)
    }
    return result.replacing("\\n", with: "\n")
  }
}
