import EventLoops
import Values

/// How programs are asked to end.
///
/// The kernel spares the first process of a container whatever it has no handler for. Shells, `sleep`, `tail` and their like
/// have none for TERM, so that they last until the grace is over; servers have one and end at once.
extension SimulatedRuntime {
  private static let killed = 137
  private static let terminated = 143
  private static let endings: Set<String> = ["TERM", "INT", "QUIT"]

  public func stop(_ id: String, grace: Duration) {
    loop.run { [self] in
      guard let container = state.value.containers[id] else { return }
      if grace == .zero { return end(id, Self.killed, "") }
      if let needs = container.stopTime {
        let code = needs > grace ? Self.killed : Self.terminated
        return after(clock.now + min(needs, grace), id) { $0.end(id, code, "") }
      }
      if signal(id, "TERM") { return }
      if container.request.pod.sharesProcesses { return end(id, Self.terminated, "") }
      after(clock.now + grace, id) { $0.end(id, Self.killed, "") }
    }
  }

  /// A signal for the first process of a container; false when it does not hear it.
  @discardableResult
  func signal(_ id: String, _ name: String) -> Bool {
    guard let container = state.value.containers[id] else { return true }
    if container.process?.hear(name, at: clock.now) == true {
      advance(id, from: clock.now)
      return true
    }
    guard Self.endings.contains(name) else { return false }
    guard let process = container.process else {
      end(id, 0, "")
      return true
    }
    guard let code = process.endOnTerm else { return false }
    end(id, code, "")
    return true
  }
}
