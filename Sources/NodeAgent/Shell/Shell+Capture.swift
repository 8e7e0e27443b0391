import Values

/// Programs within programs: `$(…)` and pipelines.
extension Shell {
  /// How a command went that was run to its end on the spot.
  struct Captured {
    var text = ""
    var status = 0
    var isEndless = false
  }

  /// How much a writer without an end has written when its reader is asked whether that is enough, in bytes. A reader that
  /// wants more than the last of them is taken to want all.
  private static let pipeMarks = [256, 4096, 1 << 16, 1 << 18, 1 << 20]
  /// With what a writer ends whose reader is gone.
  private static let brokenPipe = 141
  /// How much of it is shown when it is not enough.
  private static let shownBytes = 4096

  /// Runs a command to its end and takes its output; the time that it takes is waited for afterwards.
  mutating func capture(_ command: ShellCommand, input: PipeText?, _ world: inout ShellWorld) -> Captured {
    if nesting >= Self.nestingLimit { return Captured(status: 2) }
    let start = world.now
    var inner = InnerProgram(command, in: self, input)
    let halt = inner.run(&world)
    switch halt {
    case .ended(let code):
      take(inner, since: start, &world)
      return Captured(text: inner.shell.buffer, status: code)
    case .hungry(let hunger):
      stdin.hunger = hunger
      world.now = start
      return Captured()
    case .endless, .paused:
      steps = inner.shell.steps
      world.now = start
      return Captured(text: inner.shell.buffer, isEndless: true)
    }
  }

  /// What a program within this one has done is this one's.
  private mutating func take(_ inner: InnerProgram, since start: Instant, _ world: inout ShellWorld) {
    steps = inner.shell.steps
    if stdin.hunger == nil { stdin = inner.shell.stdin }
    pending += inner.lines
    if world.now > start { pending.append(.wait(world.now - start)) }
    world.now = start
  }

  mutating func pipe(_ stages: [ShellCommand], _ world: inout ShellWorld) { pipe(stages[...], nil, &world) }

  /// Each stage has what the one before wrote. A writer without an end is ended by its reader's end, as by a broken pipe.
  private mutating func pipe(_ stages: ArraySlice<ShellCommand>, _ input: PipeText?, _ world: inout ShellWorld) {
    guard let stage = stages.first else { return }
    if stages.count == 1 {
      if failsByStage, let failure = input?.failure, failure != 0 { frames.append(.failure(failure)) }
      frames.append(.streams(streams))
      (streams.input, streams.isCut, streams.device) = (input?.text ?? "", input?.isCut ?? false, nil)
      return frames.append(.run(stage))
    }
    guard nesting < Self.nestingLimit else {
      status = 2
      return
    }
    let before = world
    var writer = InnerProgram(stage, in: self, input)
    var marks = Self.pipeMarks[...]
    while true {
      let mark = marks.first ?? .max
      let halt = writer.run(&world, until: mark)
      let written = writer.shell.buffer
      switch halt {
      case .hungry(let hunger):
        stdin.hunger = hunger
        world.now = before.now
        return
      case .ended(let code):
        take(writer, since: before.now, &world)
        let failure = code != 0 ? code : input?.failure ?? 0
        return pipe(stages.dropFirst(), PipeText(text: written, failure: failure), &world)
      case .paused, .endless: break
      }
      while let passed = marks.first, written.utf8.count >= passed { marks.removeFirst() }
      let isEnough = ends(stages.dropFirst(), PipeText(text: written, isCut: true), &writer, world)
      if isEnough {
        take(writer, since: before.now, &world)
        let text = PipeText(text: written, isCut: true, failure: Self.brokenPipe)
        return pipe(stages.dropFirst(), text, &world)
      }
      if case .paused = halt, !marks.isEmpty { continue }
      return showEndless(stages, writer, before: before, &world)
    }
  }

  /// Whether readers come to their end with the beginning of what has none; they are only tried.
  private mutating func ends(
    _ stages: ArraySlice<ShellCommand>, _ input: PipeText, _ writer: inout InnerProgram, _ world: ShellWorld
  ) -> Bool {
    var (trial, world) = (self, world)
    trial.steps = writer.shell.steps
    let command = stages.count == 1 ? stages.first : .pipeline(Array(stages))
    let result = command.map { trial.capture($0, input: input, &world) }
    writer.shell.steps = trial.steps
    return result?.isEndless != true
  }

  /// A pipeline without an end: a writer that takes its time is shown as it goes on; what comes at once is shown in part.
  private mutating func showEndless(
    _ stages: ArraySlice<ShellCommand>, _ writer: InnerProgram, before: ShellWorld, _ world: inout ShellWorld
  ) {
    steps = writer.shell.steps
    if world.now > before.now, let stage = stages.first {
      world = before
      return frames.append(.run(stage))
    }
    let text = String(Substring(writer.shell.buffer.utf8.prefix(Self.shownBytes)))
    pipe(stages.dropFirst(), PipeText(text: text, isCut: true), &world)
  }
}
