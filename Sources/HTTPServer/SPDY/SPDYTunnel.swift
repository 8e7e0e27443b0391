import Synchronization
import Values

/// A SPDY connection inside a WebSocket, whose messages carry its bytes in any pieces.
public final class SPDYTunnel: WebSocketPeer {
  private let connection: SPDYConnection
  private let socket = Mutex<WebSocket?>(nil)

  public init(_ connection: SPDYConnection) { self.connection = connection }

  public func opened(_ socket: WebSocket) {
    self.socket.withLock { $0 = socket }
    connection.start { [weak self] in self?.pass() }
  }

  /// What the connection has to say, in its order: whoever is here holds the socket.
  private func pass() {
    socket.withLock { socket in
      guard let open = socket else { return }
      while case .chunks(let chunks) = connection.pull(limit: WebSocket.crowdedBytes) {
        for chunk in chunks { open.send(.binary(Array(chunk.bytes))) }
      }
      if connection.isOver {
        open.close()
        socket = nil
      }
    }
    socket.withLock { $0 }?.resume()
  }

  public func received(_ message: WebSocketMessage) -> Bool {
    switch message {
    case .binary(let bytes): connection.receive(bytes)
    case .text(let text): connection.receive(Array(text.utf8))
    }
  }

  public func closed() {
    socket.withLock { $0 = nil }
    connection.cancel()
  }
}
