import Values

/// `tar`, as far as copying needs it.
extension ShellCommands {
  static let archives: [String: SimulatedCommand] = ["tar": tar]

  private struct TarOptions {
    var letters: Set<Character> = []
    var file = "-"
    var folder: String?
    var names: [String] = []

    init(_ arguments: [String]) {
      var rest = arguments[...]
      var isFirst = true
      while let argument = rest.popFirst() {
        if argument.hasPrefix("--") {
          // How owners and modes are kept makes no difference here.
        } else if argument.hasPrefix("-") && argument != "-" || isFirst {
          for letter in argument where letter != "-" {
            letters.insert(letter)
            if letter == "f" { file = rest.popFirst() ?? "-" }
            if letter == "C" { folder = rest.popFirst() }
          }
        } else {
          names.append(argument)
        }
        isFirst = false
      }
    }
  }

  private static let tar: SimulatedCommand = { shell, arguments, world in
    let options = TarOptions(arguments)
    let folder = shell.folder
    defer { shell.folder = folder }
    if options.letters.contains("z") { return shell.fail("tar: packed archives are not simulated", &world) }
    if options.letters.contains("c") { return pack(options, &shell, &world) }
    guard options.letters.contains("x") || options.letters.contains("t") else {
      return shell.fail("tar: need at least one option of c, t, x", &world)
    }
    let text: String
    if options.file == "-" {
      text = shell.input
      if shell.stdin.hunger != nil { return 0 }
    } else {
      guard let read = try? world.read(shell.path(options.file)) else {
        return shell.fail("tar: can't open '\(options.file)': No such file or directory", &world)
      }
      text = read
    }
    guard let entries = TarArchive.entries(RawText.bytes(text)) else {
      return shell.fail("tar: short read", &world)
    }
    if options.letters.contains("t") {
      for entry in entries { shell.print(entry.path, &world) }
      return 0
    }
    return unpack(entries, options, &shell, &world)
  }

  private static func pack(_ options: TarOptions, _ shell: inout Shell, _ world: inout ShellWorld) -> Int {
    if let folder = options.folder { shell.folder = shell.path(folder) }
    var status = 0
    var entries: [TarArchive.Entry] = []
    if options.names.contains(where: { $0.hasPrefix("/") }) {
      shell.write("tar: removing leading '/' from member names\n", to: shell.streams.error, &world)
    }
    for name in options.names {
      if !world.exists(shell.path(name)) {
        status = shell.fail("tar: \(name): No such file or directory", &world)
        continue
      }
      let shown = name.split(separator: "/").joined(separator: "/")
      collect(shell.path(name), shown.isEmpty ? "." : shown, &entries, world)
    }
    let text = RawText.text(TarArchive.bytes(entries, at: world.now))
    if options.file == "-" {
      shell.write(text, to: shell.streams.out, &world)
    } else {
      do throws(ShellWorld.Failure) { try world.write(shell.path(options.file), text) } catch {
        return shell.fail("tar: \(options.file): \(error.text)", &world)
      }
    }
    return status
  }

  private static func collect(_ path: String, _ shown: String, _ entries: inout [TarArchive.Entry], _ world: ShellWorld)
  {
    guard entries.count < FileTree.countLimit else { return }
    // One that is named itself is followed.
    if !entries.isEmpty, let target = world.status(path, follows: false)?.target {
      return entries.append(TarArchive.Entry(path: shown, bytes: nil, target: target))
    }
    guard world.isDirectory(path) else {
      entries.append(TarArchive.Entry(path: shown, bytes: RawText.bytes((try? world.read(path)) ?? "")))
      return
    }
    entries.append(TarArchive.Entry(path: shown, bytes: nil))
    for name in world.names(in: path) {
      collect(path.isEmpty ? name : path + "/" + name, shown == "." ? name : shown + "/" + name, &entries, world)
    }
  }

  private static func unpack(
    _ entries: [TarArchive.Entry], _ options: TarOptions, _ shell: inout Shell, _ world: inout ShellWorld
  ) -> Int {
    if let folder = options.folder {
      guard world.isDirectory(shell.path(folder)) else {
        return shell.fail("tar: can't change directory to '\(folder)': No such file or directory", &world)
      }
      shell.folder = shell.path(folder)
    }
    var status = 0
    for entry in entries {
      // Names that lead elsewhere lead nowhere.
      let parts = entry.path.split(separator: "/").filter { $0 != "." && $0 != ".." }.map(String.init)
      let path = shell.path(parts.joined(separator: "/"))
      do throws(ShellWorld.Failure) {
        let folders = path.split(separator: "/").map(String.init)
        for count in 1..<max(1, folders.count) { try world.makeDirectory(folders.prefix(count).joined(separator: "/")) }
        if let target = entry.target {
          if world.status(path, follows: false)?.isFolder == false { try world.remove(path) }
          try world.link(path, to: target)
        } else if let bytes = entry.bytes {
          try world.write(path, RawText.text(bytes))
        } else {
          try world.makeDirectory(path)
        }
      } catch {
        status = shell.fail("tar: can't open '\(entry.path)': \(error.text)", &world)
      }
    }
    return status
  }
}
