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
