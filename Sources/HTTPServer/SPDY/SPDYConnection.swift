import EventLoops
import Synchronization
import Values

/// What a program does with the streams of a SPDY connection. Called on the connection's loop, one call at a time.
public protocol SPDYPeer: Sendable {
  /// The connection stands; keep it to send.
  func opened(_ connection: SPDYConnection)
  /// The client wants a stream; false refuses it.
  func began(_ stream: UInt32, headers: [(name: String, value: String)]) -> Bool
  /// False stops reading, from all streams, until `SPDYConnection.resume`.
  func received(_ stream: UInt32, _ bytes: [UInt8]) -> Bool
  /// The client has said all on this stream.
  func ended(_ stream: UInt32)
  func reset(_ stream: UInt32)
  /// All that was sent has been taken over by the connection, after `SPDYConnection.isCrowded`.
  func drained()
  /// Called once.
  func closed()
}

/// One SPDY/3.1 connection with a client. Sending is allowed from any thread.
public final class SPDYConnection: BodySource, BodySink {
  private struct State {
    var session = SPDYSession()
    var wake: (@Sendable () -> Void)?
    var resumed: (@Sendable () -> Void)?
    var reading = ReadingState()
    var wasCrowded = false
    /// Nothing more will be said; the client is to close.
    var isFinishing = false
    var isOver = false
    var timer: (any ScheduledTimer)?

    var waitingBytes: Int { session.heldBytes + session.outputBytes }
  }

  /// From here on who sends should wait for `SPDYPeer.drained`.
  public static let crowdedBytes = 1024 * 1024
  /// The most bytes that wait for the client; beyond it the connection ends.
  public static let waitingLimit = 16 * 1024 * 1024
  /// How long the client has to close a connection on which all is said. It reads frames side by side, and would lose the last
  /// of them if the connection ended under it.
  private static let farewell = Duration.seconds(10)
  private static let farewellLoop = Loop(label: "swiftlet.spdy")

  private let peer: any SPDYPeer
  private let state = Mutex(State())

  public init(_ peer: any SPDYPeer) { self.peer = peer }

  /// Whether the request asks for SPDY.
  public static func isAsked(by request: Request) -> Bool {
    request.arena.lists("upgrade", "spdy/3.1") && request.arena.lists("connection", "upgrade")
  }

  /// The protocols for the streams that the client offers, in its order.
  public static func protocols(of request: Request) -> [String] {
    request.headers("x-stream-protocol-version").flatMap { line in
      line.utf8.split(separator: UInt8(ascii: ",")).map { String(decoding: $0.trimmed, as: UTF8.self) }
    }
  }

  /// The answer that switches to SPDY.
  /// - Parameter streamProtocol: the one that was chosen; nil when the client offered none.
  public func answer(streamProtocol: String?) -> Answer {
    var headers: Headers = [("upgrade", "SPDY/3.1")]
    if let streamProtocol { headers.append(("x-stream-protocol-version", streamProtocol)) }
    return .upgrade(Upgrade(headers: headers, source: self, sink: self))
  }

  // MARK: Sending

  public func send(_ stream: UInt32, _ bytes: [UInt8]) { change { $0.send(stream, bytes) } }

  /// Nothing more will be sent on this stream.
  public func end(_ stream: UInt32) { change { $0.end(stream) } }

  /// All is said: asks the client to close, and closes when it does not.
  public func finish() {
    let timer = SystemClock().schedule(after: Self.farewell, on: Self.farewellLoop) { [weak self] in self?.abort() }
    let isFirst = state.withLock { state in
      if state.isFinishing || state.isOver { return false }
      state.isFinishing = true
      state.timer = timer
      return true
    }
    if !isFirst { return timer.cancel() }
    change { $0.goAway() }
  }

  /// Ends the connection when it is not well after a time.
  public func check(after time: Duration, _ isWell: @escaping @Sendable () -> Bool) {
    let timer = SystemClock().schedule(after: time, on: Self.farewellLoop) { [weak self] in
      if !isWell() { self?.abort() }
    }
    state.withLock { $0.timer = timer }
  }

  /// Ends the connection after what is waiting.
  public func abort() {
    let (wake, timer) = state.withLock { state in
      state.isOver = true
      defer { state.timer = nil }
      return (state.wake, state.timer)
    }
    timer?.cancel()
    wake?()
  }

  /// Nothing more goes either way.
  var isOver: Bool { state.withLock { $0.isOver } }

  /// Reads on after `received` said false.
  public func resume() {
    let tell = state.withLock { state in
      state.reading.resume()
      return state.resumed ?? state.wake
    }
    tell?()
  }

  public var isFull: Bool { state.withLock { $0.reading.isStopped } }

  /// So much waits for the client to read that no more should be sent before `SPDYPeer.drained`, which is then called.
  public var isCrowded: Bool {
    state.withLock { state in
      state.wasCrowded = state.waitingBytes >= Self.crowdedBytes
      return state.wasCrowded
    }
  }

  private func change(_ work: (inout SPDYSession) -> Void) {
    let wake = state.withLock { state in
      if !state.isOver { work(&state.session) }
      if state.waitingBytes > Self.waitingLimit { state.isOver = true }
      return state.wake
    }
    wake?()
  }

  // MARK: - The connection's side

  public func start(wake: @escaping @Sendable () -> Void) {
    start(wake: wake, resumed: nil)
  }

  /// - Parameter resumed: called instead of `wake` by `resume`, for a carrier that stops reading by itself.
  func start(wake: @escaping @Sendable () -> Void, resumed: (@Sendable () -> Void)?) {
    state.withLock { state in
      state.wake = wake
      state.resumed = resumed
    }
    peer.opened(self)
  }

  public func pull(limit: Int) -> Pulled {
    let (pulled, isDrained) = state.withLock { state -> (Pulled, Bool) in
      let bytes = state.session.takeOutput(limit: max(1, limit))
      let isDrained = state.wasCrowded && state.waitingBytes < Self.crowdedBytes
      if isDrained { state.wasCrowded = false }
      if bytes.isEmpty { return (state.isOver ? .end : .wait, isDrained) }
      return (.chunks([Blob(bytes)]), isDrained)
    }
    if isDrained { peer.drained() }
    return pulled
  }

  public func receive(_ bytes: [UInt8]) -> Bool {
    let (events, wake) = state.withLock { state in (state.isOver ? [] : state.session.receive(bytes), state.wake) }
    for event in events {
      switch event {
      case .opened(let stream, let headers):
        // First, for what the peer sends at once must come behind it.
        change { $0.accept(stream) }
        if !peer.began(stream, headers: headers) { change { $0.refuse(stream) } }
      case .data(let stream, let bytes):
        let before = state.withLock { $0.reading.resumes }
        if !peer.received(stream, bytes) { state.withLock { $0.reading.stop(ifNoneSince: before) } }
      case .ended(let stream): peer.ended(stream)
      case .reset(let stream): peer.reset(stream)
      case .goneAway: break
      case .failed: abort()
      }
    }
    wake?()
    return !isFull
  }

  public func end() { abort() }

  public func cancel() {
    let (isFirst, timer) = state.withLock { state in
      defer {
        state.isOver = true
        state.isFinishing = true
        state.wake = nil
        state.resumed = nil
        state.timer = nil
      }
      return (state.wake != nil, state.timer)
    }
    timer?.cancel()
    if isFirst { peer.closed() }
  }
}
