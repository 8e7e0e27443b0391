import Values

/// The programs of one container: the main one, and those that it sent to the background.
struct ShellProcess: Sendable {
  enum Effect: Sendable, Equatable {
    case line(String)
    case output(String, isError: Bool)
    case wait(until: Instant)
    /// Nothing will happen by itself any more.
    case idle
    case exit(Int)
  }

  struct Thread: Sendable {
    var shell: Shell
    /// When it goes on; nil when it waits for others or for ever.
    var due: Instant?
    var isJoining = false
    /// It waits for input.
    var hunger: ShellInput.Hunger?
  }

  /// The most programs at a time.
  private static let threadLimit = 32

  var threads: [Thread]

  init(_ main: Shell, at now: Instant) { threads = [Thread(shell: main, due: now)] }

  /// Goes on until there is something to tell, at the moment that the world says.
  mutating func next(_ world: inout ShellWorld) -> Effect {
    while true {
      guard let index = threads.indices.first(where: { threads[$0].due.map { $0 <= world.now } ?? false }) else {
        return threads.compactMap(\.due).min().map { .wait(until: $0) } ?? .idle
      }
      let effect = threads[index].shell.next(&world)
      takeSpawned(index, world.now)
      if !world.signals.isEmpty {
        deliver(&world)
        // It may have been its own end.
        if !threads.indices.contains(index) { continue }
      }
      switch effect {
      case .line(let text): return .line(text)
      case .output(let text, let isError): return .output(text, isError: isError)
      case .input(let hunger): (threads[index].due, threads[index].hunger) = (nil, hunger)
      case .wait(let time): threads[index].due = world.now + time
      case .endless: threads[index].due = nil
      case .join:
        if threads.count > 1, index == 0 {
          threads[index].due = nil
          threads[index].isJoining = true
        }
      case .exit(let code):
        if index == 0 { return .exit(code) }
        remove(index, world.now)
      }
    }
  }

  private mutating func takeSpawned(_ index: Int, _ now: Instant) {
    let spawned = threads[index].shell.spawned
    if spawned.isEmpty { return }
    threads[index].shell.spawned = []
    for shell in spawned where threads.count < Self.threadLimit { threads.append(Thread(shell: shell, due: now)) }
  }

  /// A signal: true when the program has a trap for it, which runs next.
  mutating func hear(_ signal: String, at now: Instant) -> Bool {
    guard threads[0].shell.trap(signal) else { return false }
    (threads[0].due, threads[0].hunger) = (now, nil)
    threads[0].isJoining = false
    return true
  }

  /// With what it ends when it is asked to and has no trap; nil where it does not hear of it.
  var endOnTerm: Int? { threads[0].shell.endOnTerm }

  /// The last line that it wrote has no end.
  var hasOpenEnd: Bool { threads[0].shell.hasOpenEnd }

  /// Signals for the programs in the background, which end for most of them.
  private mutating func deliver(_ world: inout ShellWorld) {
    for signal in world.signals where !["0", "CONT", "CHLD", "WINCH"].contains(signal.name) {
      guard let index = threads.firstIndex(where: { $0.shell.number == signal.process }), index > 0 else { continue }
      if signal.name != "KILL", threads[index].shell.trap(signal.name) {
        threads[index].due = world.now
      } else {
        remove(index, world.now)
      }
    }
    world.signals.removeAll { $0.process != 1 }
  }

  private mutating func remove(_ index: Int, _ now: Instant) {
    threads.remove(at: index)
    if threads.count == 1, threads[0].isJoining {
      threads[0].isJoining = false
      threads[0].due = now
    }
  }
}
