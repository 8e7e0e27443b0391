import Values

/// Programs within programs: `$(…)` and pipelines.
extension Shell {
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
