import Values

/// Files and folders.
extension ShellCommands {
  static let files: [String: SimulatedCommand] = [
    "cat": { shell, arguments, world in
      let (_, names) = options(arguments)
      if names.isEmpty {
        if shell.streams.input == nil { shell.frames.append(.copyInput) }
        shell.ranDry = shell.ranDry || shell.streams.isCut
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
    "touch": { shell, arguments, world in
      change(options(arguments).rest, "touch", &shell, &world) { path, world throws(ShellWorld.Failure) in
        if !world.isDirectory(path) { try world.write(path, "", appends: true) }
      }
    },
    "mkdir": { shell, arguments, world in
      let (mode, letters, names) = folderOptions(arguments)
      return change(names, "mkdir: can't create directory", &shell, &world) { path, world throws(ShellWorld.Failure) in
        if letters.contains("p") {
          let parts = path.split(separator: "/").map(String.init)
          for count in 1..<max(1, parts.count) { try world.makeDirectory(parts.prefix(count).joined(separator: "/")) }
        } else {
          if world.exists(path) { throw .exists }
          if !world.isDirectory(ShellWorld.folder(of: path)) { throw .missing }
        }
        try world.makeDirectory(path, mode: mode)
      }
    },
    "rm": { shell, arguments, world in
      let (letters, names) = options(arguments)
      return change(names, "rm", &shell, &world) { path, world throws(ShellWorld.Failure) in
        let entry = world.status(path, follows: false)
        if letters.contains("f"), entry == nil { return }
        if entry?.isFolder == true, letters.isDisjoint(with: ["r", "R"]) { throw .isDirectory }
        try world.remove(path)
      }
    },
    "rmdir": { shell, arguments, world in
      change(options(arguments).rest, "rmdir", &shell, &world) { path, world throws(ShellWorld.Failure) in
        try world.remove(path)
      }
    },
    "cp": copy(removes: false), "mv": copy(removes: true),
    "sync": { _, _, _ in 0 }, "umask": { _, _, _ in 0 },
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

  /// `-p -m 700`
  private static func folderOptions(_ arguments: [String]) -> (FileMode?, Set<Character>, [String]) {
    var words = arguments
    var mode: FileMode?
    if let index = words.firstIndex(where: { $0 == "-m" || $0 == "-pm" }), index + 1 < words.count {
      mode = UInt16(words[index + 1], radix: 8).map { FileMode($0) }
      words.remove(at: index + 1)
    }
    let (letters, rest) = options(words)
    return (mode, letters, rest)
  }

  private static func isKnownFolder(_ target: String) -> Bool { target == "-" || target == "~" }

  /// Reads each file and passes its text on; a status of 1 when one of them could not be read.
  static func each(
    _ names: [String], _ program: String, _ shell: inout Shell, _ world: inout ShellWorld,
    _ use: (inout Shell, String, inout ShellWorld) -> Void
  ) -> Int {
    var status = 0
    for name in names {
      do throws(ShellWorld.Failure) {
        let text = try shell.read(name, &world)
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
    guard world.isDirectory(from) else {
      let text = try world.read(from)
      return try world.write(to, text, mode: world.status(from).map { FileMode($0.mode.permissions & 0o755) })
    }
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
    var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines.map { String(Substring($0)) }
  }
}
