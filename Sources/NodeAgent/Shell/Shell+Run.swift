/// Simple commands.
extension Shell {
  mutating func run(_ command: SimpleCommand, _ world: inout ShellWorld) {
    isBroken = false
    let words = command.words.flatMap { expand($0, &world) }
    let assigned = command.assignments.map { ($0.name, expandText($0.value, &world)) }
    if isBroken { return }
    if words.isEmpty {
      // `A=$(false)` fails, `A=1` does not.
      if !command.assignments.contains(where: \.value.isCommand) { status = 0 }
      for (name, value) in assigned { variables[name] = value }
      let old = streams
      if !redirect(command.redirections, &world) { status = 1 }
      streams = old
      return
    }
    let old = streams
    guard redirect(command.redirections, &world) else {
      streams = old
      return check()
    }
    let saved = (variables, exported)
    for (name, value) in assigned {
      variables[name] = value
      exported.insert(name)
    }
    if !command.redirections.isEmpty { frames.append(.streams(old)) }
    let count = frames.count
    call(words, &world)
    if lostOutput { (lostOutput, status) = (false, 1) }
    // There is always more to come: it goes on reading.
    if ranDry {
      ranDry = false
      pending.append(.endless)
    }
    if !assigned.isEmpty { (variables, exported) = saved }
    // A command that was done at once gives the streams back at once.
    if frames.count == count, !command.redirections.isEmpty, case .streams? = frames.last {
      frames.removeLast()
      streams = old
    }
    check()
  }

  /// Under `set -e` a failure ends the program.
  mutating func check() {
    if endsOnFailure, !isTolerant, status != 0 { frames.removeAll() }
  }

  /// Runs a program, a function or a command of the shell.
  mutating func call(_ words: [String], _ world: inout ShellWorld) {
    guard let first = words.first else { return }
    calls += 1
    defer { calls -= 1 }
    if calls > Self.callLimit {
      status = fail("\(name): \(first): nested too deeply", &world, code: 126)
      return
    }
    if let body = functions[first] {
      frames.append(.arguments(arguments))
      arguments = Array(words.dropFirst())
      return frames.append(.run(body))
    }
    let program = first.split(separator: "/").last.map(String.init) ?? first
    if first.contains("/"), let text = try? world.read(path(first)), let command = try? ShellParser.parse(text) {
      frames.append(.arguments(arguments))
      arguments = Array(words.dropFirst())
      return frames.append(.run(command))
    }
    if !has(program, world) {
      status = fail("\(name): \(first): \(name == "bash" ? "command not found" : "not found")", &world, code: 127)
    } else if Self.gatherers.contains(program), hasEndlessInput(words) {
      pending.append(.endless)
    } else if let command = ShellCommands.all[program] {
      status = command(&self, Array(words.dropFirst()), &world)
    } else {
      status = stranger(first, &world)
    }
  }

  /// Its tools are those of BusyBox.
  var hasBusyBox: Bool {
    guard case .missing(let image?) = strangers else { return false }
    return [.busybox, .alpine, .bash].contains(image)
  }

  /// They write nothing before the end of their input.
  private static let gatherers: Set<String> = [
    "md5sum", "sha256sum", "sort", "tac", "tail", "wc",
  ]

  private func hasEndlessInput(_ words: [String]) -> Bool {
    let names = words.dropFirst().filter { !$0.hasPrefix("-") }
    if names.isEmpty { return streams.isCut }
    return names.contains { Device(path: path($0)).map { $0 != .null } ?? false }
  }

  /// Whether there is such a program, as far as the image is known.
  func has(_ program: String, _ world: ShellWorld) -> Bool {
    if lacked.contains(program), !world.exists("usr/bin/" + program) { return false }
    guard case .missing(let image) = strangers, !ownPrograms.contains(program) else { return true }
    if ShellCommands.isKnown(program), image?.lacks(program) != true { return true }
    return world.exists("usr/bin/" + program)
  }

  /// A program that is not simulated.
  /// - Returns: its status.
  mutating func stranger(_ word: String, _ world: inout ShellWorld) -> Int {
    let isServer = if case .serve = strangers { true } else { false }
    let fate = isServer ? "it runs until it is stopped" : "taken as done"
    write("(\(word) is not simulated; \(fate))\n", to: streams.error, &world)
    if isServer {
      pending.append(.endless)
      // A server that took the place of the shell knows how to end.
      if frames.isEmpty { endOnTerm = 0 }
    }
    if case .finish(let time) = strangers { pending.append(.wait(time)) }
    return 0
  }
}

extension ShellWord {
  /// It holds the output of a command.
  fileprivate var isCommand: Bool { parts.contains { if case .command = $0 { true } else { false } } }
}
