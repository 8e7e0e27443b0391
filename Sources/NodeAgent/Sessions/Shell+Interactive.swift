import Values

/// A shell that reads its program line by line while it runs it: at a terminal, or from a pipe.
extension Shell {
  /// Reads the next command, and puts what runs it on the frames.
  /// - Parameter begun: the lines of a command that is not complete.
  mutating func readCommand(_ begun: String, _ world: inout ShellWorld) {
    guard let line = stdin.line() else {
      if stdin.hunger == nil, !begun.isEmpty {
        write("\(name): syntax error: unexpected end of file\n", to: streams.error, &world)
      }
      return
    }
    if line.hasSuffix("\\") { return frames.append(.commands(begun + line.dropLast())) }
    let text = begun + line
    do throws(ShellSyntaxError) {
      let command = try ShellParser.parse(text)
      if Self.hasOpenDocument(text) { return frames.append(.commands(text + "\n")) }
      frames.append(.commands(""))
      frames.append(.run(command))
    } catch {
      if error.isUnfinished, text.utf8.count < ShellParser.lengthLimit { return frames.append(.commands(text + "\n")) }
      write("\(name): \(error.message)\n", to: streams.error, &world)
      status = 2
      frames.append(.commands(""))
    }
  }

  /// Whether the end of a here document has yet to come.
  private static func hasOpenDocument(_ text: String) -> Bool {
    guard let start = text.firstRange(of: "<<"), !text[start.upperBound...].hasPrefix("<") else { return false }
    let before = text[..<start.lowerBound]
    // Shifted numbers and quoted texts are no documents.
    let isQuoted = ["\"", "'"].contains { mark in before.count { String($0) == mark } % 2 == 1 }
    if isQuoted || before.contains("((") { return false }
    let word = text[start.upperBound...].drop { $0 == "-" || $0 == " " }.prefix { !" \n;|&<>)".contains($0) }
    let end = word.filter { $0 != "'" && $0 != "\"" && $0 != "\\" }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
    return !end.isEmpty && !lines.contains { $0.drop { $0 == "\t" } == end }
  }

  /// Passes on what is typed or piped, as `cat` does.
  mutating func copyInput(_ world: inout ShellWorld) {
    guard let text = stdin.some() else { return }
    write(text, to: streams.out, &world)
    frames.append(.copyInput)
  }

  /// The next line of what comes in; nil at its end.
  mutating func inputLine() -> String? {
    guard let input = streams.input else { return stdin.line() }
    guard let end = input.utf8.firstIndex(of: UInt8(ascii: "\n")) else {
      ranDry = ranDry || streams.isCut
      streams.input = ""
      return input.isEmpty ? nil : input
    }
    streams.input = String(input[input.utf8.index(after: end)...])
    return String(input[..<end])
  }

  /// Lines of a command that is not complete, while the shell waits for its next command; nil when it does something else.
  var begunCommand: String? {
    if case .commands(let begun)? = frames.last { begun } else { nil }
  }

  /// Ends a shell that was started inside of another that reads its commands, too; false when this is the only one.
  mutating func leaveInnerShell() -> Bool {
    let readers = frames.indices.filter { if case .commands = frames[$0] { true } else { false } }
    guard readers.count > 1, let last = readers.last else { return false }
    unwind(to: last)
    frames.removeLast()
    return true
  }

  /// Takes frames away, and what they would have put back is put back.
  mutating func unwind(to index: Int) {
    while frames.count > index + 1, let frame = frames.popLast() {
      switch frame {
      case .streams(let old): streams = old
      case .arguments(let old): arguments = old
      case .tolerant(let old): isTolerant = old
      case .scope(let variables, let folder): (self.variables, self.folder) = (variables, folder)
      default: break
      }
    }
  }

  /// Ctrl-C: ends what runs; false when that is the program itself.
  mutating func interrupt() -> Bool {
    guard let reader = frames.lastIndex(where: { if case .commands = $0 { true } else { false } }) else { return false }
    pending.removeAll()
    partialLine = ""
    status = 130
    unwind(to: reader)
    frames[reader] = .commands("")
    return true
  }
}

extension ShellSyntaxError {
  /// More lines could make it right.
  var isUnfinished: Bool { message.contains("end of file") || message.contains("nterminated") }
}

/// What comes in for the programs of a container.
extension ShellProcess {
  mutating func feed(_ text: String, at now: Instant) {
    threads[0].shell.stdin.feed(text)
    if threads[0].hunger == .some { wake(at: now) }
  }

  mutating func endInput(at now: Instant) {
    threads[0].shell.stdin.isOpen = false
    if threads[0].hunger != nil { wake(at: now) }
  }

  /// Ctrl-D.
  mutating func markEnd(at now: Instant) {
    threads[0].shell.stdin.markEnd()
    if threads[0].hunger != nil { wake(at: now) }
  }

  /// Ctrl-C; false when nothing is left that could go on.
  mutating func interrupt(at now: Instant) -> Bool {
    if threads[0].shell.trap("INT") || threads[0].shell.interrupt() {
      wake(at: now)
      return true
    }
    return false
  }

  private mutating func wake(at now: Instant) {
    threads[0].hunger = nil
    threads[0].isJoining = false
    threads[0].due = now
  }

  /// It waits for a command to be typed: the lines of it that are there already.
  var begunCommand: String? { threads[0].hunger == nil ? nil : threads[0].shell.begunCommand }

  /// It waits for more input; nil when it does not.
  var hunger: ShellInput.Hunger? { threads[0].hunger }

  /// Bytes that have come and are not read.
  var waitingInput: Int { threads[0].shell.stdin.count }

  /// The shell that reads.
  var shell: Shell { threads[0].shell }
}
