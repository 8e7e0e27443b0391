import Values

/// What changes the course of a program.
extension ShellCommands {
  static let flow: [String: SimulatedCommand] = [
    ":": { _, _, _ in 0 }, "true": { _, _, _ in 0 }, "false": { _, _, _ in 1 },
    "exit": { shell, arguments, world in
      let code = (arguments.first.flatMap { Int($0) } ?? shell.status) & 255
      if !shell.leaveSubshell(), !shell.leaveInnerShell() { shell.end(code) }
      return code
    },
    "return": { shell, arguments, _ in
      let code = (arguments.first.flatMap { Int($0) } ?? shell.status) & 255
      shell.leaveFunction()
      return code
    },
    "break": { shell, arguments, _ in
      shell.leave(max(1, arguments.first.flatMap { Int($0) } ?? 1), again: false)
      return 0
    },
    "continue": { shell, arguments, _ in
      shell.leave(max(1, arguments.first.flatMap { Int($0) } ?? 1), again: true)
      return 0
    },
    "sleep": sleep,
    "wait": { shell, _, _ in
      shell.pending.append(.join)
      return 0
    },
    "eval": { shell, arguments, world in program(arguments.joined(separator: " "), &shell, &world) },
    ".": source, "source": source,
    "exec": { shell, arguments, world in
      if arguments.isEmpty { return 0 }
      shell.frames.removeAll()
      shell.call(arguments, &world)
      return shell.status
    },
    "command": command, "env": environment, "nohup": through, "time": through, "timeout": timeout,
    "sh": subshell, "bash": subshell, "ash": subshell, "dash": subshell,
    "trap": { shell, arguments, _ in
      guard let text = arguments.first else { return 0 }
      for signal in arguments.dropFirst() {
        let name = signal.uppercased()
        let plain = name.hasPrefix("SIG") ? String(name.dropFirst(3)) : name
        shell.traps[["0": "EXIT", "15": "TERM", "2": "INT"][plain] ?? plain] = text
      }
      return 0
    },
    "set": set,
    "shift": { shell, arguments, _ in
      shell.arguments = Array(shell.arguments.dropFirst(max(0, arguments.first.flatMap { Int($0) } ?? 1)))
      return 0
    },
  ]

  private static let sleep: SimulatedCommand = { shell, arguments, world in
    if arguments.isEmpty { return shell.fail("sleep: missing operand", &world) }
    var total = Duration.zero
    for argument in arguments {
      guard let time = time(argument) else {
        return shell.fail("sleep: invalid number '\(argument)'", &world)
      }
      guard let time else {
        shell.pending.append(.endless)
        return 0
      }
      total += time
    }
    shell.pending.append(.wait(total))
    return 0
  }

  /// Runs a text as a program in this shell.
  private static func program(_ text: String, _ shell: inout Shell, _ world: inout ShellWorld) -> Int {
    do throws(ShellSyntaxError) {
      shell.frames.append(.run(try ShellParser.parse(text)))
      return 0
    } catch {
      return shell.fail("\(shell.name): \(error.message)", &world, code: 2)
    }
  }

  private static let source: SimulatedCommand = { shell, arguments, world in
    guard let file = arguments.first else { return shell.fail("source: filename argument required", &world, code: 2) }
    guard let text = try? world.read(shell.path(file)) else {
      return shell.fail("\(shell.name): .: can't open '\(file)'", &world, code: 2)
    }
    return program(text, &shell, &world)
  }

