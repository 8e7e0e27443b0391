import EventLoops
import Objects
import Synchronization
import Values

/// One conversation with a simulated container. What is said here is passed to the runtime's loop in its order.
final class SimulatedSession: StreamSession {
  /// The most bytes of input that wait to be read.
  static let inputLimit = 8 << 20

  /// Starts what the conversation is about, on the runtime's loop.
  typealias Opening = @Sendable (SimulatedRuntime, SimulatedSession, any StreamListener) -> Void

  private struct Waiting {
    /// On their way to the loop.
    var inFlight = 0
    /// What the program had left when it was last looked at.
    var unread = 0
    /// The sender was told to pause.
    var isFull = false

    /// A byte on its way counts as many as it may become in the program's text.
    var isTooMuch: Bool { inFlight * RawText.widestByte + unread > SimulatedSession.inputLimit }
  }

  let number: Int
  private let runtime: SimulatedRuntime
  private let open: Opening
  private let waiting = Mutex(Waiting())

  init(_ runtime: SimulatedRuntime, number: Int, open: @escaping Opening) {
    self.runtime = runtime
    self.number = number
    self.open = open
  }

  func start(_ listener: any StreamListener) {
    runtime.loop.run { [self] in open(runtime, self, listener) }
  }

  func send(_ bytes: [UInt8]) -> Bool {
    let hasRoom = waiting.withLock { waiting in
      waiting.inFlight += bytes.count
      waiting.isFull = waiting.isTooMuch
      return !waiting.isFull
    }
    runtime.loop.run { [self] in
      waiting.withLock { $0.inFlight -= bytes.count }
      runtime.feed(number, bytes)
    }
    return hasRoom
  }

  /// How much the program has not read; on the loop. True when the sender may go on that was told to pause.
  func settle(unread: Int) -> Bool {
    waiting.withLock { waiting in
      waiting.unread = unread
      guard waiting.isFull, !waiting.isTooMuch else { return false }
      waiting.isFull = false
      return true
    }
  }

  func endInput() { runtime.loop.run { [self] in runtime.endInput(number) } }

  func resize(columns: Int, rows: Int) { runtime.loop.run { [self] in runtime.resize(number, columns, rows) } }

  func resume() { runtime.loop.run { [self] in runtime.resumeSession(number) } }

  func close() { runtime.loop.run { [self] in runtime.closeSession(number) } }
}
