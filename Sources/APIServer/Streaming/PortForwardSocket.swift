import HTTPServer
import Objects
import Synchronization
import Values

/// Connections to the ports of a pod over one WebSocket, in the older form: two channels for each of the ports in the query,
/// the first for data, the second for errors.
final class PortForwardSocket: WebSocketPeer {
  static let protocols = ["v4.channel.k8s.io", "v4.base64.channel.k8s.io"]

  /// The most ports, for the number of a channel is one byte.
  private static let portLimit = 127

  /// Why these ports cannot be forwarded in this form; nil when they can.
  static func objection(_ ports: [Int]) -> String? {
    if ports.isEmpty { return "query parameter \"ports\" is required" }
    return ports.count > portLimit ? "at most \(portLimit) ports can be forwarded over one WebSocket" : nil
  }

  /// One port's side.
  private final class Line: StreamListener {
    let session: any StreamSession
    private let owner: Owner
    private let number: Int
    private let port: Int

    init(_ session: any StreamSession, _ owner: Owner, number: Int, port: Int) {
      self.session = session
      self.owner = owner
      self.number = number
      self.port = port
    }

    func receive(_ output: StreamOutput) -> Bool {
      switch output {
      case .output(let bytes), .errors(let bytes): owner.socket?.pass(UInt8(number * 2), bytes) ?? false
      }
    }

    func inputDrained() { owner.socket?.resume() }

    func ended(_ end: StreamEnd) { owner.socket?.ended(number, port, end) }
  }

  /// The socket as its lines know it.
  private final class Owner: Sendable {
    private let reference = Mutex<PortForwardSocket?>(nil)
    var socket: PortForwardSocket? {
      get { reference.withLock { $0 } }
      set { reference.withLock { $0 = newValue } }
    }
  }

  private struct State {
    var socket: WebSocket?
    var open = 0
  }

  private let ports: [Int]
  private let place: ContainerPlace
  private let isText: Bool
  private let lines: [Line]
  private let reference = Owner()
  private let state = Mutex(State())

  init(_ source: any PodPorts, _ ports: [Int], _ place: ContainerPlace, isText: Bool) {
    self.ports = ports
    self.place = place
    self.isText = isText
    let reference = reference
    lines = ports.enumerated().map { Line(source.connect($1), reference, number: $0, port: $1) }
  }

  func opened(_ socket: WebSocket) {
    state.withLock { $0 = State(socket: socket, open: lines.count) }
    reference.socket = self
    for (number, port) in ports.enumerated() {
      let bytes = [UInt8(port & 0xff), UInt8(port >> 8)]
      _ = pass(UInt8(number * 2), bytes)
      _ = pass(UInt8(number * 2 + 1), bytes)
    }
    for line in lines { line.session.start(line) }
  }

  func received(_ message: WebSocketMessage) -> Bool {
    var bytes: [UInt8]
    switch message {
    case .binary(let binary): bytes = binary
    case .text(let text):
      guard isText, let first = text.utf8.first, let rest = Base64.decode(String(text.dropFirst())) else { return true }
      bytes = [first &- 48] + rest
    }
    guard let channel = bytes.first, channel % 2 == 0, Int(channel / 2) < lines.count else { return true }
    return lines[Int(channel / 2)].session.send(Array(bytes.dropFirst()))
  }

  func drained() { for line in lines { line.session.resume() } }

  func closed() {
    state.withLock { $0.socket = nil }
    reference.socket = nil
    for line in lines { line.session.close() }
  }

  private func resume() { state.withLock { $0.socket }?.resume() }

  private func pass(_ channel: UInt8, _ bytes: [UInt8]) -> Bool {
    guard let socket = state.withLock({ $0.socket }) else { return false }
    guard socket.send(isText ? .text(String(channel) + Base64.encode(bytes)) : .binary([channel] + bytes)) else {
      // Without these bytes all that follows would be wrong.
      state.withLock { $0.socket = nil }
      socket.close(code: 1011, reason: "more data than waits for a client that does not read")
      for line in lines { line.session.close() }
      return false
    }
    return !socket.isCrowded
  }

  private func ended(_ number: Int, _ port: Int, _ end: StreamEnd) {
    if case .failed(let message) = end {
      _ = pass(UInt8(number * 2 + 1), Array(PortLink.words(message, port, place).utf8))
    }
    let last = state.withLock { state -> WebSocket? in
      state.open -= 1
      return state.open == 0 ? state.socket : nil
    }
    last?.close()
  }
}
