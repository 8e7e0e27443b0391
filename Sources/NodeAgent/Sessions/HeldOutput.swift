import Objects
import Synchronization

/// Output of what cannot be made to wait: a container's own program, a server. It is held while the other end takes no
/// more, up to a limit, beyond which the conversation ends: nothing is lost from its middle.
final class HeldOutput: Sendable {
  static let limit = 2 << 20
  static let failure = StreamEnd.failed("the other end reads too slowly: its output was more than can be held")

  fileprivate struct State {
    var isPaused = false
    var isOver = false
    var held: [UInt8] = []
  }

  private let listener: any StreamListener
  private let overflow: @Sendable () -> Void
  private let state = Mutex(State())

  /// - Parameter overflow: called once, when more is held than may be; nothing is passed on from then on.
  init(_ listener: any StreamListener, overflow: @escaping @Sendable () -> Void) {
    self.listener = listener
    self.overflow = overflow
  }

  func send(_ bytes: [UInt8]) {
    let isTooMuch = state.withLock { state in
      if state.isOver { return false }
      guard state.isPaused else {
        state.isPaused = !listener.receive(.output(bytes))
        return false
      }
      state.held += bytes
      state.isOver = state.held.count > Self.limit
      return state.isOver
    }
    if isTooMuch { overflow() }
  }

  /// The other end takes more again.
  func resume() {
    state.withLock { state in
      state.isPaused = false
      if !state.isOver { state.pass(to: listener) }
    }
  }

  /// Passes on what is held, before the end.
  func finish() {
    state.withLock { state in
      if !state.isOver { state.pass(to: listener) }
      state.isOver = true
    }
  }
}

extension HeldOutput.State {
  fileprivate mutating func pass(to listener: any StreamListener) {
    if held.isEmpty { return }
    isPaused = !listener.receive(.output(held))
    held = []
  }
}
