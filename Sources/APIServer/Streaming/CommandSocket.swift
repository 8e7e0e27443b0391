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
    switch output {
    case .output(let bytes): socket.send(channels.message(.output, bytes))
    case .errors(let bytes): socket.send(channels.message(.errors, bytes))
    }
    return !socket.isCrowded
  }

  func inputDrained() { socket.withLock { $0 }?.resume() }

  func ended(_ end: StreamEnd) {
    guard let socket = socket.withLock({ $0 }) else { return }
    let bytes = CommandResult.bytes(end, version: channels.version)
    if channels.version >= 4 || !bytes.isEmpty { socket.send(channels.message(.result, bytes)) }
    socket.close()
  }
}
