import EventLoops
import Objects
import Values

/// The streams of a container's own program, for those who attach to it.
///
/// Without a terminal they see the lines that go to the log. A terminal has all that the program writes, and the log has its
/// lines too.
extension SimulatedRuntime {
  public func attach(_ id: String, _ wishes: StreamWishes) -> any StreamSession {
    session { runtime, session, listener in runtime.begin(attached: session, id, wishes, listener) }
  }

  /// The program that a container runs, with its console where it has one.
  static func mainProgram(
    _ program: Shell?, _ request: ContainerRequest, at now: Instant
  ) -> (ShellProcess?, Console?) {
    let (hasInput, hasTerminal) = (request.container.hasInput, request.container.hasTerminal)
    let image = request.container.image
    var found = program
    if found == nil, request.words.isEmpty, hasInput, WellKnownImages.profile(image).kind == .shell {
      found = Shell(words: ["sh"], request.surroundings.environment.all, .missing(from: ShellImage(image: image)))
    }
    guard var shell = found else { return (nil, nil) }
    guard hasInput || hasTerminal else { return (ShellProcess(shell, at: now), nil) }
    shell.stdin.isOpen = hasInput
    if hasTerminal {
      shell.streams.out = .output
      shell.streams.error = .output
    }
    let name = request.words.first?.split(separator: "/").last.map(String.init) ?? "sh"
    if name == "bash" { shell.name = name }
    return (
      ShellProcess(shell, at: now), Console(hasTerminal: hasTerminal, prompt: Prompt(image: image, program: name))
    )
  }

  private func begin(
    attached conversation: SimulatedSession, _ id: String, _ wishes: StreamWishes, _ listener: any StreamListener
  ) {
    guard let container = state.value.containers[id] else { return listener.ended(.failed("container not found")) }
    guard state.value.sessions.count < Self.sessionLimit else {
      return listener.ended(.failed("too many look on already"))
    }
    let image = container.request.container.image
    let console = state.value.consoles[id] ?? Console(hasTerminal: false, prompt: Prompt(image: image, program: "sh"))
    var session = Session(
      container: id, conversation: conversation, listener: listener, wishes: wishes, process: nil, console: console)
    let number = conversation.number
    let output = HeldOutput(listener) { [weak self] in
      guard let self else { return }
      loop.run { self.endSession(number, HeldOutput.failure) }
    }
    session.attached = output
    if console.terminal == nil, wishes.hasOutput {
      session.subscription =
        container.log.follow { line in
          if let line { output.send(RawText.bytes(line.text + "\n")) }
        }.subscription
    }
    state.value.sessions[number] = session
    // A prompt that was shown before anybody could see it is shown again.
    if let process = container.process,
      let prompt = console.promptText(of: process, hostname: container.request.surroundings.hostname), wishes.hasOutput
    {
      output.send(RawText.bytes(prompt))
    }
  }

  /// What a program writes to its terminal: to all who look on, and by lines to the log.
  func show(_ text: String, of id: String, at now: Instant) {
    let bytes = RawText.bytes(Terminal.shown(text))
    for (_, session) in state.value.sessions.sorted(by: { $0.key < $1.key })
    where session.container == id && session.wishes.hasOutput { session.attached?.send(bytes) }
    guard let container = state.value.containers[id] else { return }
    var lines = ((state.value.consoles[id]?.partialLine ?? "") + text).split(
      separator: "\n", omittingEmptySubsequences: false
    ).map(String.init)
    let rest = lines.popLast() ?? ""
    state.value.consoles[id]?.partialLine = String(rest.suffix(Shell.partialLimit))
    for line in lines { container.log.write(LogLine(time: now, text: line)) }
  }

  func feedAttached(_ number: Int, _ bytes: [UInt8]) {
    guard let session = state.value.sessions[number], session.wishes.hasInput else { return }
    let id = session.container
    for piece in Console.pieces(bytes) {
      guard let container = state.value.containers[id], let process = container.process,
        var console = state.value.consoles[id]
      else { return }
      let typed = console.type(piece, process, hostname: container.request.surroundings.hostname)
      state.value.consoles[id] = console
      if !typed.echo.isEmpty { show(typed.echo, of: id, at: clock.now) }
      for action in typed.actions { act(onMainProgramOf: id, action) }
    }
    settleAttached(id)
  }

  /// Lets input for a container's own program come or wait, by how much of it the program has left.
  func settleAttached(_ id: String) {
    let unread = state.value.containers[id]?.process?.waitingInput ?? 0
    for session in state.value.sessions.values where session.isAttached && session.container == id {
      if session.conversation.settle(unread: unread) { session.listener.inputDrained() }
    }
  }

  private func act(onMainProgramOf id: String, _ action: Terminal.Action) {
    switch action {
    case .input(let text):
      state.value.consoles[id]?.hasPrompted = false
      state.value.containers[id]?.process?.feed(text, at: clock.now)
    case .endOfInput: state.value.containers[id]?.process?.markEnd(at: clock.now)
    case .interrupt:
      state.value.consoles[id]?.hasPrompted = false
      // A container's first process hears no signal that it does not ask for.
      _ = state.value.containers[id]?.process?.interrupt(at: clock.now)
    case .complete: return
    }
    advance(id, from: clock.now)
  }

  /// Whoever gave the input is done; where it is to come but once, that is its end.
  func endAttachedInput(_ number: Int) {
    guard let session = state.value.sessions[number], session.wishes.hasInput,
      let container = state.value.containers[session.container],
      container.request.container.endsInputOnce
    else { return }
    state.value.containers[session.container]?.process?.endInput(at: clock.now)
    advance(session.container, from: clock.now)
  }
}
