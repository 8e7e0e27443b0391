import Values

/// Archives in the ustar format, with the long names of GNU and POSIX: what `tar` and `kubectl cp` exchange.
enum TarArchive {
  struct Entry: Sendable, Equatable {
    var path: String
    /// nil for a folder.
    var bytes: [UInt8]?
  }

  private static let block = 512

  // MARK: Writing

  static func bytes(_ entries: [Entry], at now: Instant) -> [UInt8] {
    var result: [UInt8] = []
    for entry in entries {
      let path = entry.bytes == nil ? entry.path + "/" : entry.path
      if path.utf8.count > 100 {
        let name = Array(path.utf8) + [0]
        result += header("././@LongLink", size: name.count, kind: "L", now) + padded(name)
      }
      let count = entry.bytes?.count ?? 0
      result += header(path, size: count, kind: entry.bytes == nil ? "5" : "0", now) + padded(entry.bytes ?? [])
    }
    return result + [UInt8](repeating: 0, count: 2 * block)
  }

  private static func padded(_ bytes: [UInt8]) -> [UInt8] {
    bytes + [UInt8](repeating: 0, count: (block - bytes.count % block) % block)
  }

  private static func header(_ path: String, size: Int, kind: Character, _ now: Instant) -> [UInt8] {
    func octal(_ value: Int, _ digits: Int) -> String {
      let text = String(value, radix: 8)
      return String(repeating: "0", count: max(0, digits - text.count)) + text + "\0"
    }
    func field(_ text: String, _ count: Int) -> [UInt8] {
      let bytes = Array(text.utf8.prefix(count))
      return bytes + [UInt8](repeating: 0, count: count - bytes.count)
    }
    let before =
      field(path, 100) + field(octal(kind == "5" ? 0o755 : 0o644, 7), 8) + field(octal(0, 7), 8) + field(octal(0, 7), 8)
      + field(octal(size, 11), 12) + field(octal(max(0, Int(now.seconds)), 11), 12)
    let after =
      field(String(kind), 1) + field("", 100) + field("ustar\0", 6) + field("00", 2) + field("root", 32)
      + field("root", 32) + field("", 183)
    let sum = (before + after).reduce(8 * 32) { $0 + Int($1) }
    return before + field(octal(sum, 6) + " ", 8) + after
  }

  // MARK: Reading

  /// What an archive holds; nil when it is none.
  static func entries(_ bytes: [UInt8]) -> [Entry]? {
    var entries: [Entry] = []
    var start = 0
    var longName: String?
    while start + block <= bytes.count {
      let header = bytes[start..<(start + block)]
      if header.allSatisfy({ $0 == 0 }) { return entries }
      func text(_ range: Range<Int>) -> String {
        String(
          decoding: bytes[(start + range.lowerBound)..<(start + range.upperBound)].prefix { $0 != 0 }, as: UTF8.self)
      }
      let digits = text(124..<136).filter { $0 >= "0" && $0 <= "7" }
      guard let size = Int(digits.isEmpty ? "0" : digits, radix: 8), size <= bytes.count - start - block else {
        return nil
      }
      let content = bytes[(start + block)..<(start + block + size)]
      let prefix = text(345..<500)
      let path =
        longName ?? (prefix.isEmpty || text(257..<262) != "ustar" ? text(0..<100) : prefix + "/" + text(0..<100))
      switch bytes[start + 156] {
      case UInt8(ascii: "L"): longName = String(decoding: content.prefix { $0 != 0 }, as: UTF8.self)
      case UInt8(ascii: "x"): longName = name(inExtension: content) ?? longName
      case UInt8(ascii: "5"):
        entries.append(Entry(path: path, bytes: nil))
        longName = nil
      case UInt8(ascii: "0"), 0:
        entries.append(Entry(path: path, bytes: Array(content)))
        longName = nil
      case UInt8(ascii: "g"): break
      default: longName = nil
      }
      start += block + (size + block - 1) / block * block
    }
    return start == 0 ? nil : entries
  }

  /// `21 path=some/name` in lines.
  private static func name(inExtension content: ArraySlice<UInt8>) -> String? {
    for line in content.split(separator: UInt8(ascii: "\n")) {
      let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 1)
      guard parts.count == 2, parts[1].starts(with: "path=".utf8) else { continue }
      return String(decoding: parts[1].dropFirst(5), as: UTF8.self)
    }
    return nil
  }
}

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
        if let bytes = entry.bytes {
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