  /// `sh -c "…" name arguments…`, `sh file arguments…`; without either it reads from nowhere, and so is done.
  private static let subshell: SimulatedCommand = { shell, arguments, world in
    var rest = arguments[...]
    var isText = false
    var endsOnFailure = false
    while let option = rest.first, option.hasPrefix("-") || option.hasPrefix("+") {
      rest = rest.dropFirst()
      if !option.hasPrefix("--") {
        isText = isText || option.contains("c")
        endsOnFailure = endsOnFailure || option.contains("e")
        if option.hasSuffix("o"), rest.popFirst() == "pipefail" { shell.failsByStage = true }
      }
    }
    guard let first = rest.popFirst() else {
      if let text = shell.streams.input { return program(text, &shell, &world) }
      shell.frames.append(.commands(""))
      return 0
    }
    var text = first
    if !isText {
      do throws(ShellWorld.Failure) { text = try world.read(shell.path(first)) } catch {
        return shell.fail("sh: can't open '\(first)': \(error.text)", &world, code: 2)
      }
    }
    shell.frames.append(.scope(variables: shell.variables, folder: shell.folder))
    shell.frames.append(.arguments(shell.arguments))
    if isText, let name = rest.popFirst() { shell.name = name }
    shell.arguments = Array(rest)
    shell.endsOnFailure = shell.endsOnFailure || endsOnFailure
    return program(text, &shell, &world)
  }

  /// `command -v sh`, `command ls`
  private static let command: SimulatedCommand = { shell, arguments, world in
    if arguments.first == "-v" || arguments.first == "-V" {
      let names = arguments.dropFirst().filter { isKnown($0) && shell.has($0, world) || shell.functions[$0] != nil }
      for name in names { shell.print(name, &world) }
      return names.count == arguments.count - 1 ? 0 : 127
    }
    shell.call(arguments, &world)
    return shell.status
  }

  private static let through: SimulatedCommand = { shell, arguments, world in
    shell.call(arguments, &world)
    return shell.status
  }

  private static let timeout: SimulatedCommand = { shell, arguments, world in
    var rest = arguments[...]
    var code = shell.hasBusyBox ? 143 : 124
    while let option = rest.first, option.hasPrefix("-") {
      rest.removeFirst()
      let value = ["-s", "-k"].contains(option) ? rest.popFirst() : nil
      if option == "-s", value?.hasSuffix("KILL") == true || value == "9" || option == "--signal=KILL" { code = 137 }
    }
    guard let first = rest.popFirst(), let limit = time(first), !rest.isEmpty else {
      return shell.fail("timeout: invalid number or no program", &world, code: 125)
    }
    if let limit, limit > .zero { shell.frames.append(.deadline(world.now + limit, code: code)) }
    shell.call(Array(rest), &world)
    return shell.status
  }

  /// `env`, `env A=1 command`
  private static let environment: SimulatedCommand = { shell, arguments, world in
    var rest = arguments.drop { $0.hasPrefix("-") }
    var extra: [String: String] = [:]
    while let word = rest.first, let sign = word.firstIndex(of: "=") {
      extra[String(word[..<sign])] = String(word[word.index(after: sign)...])
      rest = rest.dropFirst()
    }
    if !rest.isEmpty {
      shell.frames.append(.scope(variables: shell.variables, folder: shell.folder))
      shell.variables.merge(extra) { $1 }
      shell.call(Array(rest), &world)
      return shell.status
    }
    let shown = shell.variables.filter { shell.exported.contains($0.key) }.merging(extra) { $1 }
    for (name, value) in shown.sorted(by: { $0.key < $1.key }) { shell.print("\(name)=\(value)", &world) }
    return 0
  }

  private static let set: SimulatedCommand = { shell, arguments, _ in
    for (index, argument) in arguments.enumerated() {
      if argument == "--" {
        shell.arguments = Array(arguments.dropFirst(index + 1))
        break
      }
      if argument.hasPrefix("-"), argument.contains("e") { shell.endsOnFailure = true }
      if argument.hasPrefix("+"), argument.contains("e") { shell.endsOnFailure = false }
      if argument.hasSuffix("o"), arguments[safelyAt: index + 1] == "pipefail" {
        shell.failsByStage = argument.hasPrefix("-")
      }
    }
    return 0
  }
}
