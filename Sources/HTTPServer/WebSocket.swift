import COpenSSL
import Synchronization
import Values

/// What a program does with a WebSocket. Called on the connection's loop, one call at a time.
public protocol WebSocketPeer: Sendable {
  /// The connection stands; keep `socket` to send.
  func opened(_ socket: WebSocket)
  /// A whole message; false stops reading until `WebSocket.resume`.
  func received(_ message: WebSocketMessage) -> Bool
  /// All that was sent has been taken over by the connection, after `WebSocket.isCrowded`.
  func drained()
  /// Called once: the peer closed, went away, or broke the rules.
  func closed()
}

extension WebSocketPeer {
  public func drained() {}
}

/// One WebSocket connection (RFC 6455). Sending is allowed from any thread.
public final class WebSocket: BodySource, BodySink {
  private struct State {
    var wake: (@Sendable () -> Void)?
    var waiting: [Blob] = []
    var waitingBytes = 0
    var wasCrowded = false
    var isClosing = false
    var isOver = false
    var frames = WebSocketFrames()
    var reading = ReadingState()
    var lastSign = Instant.epoch
  }

  /// How often a peer that is not read from hears that somebody is there.
  private static let signInterval = Duration.seconds(10)

  /// Messages that wait for the peer to read; beyond it `send` refuses.
  public static let waitingBytesLimit = 4 * 1024 * 1024

  /// From here on who sends should wait for `WebSocketPeer.drained`.
  public static let crowdedBytes = 1024 * 1024

  /// What both sides agreed on, if the client asked for any.
  public let subprotocol: String?
  private let peer: any WebSocketPeer
  private let state = Mutex(State())

  private init(_ peer: any WebSocketPeer, subprotocol: String?) {
    self.peer = peer
    self.subprotocol = subprotocol
  }

  /// Whether the request asks for a WebSocket.
  public static func isAsked(by request: Request) -> Bool {
    request.method == .get && request.arena.lists("upgrade", "websocket")
      && request.arena.lists("connection", "upgrade")
  }

  /// The protocols that the client offers, in its order.
  public static func subprotocols(of request: Request) -> [String] {
    request.headers("sec-websocket-protocol").flatMap { line in
      line.utf8.split(separator: UInt8(ascii: ",")).map { String(decoding: $0.trimmed, as: UTF8.self) }
    }
  }

  /// The answer that opens a WebSocket, or says with 400 or 426 why it doesn't. `subprotocols` are those the server
  /// speaks, the best first; `peer` gets the chosen one, nil when the client named none. A client that names only others
  /// is refused.
  public static func answer(
    _ request: Request, subprotocols: [String], refuse: (_ status: Int, _ message: String) -> Response,
    peer: (String?) -> any WebSocketPeer
  ) -> Answer {
    guard isAsked(by: request), let key = request.header("sec-websocket-key"), !key.isEmpty, key.utf8.count < 100 else {
      return .now(refuse(400, "a WebSocket request needs GET, Upgrade, Connection and Sec-WebSocket-Key"))
    }
    guard request.header("sec-websocket-version") == "13" else {
      var response = refuse(426, "only WebSocket version 13 is spoken")
      response.headers.append(("sec-websocket-version", "13"))
      return .now(response)
    }
    let asked = self.subprotocols(of: request)
    let chosen = subprotocols.first(where: asked.contains)
    if !asked.isEmpty && chosen == nil {
      return .now(refuse(400, "none of the subprotocols \(asked.joined(separator: ", ")) is spoken"))
    }
    let socket = WebSocket(peer(chosen), subprotocol: chosen)
    var headers: Headers = [("upgrade", "websocket"), ("sec-websocket-accept", acceptance(of: key))]
    if let chosen { headers.append(("sec-websocket-protocol", chosen)) }
    return .upgrade(Upgrade(headers: headers, source: socket, sink: socket))
  }

  /// Proof that the server understood the request: base64 of SHA-1 of the key and a fixed text.
  static func acceptance(of key: String) -> String {
    let text = Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    EVP_Digest(text, text.count, &digest, &count, EVP_sha1(), nil)
    var encoded = [UInt8](repeating: 0, count: 4 * (Int(count) + 2) / 3 + 4)
    let length = EVP_EncodeBlock(&encoded, digest, Int32(count))
    return String(decoding: encoded[..<Int(max(0, length))], as: UTF8.self)
  }

