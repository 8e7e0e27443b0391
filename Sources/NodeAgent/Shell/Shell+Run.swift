import Values

/// Simple commands, pipelines, redirections.
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
    if !assigned.isEmpty { (variables, exported) = saved }
    // A command that was done at once gives the streams back at once.
    if frames.count == count, !command.redirections.isEmpty, case .streams? = frames.last {
      frames.removeLast()
      streams = old
    }
    check()
  }

  /// Under `set -e` a failure ends the program.
  private mutating func check() {
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
    if let command = ShellCommands.all[program] {
      status = command(&self, Array(words.dropFirst()), &world)
      return
    }
    stranger(first, program, Array(words.dropFirst()), &world)
  }

  private mutating func stranger(_ word: String, _ program: String, _ rest: [String], _ world: inout ShellWorld) {
    if word.contains("/"), let text = try? world.read(path(word)), let command = try? ShellParser.parse(text) {
      frames.append(.arguments(arguments))
      arguments = rest
      return frames.append(.run(command))
    }
    switch strangers {
    case .missing where !ShellCommands.known.contains(program) && !ownPrograms.contains(program):
      write("\(name): \(word): \(name == "bash" ? "command not found" : "not found")\n", to: streams.error, &world)
      status = 127
    case .missing:
      write("(\(word) is not simulated; taken as done)\n", to: streams.error, &world)
      status = 0
    case .serve:
      write("(\(word) is not simulated; it runs until it is stopped)\n", to: streams.error, &world)
      pending.append(.endless)
    case .finish(let time):
      write("(\(word) is not simulated; taken as done)\n", to: streams.error, &world)
      pending.append(.wait(time))
      status = 0
    }
  }

  // MARK: Output

  mutating func print(_ text: String, _ world: inout ShellWorld) { write(text + "\n", to: streams.out, &world) }

  /// An error message of a program, which fails with it.
  mutating func fail(_ message: String, _ world: inout ShellWorld, code: Int = 1) -> Int {
    write(message + "\n", to: streams.error, &world)
    return code
  }

  mutating func write(_ text: String, to sink: Streams.Sink, _ world: inout ShellWorld) {
    switch sink {
    case .nowhere: break
    case .output: pending.append(.output(text, isError: false))
    case .errors: pending.append(.output(text, isError: true))
    case .buffer: if buffer.utf8.count < Self.textLimit { buffer += text }
    case .file(let path):
      do throws(ShellWorld.Failure) { try world.write(path, text, appends: true) } catch {
        pending.append(.line("\(name): write error: \(error.text)"))
      }
    case .log:
      var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      let rest = lines.popLast() ?? ""
      for line in lines {
        pending.append(.line(partialLine + line))
        partialLine = ""
      }
      partialLine += rest
      if partialLine.utf8.count < Self.partialLimit { return }
      pending.append(.line(partialLine))
      partialLine = ""
    }
  }

  /// The text that comes in.
  var input: String { mutating get { streams.input ?? stdin.all() } }

  /// A path as a process means it: absolute, or below the working directory; without slashes at its ends, `.` and `..`.
  func path(_ text: String) -> String {
    var parts = text.hasPrefix("/") ? [] : folder.split(separator: "/").map(String.init)
    for part in text.split(separator: "/") {
      switch part {
      case ".": continue
      case "..": _ = parts.popLast()
      default: parts.append(String(part))
      }
    }
    return parts.joined(separator: "/")
  }

  // MARK: Redirections

  /// False when a file cannot be opened; the reason has been written.
  mutating func redirect(_ redirections: [Redirection], _ world: inout ShellWorld) -> Bool {
    for redirection in redirections {
      let target = expandText(redirection.target, &world)
      switch redirection.kind {
      case .here: streams.input = target.hasSuffix("\n") ? target : target + "\n"
      case .read:
        do throws(ShellWorld.Failure) {
          streams.input = target == "/dev/null" ? "" : try world.read(path(target))
        } catch {
          status = fail("\(name): can't open \(target): \(error.text)", &world)
          return false
        }
      case .duplicate:
        if redirection.descriptor == 2, target == "1" { streams.error = streams.out }
        if redirection.descriptor == 1, target == "2" { streams.out = streams.error }
      case .write, .append:
        guard let sink = open(target, appends: redirection.kind == .append, &world) else { return false }
        if redirection.descriptor != 2 { streams.out = sink }
        if redirection.descriptor != 1 { streams.error = sink }
      }
    }
    return true
  }

  private mutating func open(_ target: String, appends: Bool, _ world: inout ShellWorld) -> Streams.Sink? {
    switch target {
    case "/dev/null": return .nowhere
    case "/dev/stdout", "/proc/1/fd/1", "/proc/self/fd/1": return streams.out
    case "/dev/stderr", "/proc/1/fd/2", "/proc/self/fd/2": return streams.error
    default: break
    }
    do throws(ShellWorld.Failure) {
      try world.write(path(target), "", appends: appends)
      return .file(path(target))
    } catch {
      status = fail("\(name): can't create \(target): \(error.text)", &world)
      return nil
    }
  }

  // MARK: Programs within programs

  /// How a command went that was run to its end on the spot.
  struct Captured {
    var text = ""
    var status = 0
    var isEndless = false
  }

  /// Runs a command to its end and takes its output; the time that it takes is waited for afterwards.
  mutating func capture(_ command: ShellCommand, input: String?, _ world: inout ShellWorld) -> Captured {
    if nesting >= Self.nestingLimit { return Captured(status: 2) }
    var child = self
    child.frames = [.run(command)]
    (child.pending, child.spawned, child.buffer, child.traps) = ([], [], "", [:])
    child.streams.out = .buffer
    child.streams.input = input ?? streams.input
    child.nesting += 1
    let start = world.now
    var lines: [Effect] = []
    defer {
      steps = child.steps
      if stdin.hunger == nil { stdin = child.stdin }
      if world.now > start { pending.append(.wait(world.now - start)) }
      world.now = start
    }
    for _ in 0..<Self.lineLimit * 2 {
      let effect = child.next(&world)
      switch effect {
      case .line, .output: lines.append(effect)
      case .input(let hunger):
        stdin.hunger = hunger
        return Captured()
      case .wait(let time): world.now = world.now + time
      case .join: break
      case .endless: return Captured(text: child.buffer, isEndless: true)
      case .exit(let code):
        pending += lines
        return Captured(text: child.buffer, status: code)
      }
    }
    world.now = start
    return Captured(text: child.buffer, isEndless: true)
  }

  /// Each stage has what the one before wrote. When one has no end, its output is all there is to see.
  mutating func pipe(_ stages: [ShellCommand], _ world: inout ShellWorld) {
    var input: String?
    for stage in stages.dropLast() {
      let before = world
      let result = capture(stage, input: input, &world)
      if result.isEndless {
        world = before
        pending.removeAll { if case .wait = $0 { true } else { false } }
        return frames.append(.run(stage))
      }
      input = result.text
    }
    guard let last = stages.last else { return }
    frames.append(.streams(streams))
    streams.input = input ?? ""
    frames.append(.run(last))
  }
}

extension ShellWord {
  /// It holds the output of a command.
  fileprivate var isCommand: Bool { parts.contains { if case .command = $0 { true } else { false } } }
}
