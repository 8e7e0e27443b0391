import Synchronization
import Values

/// A SPDY connection inside a WebSocket, whose messages carry its bytes in any pieces.
public final class SPDYTunnel: WebSocketPeer {
  private struct State {
    var socket: WebSocket?
    /// Somebody passes output on, and looks again when more was wanted meanwhile: so its order is kept without a lock
    /// that is held while others are called.
    var isPassing = false
    var isWanted = false
  }

  private let connection: SPDYConnection
  private let state = Mutex(State())

  public init(_ connection: SPDYConnection) { self.connection = connection }

  public func opened(_ socket: WebSocket) {
    state.withLock { $0.socket = socket }
    connection.start(wake: { [weak self] in self?.pass() }, resumed: { [weak socket] in socket?.resume() })
  }

  /// What the connection has to say, as far as the client takes it.
  private func pass() {
    let isFirst = state.withLock { state in
      state.isWanted = true
      defer { state.isPassing = true }
      return !state.isPassing
    }
    guard isFirst else { return }
    while let socket = nextSocket() { pass(to: socket) }
  }

  private func nextSocket() -> WebSocket? {
    state.withLock { state in
      let socket = state.isWanted ? state.socket : nil
      state.isWanted = false
      state.isPassing = socket != nil
      return socket
    }
  }

  private func pass(to socket: WebSocket) {
    while !socket.isCrowded {
      switch connection.pull(limit: WebSocket.crowdedBytes) {
      case .chunks(let chunks):
        // What is lost here would be missing in the middle of the connection.
        if !chunks.allSatisfy({ socket.send(.binary(Array($0.bytes))) }) { return end(socket) }
      case .wait: return
      case .end: return end(socket)
      }
    }
  }

  private func end(_ socket: WebSocket) {
    state.withLock { $0.socket = nil }
    connection.abort()
    socket.close()
  }

  public func received(_ message: WebSocketMessage) -> Bool {
    switch message {
    case .binary(let bytes): connection.receive(bytes)
    case .text(let text): connection.receive(Array(text.utf8))
    }
  }

  public func drained() { pass() }

  public func closed() {
    state.withLock { $0.socket = nil }
    connection.cancel()
  }
}
