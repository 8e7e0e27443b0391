import HTTPServer
import Objects
import Synchronization

/// A program in a container at one end, a WebSocket with its channels at the other.
final class CommandSocket: WebSocketPeer, StreamListener {
  private let session: any StreamSession
  private let wishes: StreamWishes
  private let channels: ChannelProtocol
  private let socket = Mutex<WebSocket?>(nil)

  init(_ session: any StreamSession, _ wishes: StreamWishes, _ channels: ChannelProtocol) {
    self.session = session
    self.wishes = wishes
    self.channels = channels
  }

  // MARK: The client

  func opened(_ socket: WebSocket) {
    self.socket.withLock { $0 = socket }
    // An empty message shows that the stream lives.
    socket.send(channels.message(wishes.hasOutput ? .output : wishes.hasErrors ? .errors : .result, []))
    session.start(self)
  }

  func received(_ message: WebSocketMessage) -> Bool {
    switch channels.event(message) {
    case .input(let bytes): return wishes.hasInput ? session.send(bytes) : true
    case .endOfInput: session.endInput()
    case .size(let columns, let rows): session.resize(columns: columns, rows: rows)
    case nil: break
    }
    return true
  }

  func drained() {
    session.resume()
  }

  func closed() {
    socket.withLock { $0 = nil }
    session.close()
  }

  // MARK: The program

  func receive(_ output: StreamOutput) -> Bool {
    guard let socket = socket.withLock({ $0 }) else { return false }
    let message =
      switch output {
      case .output(let bytes): channels.message(.output, bytes)
      case .errors(let bytes): channels.message(.errors, bytes)
      }
    guard socket.send(message) else {
      // Without these bytes all that follows would be wrong.
      self.socket.withLock { $0 = nil }
      finish(socket, .failed("more output than waits for a client that does not read"), code: 1011)
      session.close()
      return false
    }
    return !socket.isCrowded
  }

  func inputDrained() { socket.withLock { $0 }?.resume() }

  func ended(_ end: StreamEnd) {
    if let socket = socket.withLock({ $0 }) { finish(socket, end, code: 1000) }
  }

  private func finish(_ socket: WebSocket, _ end: StreamEnd, code: UInt16) {
    let bytes = CommandResult.bytes(end, version: channels.version)
    if channels.version >= 4 || !bytes.isEmpty { socket.send(channels.message(.result, bytes)) }
    socket.close(code: code)
  }
}