  // MARK: - Sending

  /// False when too much waits already, or the connection is closing: the message is not sent.
  @discardableResult
  public func send(_ message: WebSocketMessage) -> Bool {
    switch message {
    case .text(let text): enqueue(WebSocketFrames.encode(opcode: 1, text.utf8))
    case .binary(let bytes): enqueue(WebSocketFrames.encode(opcode: 2, bytes))
    }
  }

  /// So much waits for the peer to read that no more should be sent before `WebSocketPeer.drained`, which is then called.
  public var isCrowded: Bool {
    state.withLock { state in
      state.wasCrowded = state.waitingBytes >= Self.crowdedBytes
      return state.wasCrowded
    }
  }

  /// Says goodbye after what is waiting; 1000 is the normal end.
  public func close(code: UInt16 = 1000, reason: String = "") {
    let payload = [UInt8(code >> 8), UInt8(code & 0xff)] + reason.utf8.prefix(120)
    _ = enqueue(WebSocketFrames.encode(opcode: 8, payload), isLast: true)
  }

  /// Reads on after `received` said false.
  public func resume() {
    let wake = state.withLock { state in
      state.reading.resume()
      return state.wake
    }
    wake?()
  }

  public var isFull: Bool { state.withLock { $0.reading.isStopped } }

  private func enqueue(_ frame: Blob, isLast: Bool = false) -> Bool {
    let (isTaken, wake) = state.withLock { state -> (Bool, (@Sendable () -> Void)?) in
      let hasRoom = isLast || state.waitingBytes + frame.count <= Self.waitingBytesLimit
      guard !state.isClosing, !state.isOver, hasRoom else { return (false, nil) }
      state.waiting.append(frame)
      state.waitingBytes += frame.count
      state.isClosing = isLast
      return (true, state.wake)
    }
    wake?()
    return isTaken
  }

  // MARK: - The connection's side

  public func start(wake: @escaping @Sendable () -> Void) {
    state.withLock { $0.wake = wake }
    peer.opened(self)
  }

  public func pull(limit: Int) -> Pulled {
    let (pulled, isDrained) = state.withLock { state -> (Pulled, Bool) in
      if state.waiting.isEmpty { return (state.isClosing ? .end : .wait, false) }
      defer {
        state.waiting = []
        state.waitingBytes = 0
        state.wasCrowded = false
      }
      return (.chunks(state.waiting), state.wasCrowded)
    }
    if isDrained { peer.drained() }
    return pulled
  }

  public func receive(_ bytes: [UInt8]) -> Bool {
    state.withLock { $0.frames.append(bytes) }
    while let event = state.withLock({ $0.isClosing || $0.isOver ? nil : $0.frames.next() }) {
      switch event {
      case .message(let message):
        let before = state.withLock { $0.reading.resumes }
        if !peer.received(message) { state.withLock { $0.reading.stop(ifNoneSince: before) } }
      case .ping(let payload): _ = enqueue(WebSocketFrames.encode(opcode: 10, payload))
      case .pong: break
      case .close(let code): close(code: code ?? 1000)
      case .failed(let code): close(code: code)
      }
    }
    return !isFull
  }

  /// The pings of a peer that is not read from stay without an answer; a pong that it has not asked for tells it the same
  /// (RFC 6455, section 5.5.3).
  public func waited(at now: Instant) {
    let isDue = state.withLock { state in
      guard now - state.lastSign >= Self.signInterval else { return false }
      state.lastSign = now
      return true
    }
    if isDue { _ = enqueue(WebSocketFrames.encode(opcode: 10, [])) }
  }

  /// The peer sends no more: without a closing frame it is gone all the same.
  public func end() {
    let wake = state.withLock { state in
      state.isClosing = true
      return state.wake
    }
    wake?()
  }

  public func cancel() {
    let isFirst = state.withLock { state in
      defer {
        state.isOver = true
        state.wake = nil
        state.waiting = []
      }
      return !state.isOver
    }
    if isFirst { peer.closed() }
  }
}
