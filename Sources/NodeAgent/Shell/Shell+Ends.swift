import Values

/// How programs, loops and functions are left.
extension Shell {
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

  /// `exit` within `( … )` and `sh -c`; false where it means the program itself.
  mutating func leaveSubshell() -> Bool {
    let last = frames.lastIndex { frame in
      switch frame {
      case .scope, .commands: true
      default: false
      }
    }
    guard let last, case .scope = frames[last] else { return false }
    unwind(to: last)
    return true
  }

  /// What becomes of an effect that lasts longer than `timeout` allows: its program ends then.
  mutating func bounded(_ effect: Effect, _ now: Instant) -> Effect {
    let time: Duration?
    switch effect {
    case .wait(let wanted): time = wanted
    case .endless, .join: time = nil
    case .line, .output, .input, .exit: return effect
    }
    var first: (index: Int, moment: Instant, code: Int)?
    for case (let index, .deadline(let moment, let code)) in zip(frames.indices, frames)
    where first.map({ moment < $0.moment }) ?? true {
      first = (index, moment, code)
    }
    guard let first else { return effect }
    if let time, now + time <= first.moment { return effect }
    pending.removeAll()
    unwind(to: first.index)
    frames.removeLast()
    status = first.code
    if endsOnFailure, !isTolerant { frames.removeAll() }
    return .wait(max(.zero, first.moment - now))
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
