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
      for mount in names.isEmpty ? [nil] + all : wanted {
        let used = mount.map { world.place($0.path).tree.bytes } ?? 0
        shell.print(disk(mount, used, isShort), &world)
      }
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
    "free": { shell, arguments, world in
      let letters = options(arguments).letters
      let shift = letters.contains("g") ? 20 : letters.contains("m") ? 10 : 0
      let unit = letters.contains("h") ? "M" : ""
      let amounts = [33_554_432, 4_194_304, 25_165_824, 10_240, 4_194_304, 29_360_128]
      let shown = amounts.map { padded(String($0 >> (unit.isEmpty ? shift : 10)) + unit, 11) }
      shell.print("              total        used        free      shared  buff/cache   available", &world)
      shell.print("Mem:    \(shown.joined(separator: " "))", &world)
      shell.print("Swap:             0           0           0", &world)
      return 0
    },
    "uptime": { shell, _, world in
      shell.print(" \(Calendar(world.now).text(["+%T"])) up 1 day,  load average: 0.10, 0.12, 0.09", &world)
      return 0
    },
  ]

  /// A line of `df`; nil stands for the container's own files.
  private static func disk(_ mount: ContainerMount?, _ bytes: Int, _ isShort: Bool) -> String {
    var (size, used, free, part) =
      isShort ? ("98.3G", "12.1G", "86.2G", " 12%") : ("103079200", "12691204", "90371612", " 12%")
    if let limit = mount?.size {
      let bytes = min(Int64(bytes), limit)
      let shown = { (value: Int64) in isShort ? short(value) : String(value >> 10) }
      let percent = limit == 0 ? 0 : Int(Double(bytes) / Double(limit) * 100)
      (size, used, free, part) = (shown(limit), shown(bytes), shown(limit - bytes), padded("\(percent)%", 4))
    }
    let device = mount?.device ?? "overlay"
    let name = device + String(repeating: " ", count: max(0, 20 - device.count))
    return ([name, padded(size, 9), padded(used, 9), padded(free, 9), part, "/" + (mount?.path ?? "")]).joined(
      separator: " ")
  }

  /// `1.0G`, `64.0M`, `0`
  private static func short(_ bytes: Int64) -> String {
    if bytes == 0 { return "0" }
    if bytes >= 1 << 30 { return tenths(bytes >> 10, 1 << 20) + "G" }
    return bytes >= 1 << 20 ? tenths(bytes, 1 << 20) + "M" : tenths(bytes, 1 << 10) + "K"
  }

  private static func tenths(_ amount: Int64, _ unit: Int64) -> String {
    "\(amount / unit).\(amount % unit * 10 / unit)"
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
    if isEndless, let device = words["if"].flatMap({ Device(path: shell.path($0)) }) {
      text = device.text(wanted, &world.random)
    } else if let name = words["if"] {
      let status = each([name], "dd", &shell, &world) { _, more, _ in text = first(wanted, of: more) }
      if status != 0 { return status }
    } else {
      text = words["count"] == nil ? shell.input : shell.input(bytes: wanted, &world)
    }
    let total = isEndless ? wanted : RawText.count(text)
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

  private static func first(_ count: Int, of text: String) -> String {
    RawText.count(text) <= count ? text : RawText.text(Array(RawText.bytes(text).prefix(count)))
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
      let bytes = world.files(below: path).reduce(0) { $0 + (world.status($1)?.size ?? 0) }
      let size = (bytes + 1023) / 1024
      shell.print(letters.contains("h") ? "\(size).0K\t\(name)" : "\(size)\t\(name)", &world)
    }
    return status
  }
}
