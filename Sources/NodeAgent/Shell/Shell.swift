import Values

/// A process that interprets a shell program, as a value: it runs until it has something to tell, and knows no clock.
///
/// What it tells is all that others see of it: a line of output, the wish to wait, that it goes on for ever, its end.
/// Output and steps are bounded: a loop that never waits is made to.
struct Shell: Sendable {
  enum Effect: Sendable, Equatable {
    case line(String)
    /// Output as it is written, where it goes to somebody who listens.
    case output(String, isError: Bool)
    /// It can go on when more has come in.
    case input(ShellInput.Hunger)
    case wait(Duration)
    /// It does something that has no end by itself: a server, `tail -f`.
    case endless
    /// `wait`: goes on when all that runs in the background has ended.
    case join
    case exit(Int)
  }

  /// What becomes of a program that is not simulated.
  enum Strangers: Sendable {
    /// `not found`: the image is known to have no such program.
    case missing
    /// A server, which runs until it is stopped.
    case serve
    /// A task, which takes this long and succeeds.
    case finish(after: Duration)
  }

  /// Where output goes and input comes from.
  struct Streams: Sendable {
    enum Sink: Sendable, Equatable {
      case log
      case buffer
      case file(String)
      case nowhere
      /// To those who listen to the program.
      case output
      case errors
    }

    var out = Sink.log
    var error = Sink.log
    var input: String?
  }

  /// What is still to be done, innermost last.
  enum Frame: Sendable {
    case run(ShellCommand)
    case sequence([ShellCommand], from: Int)
    /// Runs when the status before it was good, or when it was not.
    case next(ShellCommand, ifGood: Bool)
    case invert
    case branch(then: ShellCommand, otherwise: ShellCommand?)
    case loopTest(ShellLoop)
    case loop(ShellLoop)
    case each(variable: String, words: [String], body: ShellCommand)
    case streams(Streams)
    case arguments([String])
    /// The end of a condition: a failure in it does not end a program under `set -e`.
    case tolerant(Bool)
    case scope(variables: [String: String], folder: String)
    /// Reads the next command from what comes in, behind these lines of it.
    case commands(String)
    /// Writes what comes in, up to its end.
    case copyInput
  }

  /// The most steps, and lines, without waiting.
  static let stepLimit = 2000
  /// The most steps of programs within programs, all together: what has not ended by then is taken to have no end.
  static let captureLimit = 20_000
  static let lineLimit = 100
  /// How long a program waits that has reached them.
  static let pause = Duration.seconds(1)
  static let nestingLimit = 16
  /// How many commands may call one another: `env nohup time …`.
  static let callLimit = 50
  static let frameLimit = 2000
  static let textLimit = 1 << 18
  /// The longest beginning of a line that is kept until its end comes, in bytes.
  static let partialLimit = 1 << 14

  var variables: [String: String]
  var exported: Set<String>
  var functions: [String: ShellCommand] = [:]
  var arguments: [String] = []
  var name = "sh"
  /// The working directory, without slashes at its ends.
  var folder = ""
  var status = 0
  var frames: [Frame] = []
  var streams = Streams()
  /// What comes in while it runs, where nothing else is put in its place.
  var stdin = ShellInput()
  /// Programs of its image that are not simulated but are there.
  var ownPrograms: Set<String> = []
  var strangers: Strangers
  var traps: [String: String] = [:]
  /// `set -e`, and whether it counts just now.
  var endsOnFailure = false
  var isTolerant = false
  /// Programs that were sent to the background, for who runs this one.
  var spawned: [Shell] = []
  var buffer = ""
  var pending: [Effect] = []
  var partialLine = ""
  var nesting = 0
  var calls = 0
  /// What was found wrong in the words of a command ends it before it begins.
  var isBroken = false
  var steps = 0
  private var lines = 0
  /// How it ended, while the trap for that runs.
  private var endStatus: Int?

  init(environment: [String: String], strangers: Strangers, folder: String = "") {
    variables = environment
    exported = Set(environment.keys)
    self.strangers = strangers
    self.folder = folder
  }

  /// Goes on until there is something to tell. After `exit` and `endless` there is nothing more.
  mutating func next(_ world: inout ShellWorld) -> Effect {
    while true {
      if !pending.isEmpty {
        let effect = pending.removeFirst()
        if effect == .wait(.zero) { continue }
        return told(effect)
      }
      if nesting > 0, steps >= Self.captureLimit { return .endless }
      if nesting == 0, steps >= Self.stepLimit { return told(.wait(Self.pause)) }
      guard let frame = frames.popLast() else {
        if finish(&world) { return .exit(endStatus ?? status) }
        continue
      }
      steps += 1
      guard stdin.isOpen else {
        perform(frame, &world)
        continue
      }
      let before = (self, world)
      perform(frame, &world)
      if let hunger = stdin.hunger {
        (self, world) = before
        frames.append(frame)
        return .input(hunger)
      }
    }
  }

  private mutating func told(_ effect: Effect) -> Effect {
    switch effect {
    case .wait:
      lines = 0
      // Whoever runs within another takes part of its steps, for the time that it waits passes at once.
      if nesting == 0 { steps = 0 }
    case .line:
      lines += 1
      if lines == Self.lineLimit { pending.insert(.wait(Self.pause), at: 0) }
    // Joining takes no time when there is nobody to wait for.
    case .join, .endless, .exit, .output, .input: break
    }
    return effect
  }

