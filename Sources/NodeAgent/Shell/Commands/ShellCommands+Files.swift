import Values

/// Files and folders.
extension ShellCommands {
  static let files: [String: SimulatedCommand] = [
    "cat": { shell, arguments, world in
      let (_, names) = options(arguments)
      if names.isEmpty {
        if shell.streams.input == nil { shell.frames.append(.copyInput) }
        shell.write(shell.streams.input ?? "", to: shell.streams.out, &world)
      }
      return each(names, "cat", &shell, &world) { shell, text, world in
        shell.write(text, to: shell.streams.out, &world)
      }
    },
    "cd": { shell, arguments, world in
      let target = arguments.first ?? shell.variables["HOME"] ?? "/root"
      if !world.isDirectory(shell.path(target)), !isKnownFolder(target) {
        return shell.fail("\(shell.name): cd: can't cd to \(target): No such file or directory", &world)
      }
      shell.folder = shell.path(target)
      return 0
    },
    "pwd": { shell, _, world in
      shell.print("/" + shell.folder, &world)
      return 0
    },
    "ls": list,
    "touch": { shell, arguments, world in
      change(options(arguments).rest, "touch", &shell, &world) { path, world throws(ShellWorld.Failure) in
        if !world.exists(path) { try world.write(path, "") }
      }
    },
    "mkdir": { shell, arguments, world in
      change(options(arguments).rest, "mkdir", &shell, &world) { path, world throws(ShellWorld.Failure) in
        try world.makeDirectory(path)
      }
    },
    "rm": { shell, arguments, world in
      let (letters, names) = options(arguments)
      return change(names, "rm", &shell, &world) { path, world throws(ShellWorld.Failure) in
        if letters.contains("f"), !world.exists(path) { return }
        if world.isDirectory(path), letters.isDisjoint(with: ["r", "R"]) { throw .isDirectory }
        try world.remove(path)
      }
    },
    "rmdir": { shell, arguments, world in
      change(options(arguments).rest, "rmdir", &shell, &world) { path, world throws(ShellWorld.Failure) in
        try world.remove(path)
      }
    },
    "cp": copy(removes: false), "mv": copy(removes: true),
    "chmod": { _, _, _ in 0 }, "chown": { _, _, _ in 0 }, "ln": { _, _, _ in 0 }, "sync": { _, _, _ in 0 },
    "umask": { _, _, _ in 0 },
    "tee": { shell, arguments, world in
      let (letters, names) = options(arguments)
      let text = shell.input
      shell.write(text, to: shell.streams.out, &world)
      return change(names, "tee", &shell, &world) { path, world throws(ShellWorld.Failure) in
        try world.write(path, text, appends: letters.contains("a"))
      }
    },
    "tail": tail,
  ]

  private static func isKnownFolder(_ target: String) -> Bool { target == "-" || target == "~" }

  /// Reads each file and passes its text on; a status of 1 when one of them could not be read.
  static func each(
    _ names: [String], _ program: String, _ shell: inout Shell, _ world: inout ShellWorld,
    _ use: (inout Shell, String, inout ShellWorld) -> Void
  ) -> Int {
    var status = 0
    for name in names {
      do throws(ShellWorld.Failure) {
        let text = name == "-" ? shell.input : name == "/dev/null" ? "" : try world.read(shell.path(name))
        use(&shell, text, &world)
      } catch {
        status = shell.fail("\(program): can't open '\(name)': \(error.text)", &world)
      }
    }
    return status
  }

  private static func change(
    _ names: [String], _ program: String, _ shell: inout Shell, _ world: inout ShellWorld,
    _ work: (String, inout ShellWorld) throws(ShellWorld.Failure) -> Void
  ) -> Int {
    var status = 0
    for name in names {
      do throws(ShellWorld.Failure) { try work(shell.path(name), &world) } catch {
        status = shell.fail("\(program): \(name): \(error.text)", &world)
      }
    }
    return status
  }

  private static let list: SimulatedCommand = { shell, arguments, world in
    let (letters, names) = options(arguments)
    var status = 0
    for name in names.isEmpty ? ["."] : names {
      let path = shell.path(name)
      guard world.exists(path) else {
        status = shell.fail("ls: \(name): No such file or directory", &world)
        continue
      }
      let shown = world.isDirectory(path) ? world.names(in: path) : [name]
      for entry in shown where letters.contains("a") || !entry.hasPrefix(".") {
        let full = world.isDirectory(path) ? (path.isEmpty ? entry : path + "/" + entry) : path
        shell.print(letters.contains("l") ? line(entry, full, world) : entry, &world)
      }
    }
    return status
  }

  private static func line(_ name: String, _ path: String, _ world: ShellWorld) -> String {
    let isFolder = world.isDirectory(path)
    let size = isFolder ? 4096 : ((try? world.read(path)) ?? "").utf8.count
    let digits = String(size)
    let padding = String(repeating: " ", count: max(0, 8 - digits.count))
    return "\(isFolder ? "drwxr-xr-x" : "-rw-r--r--")    1 root     root     \(padding)\(digits) "
      + "\(Calendar(world.now).text(["+%b %e %H:%M"])) \(name)"
  }

  private static func copy(removes: Bool) -> SimulatedCommand {
    { shell, arguments, world in
      let program = removes ? "mv" : "cp"
      let names = options(arguments).rest
      guard names.count >= 2, let target = names.last else {
        return shell.fail("\(program): missing file operand", &world)
      }
      let into = world.isDirectory(shell.path(target))
      var status = 0
      for name in names.dropLast() {
        let from = shell.path(name)
        let last = from.split(separator: "/").last.map(String.init) ?? from
        let to = into ? shell.path(target + "/" + last) : shell.path(target)
        do throws(ShellWorld.Failure) {
          try copy(from, to, &world)
          if removes { try world.remove(from) }
        } catch {
          status = shell.fail("\(program): can't stat '\(name)': \(error.text)", &world)
        }
      }
      return status
    }
  }

  private static func copy(_ from: String, _ to: String, _ world: inout ShellWorld) throws(ShellWorld.Failure) {
    guard world.isDirectory(from) else { return try world.write(to, try world.read(from)) }
    try world.makeDirectory(to)
    for name in world.names(in: from).prefix(FileTree.countLimit) where !to.hasPrefix(from + "/") {
      try copy(from + "/" + name, to + "/" + name, &world)
    }
  }

  /// `tail -n 5 file`; `-f` shows what there is and then goes on for ever.
  private static let tail: SimulatedCommand = { shell, arguments, world in
    let part = TextPart(arguments)
    let status = filter(part.names, "tail", &shell, &world) { part.tail(of: $0) }
    if part.follows, status == 0 { shell.pending.append(.endless) }
    return status
  }

  static func lines(_ text: String) -> [String] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    return lines
  }
}
