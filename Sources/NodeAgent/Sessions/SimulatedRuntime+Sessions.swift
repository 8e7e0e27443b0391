import EventLoops
import Objects
import Values

/// Programs that somebody runs in a container and talks with.
extension SimulatedRuntime {
  /// A program with somebody at its other end.
  struct Session {
    let container: String
    let conversation: SimulatedSession
    let listener: any StreamListener
    let wishes: StreamWishes
    /// nil while it runs, and for one that is attached to the container's own program.
    var process: ShellProcess?
    var console: Console
    var timer: (any ScheduledTimer)?
    /// It follows the log of the container's own program.
    var subscription: LogSubscription?
    /// It is a look at the container's own program.
    var isAttached: Bool { attached != nil }
    /// The output for such a look, which the program does not wait for.
    var attached: HeldOutput?
    /// The other end takes no more for now.
    var isPaused = false
  }

  /// The most programs that are run in containers by others at a time.
  static let sessionLimit = 1000
  /// The number of the process that a session begins with.
  static let firstSessionProcess = 36

  public func execute(_ id: String, _ words: [String], _ wishes: StreamWishes) -> any StreamSession {
    session { runtime, session, listener in runtime.begin(session, id, words, wishes, listener) }
  }

  func session(_ open: @escaping SimulatedSession.Opening) -> SimulatedSession {
    SimulatedSession(self, number: sessionNumbers.add(1, ordering: .relaxed).newValue, open: open)
  }

  private func begin(
    _ conversation: SimulatedSession, _ id: String, _ words: [String], _ wishes: StreamWishes,
    _ listener: any StreamListener
  ) {
    guard let request = state.value.containers[id]?.request else {
      return listener.ended(.failed("container not found"))
    }
    guard state.value.sessions.count < Self.sessionLimit else {
      return listener.ended(.failed("too many programs run already"))
    }
    let image = request.container.image
    let program = words.first?.split(separator: "/").last.map(String.init) ?? ""
    let isInstalled = state.value.containers[id]?.root?.exists("usr/bin/" + program) == true
    if !isInstalled, let failure = ImagePrograms.failure(words, image: image, main: request.words) {
      let text = Array((failure + (wishes.hasTerminal ? "\r\n" : "\n")).utf8)
      _ = listener.receive(wishes.hasErrors && !wishes.hasTerminal ? .errors(text) : .output(text))
      return listener.ended(.exited(127))
    }
    var environment = request.surroundings.environment.all
    if wishes.hasTerminal { environment["TERM"] = environment["TERM"] ?? "xterm" }
    var shell = Shell(
      words: words, environment, .missing(from: ShellImage(image: image)), folder: request.container.folder)
    if program == "bash" { shell.name = program }
    shell.ownPrograms = ImagePrograms.own(image)
    shell.lacked = ImagePrograms.lacked(image)
    shell.number = Self.firstSessionProcess
    shell.streams.out = .output
    shell.streams.error = wishes.hasTerminal ? .output : .errors
    shell.stdin.isOpen = wishes.hasInput
    state.value.sessions[conversation.number] = Session(
      container: id, conversation: conversation, listener: listener, wishes: wishes,
      process: ShellProcess(shell, at: clock.now),
      console: Console(hasTerminal: wishes.hasTerminal, prompt: Prompt(image: image, program: program)))
    pump(conversation.number)
  }

  /// Lets a session's program run up to its next wait, and passes on what it says.
  func pump(_ number: Int) {
    guard let session = state.value.sessions[number], var process = session.process else { return }
    if session.isPaused { return settle(session, process) }
    state.value.sessions[number]?.process = nil
    state.value.sessions[number]?.timer?.cancel()
    var world = enter(session.container, at: clock.now, isBeside: true)
    var output = SessionOutput(hasTerminal: session.wishes.hasTerminal)
    var code: Int?
    running: while output.count < SessionOutput.pieceLimit {
      switch process.next(&world) {
      case .output(let text, let isError): output.add(text, isError: isError)
      case .line(let text): output.add(text + "\n", isError: true)
      case .wait(let moment):
        let timer = clock.schedule(at: max(moment, clock.now), on: loop) { [weak self] in self?.pump(number) }
        state.value.sessions[number]?.timer = timer
        break running
      case .idle: break running
      case .exit(let status):
        code = status
        break running
      }
    }
    let hostname = world.hostname
    leave(session.container, world)
    if code == nil {
      output.add(state.value.sessions[number]?.console.prompt(of: process, hostname: hostname) ?? "", isError: false)
    }
    let isFull = output.count >= SessionOutput.pieceLimit
    state.value.sessions[number]?.process = process
    let wantsMore = tell(session, output)
    if let code { return endSession(number, .exited(code)) }
    if !wantsMore {
      state.value.sessions[number]?.isPaused = true
    } else if isFull {
      loop.run { [self] in pump(number) }
    }
    settle(session, process)
  }

  /// Lets input come or wait, by how much of it the program has left.
  private func settle(_ session: Session, _ process: ShellProcess) {
    if session.conversation.settle(unread: process.waitingInput) { session.listener.inputDrained() }
    let limit = SimulatedSession.inputLimit * (process.hunger == .all ? 1 : 2)
    if process.waitingInput > limit {
      endSession(session.conversation.number, .failed("more input than a simulated program can hold"))
    }
  }

  private func tell(_ session: Session, _ output: SessionOutput) -> Bool {
    var wantsMore = true
    for piece in output.pieces {
      switch piece {
      case .output where !session.wishes.hasOutput, .errors where !session.wishes.hasErrors: continue
      default: wantsMore = session.listener.receive(piece) && wantsMore
      }
    }
    return wantsMore
  }

  func endSession(_ number: Int, _ end: StreamEnd) {
    guard let session = state.value.sessions.removeValue(forKey: number) else { return }
    session.timer?.cancel()
    session.subscription?.cancel()
    session.attached?.finish()
    session.listener.ended(end)
  }

  /// The container is gone, and with it what ran in it.
  func endSessions(of id: String, _ code: Int) {
    for (number, session) in state.value.sessions.sorted(by: { $0.key < $1.key }) where session.container == id {
      endSession(number, .exited(session.isAttached ? 0 : code))
    }
  }
}
