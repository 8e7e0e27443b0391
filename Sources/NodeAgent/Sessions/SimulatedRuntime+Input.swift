import EventLoops
import Objects
import Values

/// What comes in for the programs that somebody talks with.
extension SimulatedRuntime {
  func feed(_ number: Int, _ bytes: [UInt8]) {
    if feedConnection(number, bytes) { return }
    if state.value.sessions[number]?.isAttached == true { return feedAttached(number, bytes) }
    let hasTerminal = state.value.sessions[number]?.wishes.hasTerminal ?? false
    for piece in hasTerminal ? Console.pieces(bytes) : [bytes] { take(number, piece) }
  }

  private func take(_ number: Int, _ bytes: [UInt8]) {
    guard let session = state.value.sessions[number], let process = session.process else { return }
    let hostname = state.value.containers[session.container]?.request.surroundings.hostname ?? ""
    var console = session.console
    let typed = console.type(bytes, process, hostname: hostname)
    state.value.sessions[number]?.console = console
    if !typed.echo.isEmpty { _ = session.listener.receive(.output(RawText.bytes(Terminal.shown(typed.echo)))) }
    for action in typed.actions { act(number, action) }
    if typed.actions.isEmpty { pump(number) }
  }

  private func act(_ number: Int, _ action: Terminal.Action) {
    var isOver = false
    switch action {
    case .input(let text):
      state.value.sessions[number]?.console.hasPrompted = false
      state.value.sessions[number]?.process?.feed(text, at: clock.now)
    case .endOfInput:
      if let session = state.value.sessions[number], session.process?.begunCommand != nil {
        _ = session.listener.receive(.output(Array((session.console.prompt.style == .full ? "exit\r\n" : "\r\n").utf8)))
      }
      state.value.sessions[number]?.process?.markEnd(at: clock.now)
    case .interrupt:
      state.value.sessions[number]?.console.hasPrompted = false
      isOver = state.value.sessions[number]?.process?.interrupt(at: clock.now) == false
    case .complete(let word): complete(number, word)
    }
    if isOver { endSession(number, .exited(130)) } else { pump(number) }
  }

  func endInput(_ number: Int) {
    if state.value.connections[number] != nil { return endConnection(number) }
    if state.value.sessions[number]?.isAttached == true { return endAttachedInput(number) }
    if let rest = state.value.sessions[number]?.console.takeUnfinished(), !rest.isEmpty {
      state.value.sessions[number]?.process?.feed(rest, at: clock.now)
    }
    state.value.sessions[number]?.process?.endInput(at: clock.now)
    pump(number)
  }

  func resize(_ number: Int, _ columns: Int, _ rows: Int) {
    state.value.sessions[number]?.console.terminal?.resize(columns: columns, rows: rows)
  }

  func resumeSession(_ number: Int) {
    if let connection = state.value.connections[number] { return connection.output.resume() }
    state.value.sessions[number]?.isPaused = false
    state.value.sessions[number]?.attached?.resume()
    pump(number)
  }

  func closeSession(_ number: Int) {
    if state.value.connections.removeValue(forKey: number) != nil { return }
    if state.value.sessions[number]?.isAttached == true { endAttachedInput(number) }
    guard let session = state.value.sessions.removeValue(forKey: number) else { return }
    session.timer?.cancel()
    session.subscription?.cancel()
  }

  /// The rest of a name of a file or a command, when there is but one.
  private func complete(_ number: Int, _ word: String) {
    guard let session = state.value.sessions[number], let process = session.process else { return }
    let world = enter(session.container, at: clock.now)
    let rest = Completion.rest(of: word, process.shell, world)
    let prompt = session.console.promptText(of: process, hostname: world.hostname)
    leave(session.container, world)
    var echo = ""
    state.value.sessions[number]?.console.terminal?.insert(rest, prompt, &echo)
    if !echo.isEmpty { _ = session.listener.receive(.output(RawText.bytes(echo))) }
  }
}
