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
    /// `not found`: the image is known to have no such program; nil stands for any that has the usual ones.
    case missing(from: ShellImage?)
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
    /// The input is the beginning of what has no end by itself.
    var isCut = false
    /// The input is such a device.
    var device: Device?
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
    /// The end of a pipeline in which a program before the last has failed.
    case failure(Int)
    /// `timeout`: what stands above it ends at that moment, with this code.
    case deadline(Instant, code: Int)
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
  /// The most that one program passes on to the next, in bytes.
  static let bufferLimit = 16 << 20
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
  /// Programs that its image is known not to have.
  var lacked: Set<String> = []
  var strangers: Strangers
  var traps: [String: String] = [:]
  /// `set -e`, and whether it counts just now.
  var endsOnFailure = false
  /// `set -o pipefail`
  var failsByStage = false
  var isTolerant = false
  /// Programs that were sent to the background, for who runs this one.
  var spawned: [Shell] = []
  /// Its own, and that of the last program which it sent to the background.
  var number = 1
  var lastSpawned: Int?
  /// With what it ends when it is asked to and has set no trap; nil where it has no handler, so that the first process of a
  /// container goes on.
  var endOnTerm: Int?
  var buffer = ""
  /// Whoever runs it wants to look at the buffer when it holds so many bytes.
  var bufferMark = Int.max
  /// A command has read what there is of an input without an end, and would read on for ever.
  var ranDry = false
  /// What it wrote could not be kept.
  var lostOutput = false
  var pending: [Effect] = []
  var partialLine = ""
  /// The last line has no end.
  var hasOpenEnd = false
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
        return told(bounded(effect, world.now))
      }
      if buffer.utf8.count >= bufferMark {
        bufferMark = .max
        return .wait(.zero)
      }
      if nesting > 0, steps >= Self.captureLimit { return .endless }
      if nesting == 0, steps >= Self.stepLimit { return told(bounded(.wait(Self.pause), world.now)) }
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
    hasOpenEnd = true
    return false
  }

  /// A signal: runs its trap; false when there is none.
  mutating func trap(_ signal: String) -> Bool {
    guard let text = traps[signal], let command = try? ShellParser.parse(text) else { return false }
    pending.removeAll()
    frames.append(.run(command))
    return true
  }
}
