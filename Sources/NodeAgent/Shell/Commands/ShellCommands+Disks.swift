import Values

/// What is asked about disks and memory, and `dd`.
extension ShellCommands {
  static let disks: [String: SimulatedCommand] = [
    "dd": copyBlocks, "du": usage,
    "df": { shell, arguments, world in
      let isShort = options(arguments).letters.contains("h")
      shell.print(
        "Filesystem           \(isShort ? "     Size" : "1K-blocks")      Used Available Use% Mounted on", &world)
      let names = options(arguments).rest.map { shell.path($0) }
      let wanted = names.map { world.place($0).mount }
      let all = world.mounts.filter { !$0.volume.isOfSystem }
      for mount in names.isEmpty ? [nil] + all : wanted { shell.print(disk(mount, isShort), &world) }
      return 0
    },
    "mktemp": { shell, arguments, world in
      let isFolder = options(arguments).letters.contains("d")
      let path = "tmp/tmp.\(String(WellKnownImages.fingerprint("\(world.now.nanoseconds)/\(shell.steps)"), radix: 36))"
      do throws(ShellWorld.Failure) {
        if isFolder { try world.makeDirectory(path) } else { try world.write(path, "") }
      } catch {
        return shell.fail("mktemp: \(error.text)", &world)
      }
      shell.print("/" + path, &world)
      return 0
    },
    "free": { shell, _, world in
      shell.print("              total        used        free      shared  buff/cache   available", &world)
      shell.print("Mem:       33554432     4194304    25165824       10240     4194304    29360128", &world)
      shell.print("Swap:             0           0           0", &world)
      return 0
    },
    "uptime": { shell, _, world in
      shell.print(" \(Calendar(world.now).text(["+%T"])) up 1 day,  load average: 0.10, 0.12, 0.09", &world)
      return 0
    },
  ]

  /// A line of `df`; nil stands for the container's own files.
  private static func disk(_ mount: ContainerMount?, _ isShort: Bool) -> String {
    var (size, used, free, part) =
      isShort ? ("98.3G", "12.1G", "86.2G", " 12%") : ("103079200", "12691204", "90371612", " 12%")
    if let limit = mount?.size {
      let text = isShort ? "\(limit >> 20).0M" : String(limit >> 10)
      (size, used, free, part) = (text, "0", text, "  0%")
    }
    let device = mount?.device ?? "overlay"
    let name = device + String(repeating: " ", count: max(0, 20 - device.count))
    return ([name, padded(size, 9), padded(used, 9), padded(free, 9), part, "/" + (mount?.path ?? "")]).joined(
      separator: " ")
  }

  /// `dd if=/dev/zero of=/data/file bs=1M count=10`: what is written is as large as there is room for.
  private static let copyBlocks: SimulatedCommand = { shell, arguments, world in
    var words: [String: String] = [:]
    for argument in arguments {
      let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
      if parts.count == 2 { words[parts[0]] = parts[1] }
    }
    let size = size(words["bs"] ?? "512")
    let isEndless = words["if"].map { ["/dev/zero", "/dev/urandom", "/dev/random"].contains($0) } ?? false
    if isEndless, words["count"] == nil, ["/dev/null", nil].contains(words["of"]) {
      shell.pending.append(.endless)
      return 0
    }
    let count = max(0, words["count"].flatMap { Int($0) } ?? 1 << 20)
    let (product, overflow) = size.multipliedReportingOverflow(by: count)
    let wanted = overflow ? Int.max : product
    var text = ""
    if isEndless {
      text = String(repeating: "\0", count: min(wanted, FileTree.byteLimit))
    } else if let name = words["if"] {
      let status = each([name], "dd", &shell, &world) { _, more, _ in text = String(more.prefix(wanted)) }
      if status != 0 { return status }
    } else {
      text = String(shell.input.prefix(wanted))
    }
    let total = isEndless ? wanted : text.utf8.count
    if let name = words["of"] {
      do throws(ShellWorld.Failure) { try world.write(shell.path(name), text) } catch {
        return shell.fail("dd: error writing '\(name)': \(error.text)", &world)
      }
    } else {
      shell.write(text, to: shell.streams.out, &world)
    }
    let blocks = total / max(1, size)
    let report = "\(blocks)+0 records in\n\(blocks)+0 records out\n\(total) bytes copied, 0.01 s\n"
    shell.write(report, to: shell.streams.error, &world)
    return 0
  }

  /// `512`, `1k`, `4M`
  private static func size(_ text: String) -> Int {
    let units: [Character: Int] = ["k": 1 << 10, "K": 1 << 10, "M": 1 << 20, "m": 1 << 20, "G": 1 << 30, "g": 1 << 30]
    let digits = text.prefix { $0.isNumber }
    let unit = text.dropFirst(digits.count).first.flatMap { units[$0] } ?? 1
    let (product, overflow) = (Int(digits) ?? 512).multipliedReportingOverflow(by: unit)
    return overflow ? Int.max : max(1, product)
  }

  private static let usage: SimulatedCommand = { shell, arguments, world in
    let (letters, names) = options(arguments)
    var status = 0
    for name in names.isEmpty ? ["."] : names {
      let path = shell.path(name)
      guard world.exists(path) else {
        status = shell.fail("du: \(name): No such file or directory", &world)
        continue
      }
      let bytes = world.files(below: path).reduce(0) { $0 + ((try? world.read($1)) ?? "").utf8.count }
      let size = (bytes + 1023) / 1024
      shell.print(letters.contains("h") ? "\(size).0K\t\(name)" : "\(size)\t\(name)", &world)
    }
    return status
  }
}