  /// Runs what `trap … EXIT` asks for, once, and lets the last line out; true when all is done.
  private mutating func finish(_ world: inout ShellWorld) -> Bool {
    if endStatus == nil {
      endStatus = status
      if let text = traps["EXIT"], let command = try? ShellParser.parse(text) {
        frames = [.run(command)]
        return false
      }
    }
    if partialLine.isEmpty { return true }
    pending.append(.line(partialLine))
    partialLine = ""
    return false
  }

  /// A signal: runs its trap; false when there is none.
  mutating func trap(_ signal: String) -> Bool {
    guard let text = traps[signal], let command = try? ShellParser.parse(text) else { return false }
    pending.removeAll()
    frames.append(.run(command))
    return true
  }

  // MARK: Frames

  private mutating func perform(_ frame: Frame, _ world: inout ShellWorld) {
    switch frame {
    case .run(let command): begin(command, &world)
    case .sequence(let commands, let index):
      if index + 1 < commands.count { frames.append(.sequence(commands, from: index + 1)) }
      if index < commands.count { frames.append(.run(commands[index])) }
    case .next(let command, let ifGood):
      if (status == 0) == ifGood { frames.append(.run(command)) }
    case .invert: status = status == 0 ? 1 : 0
    case .branch(let then, let otherwise):
      if status == 0 { return frames.append(.run(then)) }
      status = 0
      if let otherwise { frames.append(.run(otherwise)) }
    case .loopTest(let loop):
      if (status == 0) == loop.isUntil {
        status = 0
        return
      }
      frames.append(.loop(loop))
      frames.append(.run(loop.body))
    case .loop(let loop):
      frames.append(.loopTest(loop))
      condition(loop.condition)
    case .each(let variable, let words, let body):
      guard let word = words.first else { return }
      variables[variable] = word
      frames.append(.each(variable: variable, words: Array(words.dropFirst()), body: body))
      frames.append(.run(body))
    case .streams(let old): streams = old
    case .arguments(let old): arguments = old
    case .tolerant(let old): isTolerant = old
    case .scope(let variables, let folder): (self.variables, self.folder) = (variables, folder)
    case .commands(let begun): readCommand(begun, &world)
    case .copyInput: copyInput(&world)
    }
  }

  /// Runs a command whose failure is an answer and no accident.
  private mutating func condition(_ command: ShellCommand) {
    frames.append(.tolerant(isTolerant))
    isTolerant = true
    frames.append(.run(command))
  }

  private mutating func begin(_ command: ShellCommand, _ world: inout ShellWorld) {
    if frames.count > Self.frameLimit { return end(2, "sh: too deep", &world) }
    switch command {
    case .simple(let simple): run(simple, &world)
    case .sequence(let commands): if !commands.isEmpty { frames.append(.sequence(commands, from: 0)) }
    case .and(let left, let right):
      frames.append(.next(right, ifGood: true))
      condition(left)
    case .or(let left, let right):
      frames.append(.next(right, ifGood: false))
      condition(left)
    case .not(let inner):
      frames.append(.invert)
      condition(inner)
    case .pipeline(let stages): pipe(stages, &world)
    case .background(let inner): spawn(inner)
    case .branch(let condition, let then, let otherwise):
      frames.append(.branch(then: then, otherwise: otherwise))
      self.condition(condition)
    case .loop(let loop):
      frames.append(.loopTest(loop))
      condition(loop.condition)
    case .each(let variable, let words, let body):
      let items = words.map { $0.flatMap { expand($0, &world) } } ?? arguments
      frames.append(.each(variable: variable, words: items, body: body))
    case .choice(let subject, let arms): choose(subject, arms, &world)
    case .function(let name, let body):
      functions[name] = body
      status = 0
    case .subshell(let inner):
      frames.append(.scope(variables: variables, folder: folder))
      frames.append(.run(inner))
    case .redirected(let inner, let redirections):
      frames.append(.streams(streams))
      if redirect(redirections, &world) { frames.append(.run(inner)) }
    }
  }

  private mutating func choose(_ subject: ShellWord, _ arms: [ShellArm], _ world: inout ShellWorld) {
    let text = expandText(subject, &world)
    status = 0
    for arm in arms where arm.patterns.contains(where: { Glob.matches(expandText($0, &world), text) }) {
      return frames.append(.run(arm.body))
    }
  }

  private mutating func spawn(_ command: ShellCommand) {
    var child = self
    child.frames = [.run(command)]
    (child.spawned, child.pending, child.traps, child.stdin) = ([], [], [:], ShellInput())
    spawned.append(child)
    status = 0
  }

  // MARK: Ends

  mutating func end(_ code: Int) {
    status = code
    frames.removeAll()
  }

  /// Ends the program with a message.
  mutating func end(_ code: Int, _ message: String, _ world: inout ShellWorld) {
    isBroken = true
    // At a prompt a mistake costs the line only.
    if interrupt() { status = code } else { end(code) }
    write(message + "\n", to: streams.error, &world)
  }

  /// Leaves loops: takes frames away down to the `depth`th loop; with `again` that one goes on.
  mutating func leave(_ depth: Int, again: Bool) {
    var depth = depth
    while let frame = frames.popLast() {
      switch frame {
      case .loop, .loopTest, .each:
        depth -= 1
        if depth > 0 { continue }
        if again { frames.append(frame) }
        return
      case .streams(let old): streams = old
      case .tolerant(let old): isTolerant = old
      default: break
      }
    }
  }

  /// Leaves a function.
  mutating func leaveFunction() {
    while let frame = frames.popLast() {
      switch frame {
      case .arguments(let old):
        arguments = old
        return
      case .streams(let old): streams = old
      case .tolerant(let old): isTolerant = old
      default: break
      }
    }
  }
}
