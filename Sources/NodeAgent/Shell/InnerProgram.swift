import Values

/// What one program passes to the next.
struct PipeText: Sendable {
  var text: String
  /// It is the beginning of what has no end.
  var isCut = false
  /// The code of the last of the programs before it that failed.
  var failure = 0
}

/// A program that runs within another one, as far as it has come. Its time passes at once.
struct InnerProgram: Sendable {
  enum Halt: Sendable {
    case ended(Int)
    case hungry(ShellInput.Hunger)
    /// It has no end by itself, or none that is in sight.
    case endless
    /// It has written something and goes on.
    case paused
  }

  /// The most that it tells on its way: lines beside its output, and waits.
  private static let effectLimit = Shell.lineLimit * 2

  var shell: Shell
  /// What it wrote past whom it runs in.
  private(set) var lines: [Shell.Effect] = []
  private var count = 0
  private var looked = 0
  /// How long it waits before it goes on.
  private var owed = Duration.zero

  init(_ command: ShellCommand, in shell: Shell, _ input: PipeText?) {
    self.shell = shell
    self.shell.frames = [.run(command)]
    (self.shell.pending, self.shell.spawned, self.shell.buffer, self.shell.traps) = ([], [], "", [:])
    self.shell.streams.out = .buffer
    self.shell.nesting += 1
    guard let input else { return }
    (self.shell.streams.input, self.shell.streams.isCut, self.shell.streams.device) = (input.text, input.isCut, nil)
    if input.isCut { self.shell.steps += input.text.utf8.count >> 8 }
  }

  /// - Parameter mark: it halts when it has written so many bytes, or something before a wait; nil: only at its end.
  mutating func run(_ world: inout ShellWorld, until mark: Int? = nil) -> Halt {
    shell.bufferMark = mark ?? .max
    world.now = world.now + owed
    owed = .zero
    while count < Self.effectLimit {
      count += 1
      switch shell.next(&world) {
      case let effect where effect.isShown: lines.append(effect)
      case .input(let hunger): return .hungry(hunger)
      case .wait(let time):
        if mark != nil, shell.buffer.utf8.count > looked {
          looked = shell.buffer.utf8.count
          owed = time
          return .paused
        }
        world.now = world.now + time
      case .endless: return .endless
      case .exit(let code): return .ended(code)
      case .line, .output, .join: break
      }
    }
    return .endless
  }
}

extension Shell.Effect {
  fileprivate var isShown: Bool {
    switch self {
    case .line, .output: true
    case .input, .wait, .endless, .join, .exit: false
    }
  }
}
