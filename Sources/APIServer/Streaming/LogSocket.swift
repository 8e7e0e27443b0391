import HTTPServer
import Synchronization
import Values

/// The output of a container over a WebSocket, as programs without streams read it: in messages, as it comes.
/// Source: the subprotocols `binary.k8s.io` and `base64.binary.k8s.io`.
final class LogSocket: WebSocketPeer {
  static let names = ["binary.k8s.io", "base64.binary.k8s.io"]

  private let reader: any LogReader
  private let isText: Bool
  private let socket = Mutex<WebSocket?>(nil)
  /// One at a time reads on.
  private let turn = Mutex(())

  init(_ reader: any LogReader, isText: Bool) {
    self.reader = reader
    self.isText = isText
  }

  func opened(_ socket: WebSocket) {
    self.socket.withLock { $0 = socket }
    reader.start { [weak self] in self?.pass() }
    pass()
  }

  /// There is nothing to say to a log.
  func received(_ message: WebSocketMessage) -> Bool { true }

  func drained() { pass() }

  func closed() {
    socket.withLock { $0 = nil }
    reader.cancel()
  }

  private func pass() {
    turn.withLock { _ in
      while let socket = socket.withLock({ $0 }), !socket.isCrowded {
        switch reader.next() {
        case .bytes(let blob):
          let bytes = Array(blob.bytes)
          socket.send(isText ? .text(Base64.encode(bytes)) : .binary(bytes))
        case .wait: return
        case .end:
          self.socket.withLock { $0 = nil }
          socket.close()
        }
      }
    }
  }
}
