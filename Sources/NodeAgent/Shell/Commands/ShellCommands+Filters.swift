import Values

/// What reads texts and writes others.
extension ShellCommands {
  static let filters: [String: SimulatedCommand] = [
    "head": { shell, arguments, world in
      let part = TextPart(arguments)
      if part.isBytes, !part.isWithoutLast {
        var status = 0
        for name in part.names.isEmpty ? ["-"] : part.names {
          do throws(ShellWorld.Failure) {
            let text = try shell.read(name, most: part.count, &world)
            shell.write(part.head(of: text), to: shell.streams.out, &world)
          } catch {
            status = shell.fail("head: can't open '\(name)': \(error.text)", &world)
          }
        }
        return status
      }
      return filter(
        part.names, "head", &shell, &world, { part.head(of: $0) }, isEnough: { part.isEnough($0) })
    },
    "sort": { shell, arguments, world in
      let order = SortOrder(arguments)
      return filter(order.names, "sort", &shell, &world) { text in joined(order.sorted(lines(text))) }
    },
    "uniq": { shell, arguments, world in
      let (letters, names) = options(arguments)
      return filter(names, "uniq", &shell, &world) { text in joined(runs(of: lines(text), letters)) }
    },
    "rev": { shell, arguments, world in
      filter(arguments, "rev", &shell, &world) { joined(lines($0).map { String($0.reversed()) }) }
    },
    "tac": { shell, arguments, world in
      filter(arguments, "tac", &shell, &world) { joined(lines($0).reversed()) }
    },
    "nl": { shell, arguments, world in
      filter(options(arguments).rest, "nl", &shell, &world) { text in
        joined(lines(text).enumerated().map { padded(String($0 + 1), 6) + "\t" + $1 })
      }
    },
    "wc": wordCount,
    "base64": { shell, arguments, world in
      // The value of `-w` is no file.
      let width = arguments.firstIndex(of: "-w").map { $0 + 1 }
      let (letters, names) = options(arguments.indices.filter { $0 != width }.map { arguments[$0] })
      return filter(names, "base64", &shell, &world) { input in
        if !letters.contains("d") { return wrapped(Base64.encode(RawText.bytes(input)), arguments) }
        return RawText.text(Base64.decode(String(input.filter { !$0.isWhitespace })) ?? [])
      }
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
    "md5sum": sum { MD5.digest(of: $0) }, "sha256sum": sum { SHA256.digest(of: $0) },
  ]

  /// Reads what comes in, or the files that are named, and writes what `work` makes of all of it.
  static func filter(
    _ names: [String], _ program: String, _ shell: inout Shell, _ world: inout ShellWorld, _ work: (String) -> String,
    isEnough: (String) -> Bool = { _ in false }
  ) -> Int {
    var text = names.isEmpty ? shell.input : ""
    let status = each(names, program, &shell, &world) { _, more, _ in text += more }
    shell.write(work(text), to: shell.streams.out, &world)
    if isEnough(text) { shell.ranDry = false }
    return status
  }

  /// In lines of 76 signs, or as `-w` says.
  static func wrapped(_ text: String, _ arguments: [String]) -> String {
    let place = arguments.firstIndex(of: "-w")
    let joined = arguments.first { $0.hasPrefix("-w") }.map { String($0.dropFirst(2)) }
    let said = place.flatMap { arguments[safelyAt: $0 + 1] } ?? joined
    let width = said.flatMap { Int($0) } ?? 76
    guard width > 0 else { return text }
    var lines = ""
    var rest = text[...]
    while !rest.isEmpty {
      lines += rest.prefix(width) + "\n"
      rest = rest.dropFirst(width)
    }
    return lines
  }

  static func joined(_ lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }

  /// With blanks before it.
  static func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  /// Equal lines that follow one another, as `uniq` shows them.
  private static func runs(of lines: [String], _ letters: Set<Character>) -> [String] {
    var runs: [(line: String, count: Int)] = []
    for line in lines {
      let isSame = runs.last.map {
        letters.contains("i") ? $0.line.lowercased() == line.lowercased() : $0.line == line
      }
      if isSame == true { runs[runs.count - 1].count += 1 } else { runs.append((line, 1)) }
    }
    return runs.filter { (!letters.contains("d") || $0.count > 1) && (!letters.contains("u") || $0.count == 1) }
      .map { letters.contains("c") ? padded(String($0.count), 7) + " " + $0.line : $0.line }
  }

  private static let wordCount: SimulatedCommand = { shell, arguments, world in
    let (letters, names) = options(arguments)
    var counts: [(counts: [Int], name: String)] = []
    func count(_ text: String) -> [Int] {
      let all: [(Character, Int)] = [
        ("l", text.utf8.count { $0 == UInt8(ascii: "\n") }), ("w", text.split(whereSeparator: \.isWhitespace).count),
        ("m", letters.contains("m") ? text.count : -1), ("c", RawText.count(text)),
      ]
      return all.filter { letters.isEmpty ? $0.1 >= 0 : letters.contains($0.0) }.map(\.1)
    }
    if names.isEmpty { counts.append((count(shell.input), "")) }
    var status = 0
    for name in names {
      status = max(status, each([name], "wc", &shell, &world) { _, text, _ in counts.append((count(text), name)) })
    }
    if counts.count > 1 {
      let sums = counts[0].counts.indices.map { index in counts.reduce(0) { $0 + $1.counts[index] } }
      counts.append((sums, "total"))
    }
    for line in counts {
      shell.print(
        (line.counts.map(String.init) + (line.name.isEmpty ? [] : [line.name])).joined(separator: " "), &world)
    }
    return status
  }

  private static func sum(_ digest: @escaping @Sendable ([UInt8]) -> String) -> SimulatedCommand {
    { shell, arguments, world in
      let names = options(arguments).rest
      if names.isEmpty { shell.print("\(digest(RawText.bytes(shell.input)))  -", &world) }
      var status = 0
      for name in names {
        status = max(
          status,
          each([name], "sum", &shell, &world) { shell, text, world in
            shell.print("\(digest(RawText.bytes(text)))  \(name)", &world)
          })
      }
      return status
    }
  }
}
