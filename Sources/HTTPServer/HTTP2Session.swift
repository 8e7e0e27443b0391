import CNghttp2
import Values

/// HTTP/2 on one connection, with nghttp2 doing the protocol and no I/O: bytes are handed in and fetched out.
///
/// Callbacks only note what happened; requests are answered and output is made after nghttp2 has returned.
final class HTTP2Session: Session {
  /// Each holds the other until the connection closes.
  let connection: Connection
  let limits: Limits
  private let handle: OpaquePointer
  private(set) var exchanges: [Int32: Exchange] = [:]
  /// Complete requests, to be answered when nghttp2 has returned.
  private var ready: [Exchange] = []
  /// Those that are being answered; its memory is kept from one time to the next.
  private var answering: [Exchange] = []
  /// The request whose header is arriving.
  private(set) var current: Exchange? {
    didSet { currentRequest = current.map { .passUnretained($0.request) } }
  }
  /// What is known of it.
  private(set) var currentRequest: Unmanaged<RequestArena>?
  /// Where frames sent by reference go, while `produce` runs.
  private(set) var batch: OutputBatch?
  var isBatchFull = false
  private var isBroken = false
  private var isShuttingDown = false
  /// After an upgrade from HTTP/1.1 the client speaks first: curl can't take much behind the 101.
  private var awaitsClient = false
  private var idleSince: Instant
  /// Since when a header block is open.
  private var headerBlockSince: Instant?
  private var headerBlockEndsHere = false
  /// Bytes of requests that are still arriving.
  private var arrivingBytes = 0
  private var arriving = 0
  private var controlFrames = 0
  private var controlSecond: Int64 = 0

  /// Fails when nghttp2 has no memory.
  init?(_ connection: Connection) {
    guard let handle = HTTP2Library.makeSession(connection.worker.sessionOption) else { return nil }
    self.connection = connection
    self.handle = handle
    limits = connection.worker.configuration.limits
    idleSince = connection.worker.now
    nghttp2_session_set_user_data(handle, Unmanaged.passUnretained(self).toOpaque())
    submitSettings()
  }

  /// Takes over from HTTP/1.1; `exchange` becomes stream 1. Fails when the settings make no sense.
  convenience init?(_ connection: Connection, upgrading exchange: Exchange, settings: [UInt8]) {
    self.init(connection)
    let isHead: Int32 = exchange.request.method == .head ? 1 : 0
    guard nghttp2_session_upgrade2(handle, settings, settings.count, isHead, nil) == 0 else { return nil }
    awaitsClient = true
  }

  deinit { nghttp2_session_del(handle) }

  private func submitSettings() {
    let settings = [
      (NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.streamsPerConnection),
      (NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.streamWindowBytes),
      (NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.headerBytes),
      // Priorities of RFC 7540 cost time for every stream and nobody sends them any more.
      (NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1),
    ].map { nghttp2_settings_entry(settings_id: Int32($0.0.rawValue), value: UInt32($0.1)) }
    check(nghttp2_submit_settings(handle, 0, settings, settings.count))
    check(nghttp2_session_set_local_window_size(handle, 0, 0, Int32(limits.connectionWindowBytes)))
  }

  private func check(_ code: Int32) { if code != 0 { isBroken = true } }

  // MARK: - Input

  func receive(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard !isBroken, !bytes.isEmpty else { return }
    awaitsClient = false
    if nghttp2_session_mem_recv(handle, bytes.baseAddress, bytes.count) < 0 {
      connection.worker.metrics.protocolErrors += 1
      isBroken = true
    }
    answerReady()
  }

  func receiveEnd() { isBroken = true }

  /// Answers complete requests, as long as the peer takes the answers.
  private func answerReady() {
    while !ready.isEmpty, hasRoom {
      swap(&ready, &answering)
      defer { answering.removeAll(keepingCapacity: true) }
      for index in answering.indices {
        guard hasRoom else {
          ready.insert(contentsOf: answering[index...], at: 0)
          return
        }
        let exchange = answering[index]
        if !exchange.isClosed && !exchange.isAnswered { exchange.answer() }
      }
    }
  }

  private var hasRoom: Bool { connection.heldBytes < limits.connectionAnswerBytes }

  /// The request of an upgrade from HTTP/1.1.
  func answer(_ exchange: Exchange) {
    let moved = Exchange(connection, streamID: 1)
    moved.request = exchange.request
    moved.isComplete = true
    exchange.close()
    exchanges[1] = moved
    moved.answer()
  }

  // MARK: - Output

  func produce(into batch: OutputBatch) -> Bool {
    self.batch = batch
    defer { self.batch = nil }
    isBatchFull = false
    while !isBroken && !awaitsClient {
      var bytes: UnsafePointer<UInt8>?
      let count = nghttp2_session_mem_send(handle, &bytes)
      if count < 0 { isBroken = true }
      guard count > 0 else {
        // What was taken may have made room for an answer that waited.
        guard !ready.isEmpty, hasRoom, !isBroken else { break }
        answerReady()
        continue
      }
      batch.append(copying: UnsafeBufferPointer(start: bytes, count: count))
      if batch.isFull { return true }
    }
    return isBatchFull
  }

  func begin(_ head: ResponseHead, for exchange: Exchange) {
    let hasBody = !exchange.isHead && Exchange.hasBody(head.status) && head.contentLength != 0
    var provider = nghttp2_data_provider()
    provider.source.ptr = Unmanaged.passUnretained(exchange).toOpaque()
    provider.read_callback = HTTP2Library.readBody
    let worker = connection.worker
    let fields = worker.headerFields.fields(of: head, date: worker.date.bytes, &worker.identifiers)
    let code = withUnsafePointer(to: &provider) { provider in
      nghttp2_submit_response(handle, exchange.streamID, fields.baseAddress, fields.count, hasBody ? provider : nil)
    }
    if code == NGHTTP2_ERR_NOMEM.rawValue { isBroken = true }
  }

  func begin(_ upgrade: Upgrade, for exchange: Exchange) -> Bool { false }

  func resume(_ exchange: Exchange) {
    guard exchange.isDeferred else { return }
    exchange.isDeferred = false
    // It fails only for a stream that is closing, which needs no more output.
    _ = nghttp2_session_resume_data(handle, exchange.streamID)
  }

  // MARK: - State

  var isFinished: Bool {
    isBroken || (isShuttingDown && exchanges.isEmpty)
      || (nghttp2_session_want_read(handle) == 0 && nghttp2_session_want_write(handle) == 0)
  }
  var wantsInput: Bool { !isBroken }
  var openExchanges: Int { exchanges.count }

  func expire(_ now: Instant, _ limits: Limits) {
    if let headerBlockSince, now - headerBlockSince > .seconds(limits.headerBlockSeconds) {
      connection.worker.metrics.timeouts += 1
      // While a header is open nothing else can be said on the connection (RFC 9113, 6.10).
      isBroken = true
      return
    }
    if exchanges.isEmpty {
      guard now - idleSince > .seconds(limits.idleSeconds), !isShuttingDown else { return }
      connection.worker.metrics.timeouts += 1
      return shutDown()
    }
    resetStalled(since: now - .seconds(limits.windowStallSeconds))
    guard arriving > 0 else { return }
    for exchange in exchanges.values where !exchange.isComplete && !exchange.isAnswered {
      guard now - exchange.startedAt > .seconds(limits.bodySeconds) else { continue }
      connection.worker.metrics.timeouts += 1
      exchange.fail(408, "the request took too long to arrive")
    }
  }

  /// Ends the streams whose answers the peer does not want to read. A socket that is full has a limit of its own.
  private func resetStalled(since moment: Instant) {
    if connection.isBlocked { return }
    for exchange in exchanges.values where exchange.isStalled(since: moment) {
      connection.worker.metrics.timeouts += 1
      // It fails only without memory, and then the next second tries again.
      _ = nghttp2_submit_rst_stream(handle, 0, exchange.streamID, NGHTTP2_ENHANCE_YOUR_CALM.rawValue)
    }
  }

  func shutDown() {
    isShuttingDown = true
    let last = nghttp2_session_get_last_proc_stream_id(handle)
    check(nghttp2_submit_goaway(handle, 0, last, NGHTTP2_NO_ERROR.rawValue, nil, 0))
    for exchange in exchanges.values { exchange.endStream() }
  }

  func abandon() {
    for exchange in exchanges.values { exchange.close() }
    exchanges = [:]
    ready.removeAll()
    current = nil
    isBroken = true
  }
}

// MARK: - What the callbacks note

extension HTTP2Session {
  /// A HEADERS frame begins; its block may go on in CONTINUATION frames.
  /// - Parameter endsHere: whether it is one frame, so that no more of it can come.
  func openHeaderBlock(endsHere: Bool) {
    headerBlockSince = connection.worker.now
    headerBlockEndsHere = endsHere
  }

  func closeHeaderBlock() { headerBlockSince = nil }

  /// A stream begins.
  func open(_ stream: Int32) {
    let exchange = Exchange(connection, streamID: stream)
    exchanges[stream] = exchange
    current = exchange
    arriving += 1
  }

  /// The header is complete. Only the body, if any, is missing.
  func completeHeader(endsRequest: Bool) {
    guard let exchange = current, !exchange.isAnswered else { return }
    current = nil
    if let problem = HTTP2Header.problem(exchange.request, limits) {
      return refuse(exchange, problem)
    }
    if endsRequest { return complete(exchange) }
    if exchange.request.lists("expect", "100-continue") { submitContinue(exchange.streamID) }
  }

  private func submitContinue(_ stream: Int32) {
    let name: StaticString = ":status"
    let value: StaticString = "100"
    var field = nghttp2_nv(
      name: UnsafeMutablePointer(mutating: name.utf8Start), value: UnsafeMutablePointer(mutating: value.utf8Start),
      namelen: 7, valuelen: 3, flags: 0)
    // When it can't be sent the stream is closing anyway.
    _ = nghttp2_submit_headers(handle, 0, stream, nil, &field, 1, nil)
  }

  func takeBody(_ stream: Int32, _ bytes: UnsafeBufferPointer<UInt8>) {
    if bytes.isEmpty { return countControlFrame() }
    guard let exchange = exchanges[stream], !exchange.isAnswered, exchange.refusal == nil else { return }
    guard exchange.request.body.count + bytes.count <= limits.bodyBytes else {
      return refuse(exchange, .bodyTooLarge(limits))
    }
    guard arrivingBytes + bytes.count <= limits.connectionBodyBytes else {
      // The client may send it again: it wasn't looked at.
      _ = nghttp2_submit_rst_stream(handle, 0, stream, NGHTTP2_REFUSED_STREAM.rawValue)
      return
    }
    arrivingBytes += bytes.count
    exchange.countedBody += bytes.count
    exchange.request.body.append(contentsOf: bytes)
  }

  func completeRequest(_ stream: Int32) {
    if let exchange = exchanges[stream] { complete(exchange) }
  }

  private func complete(_ exchange: Exchange) {
    guard !exchange.isComplete else { return }
    settle(exchange)
    if !exchange.isAnswered && exchange.refusal == nil { ready.append(exchange) }
  }

  /// Answers without the handler, whether or not the rest of the request comes.
  private func refuse(_ exchange: Exchange, _ failure: HTTP1Parser.Failure) {
    exchange.refusal = failure
    ready.append(exchange)
  }

  /// The request is no longer arriving.
  private func settle(_ exchange: Exchange) {
    guard !exchange.isComplete else { return }
    exchange.isComplete = true
    arriving -= 1
    arrivingBytes -= exchange.countedBody
  }

  /// The whole answer is out. If the request isn't in, the client may stop sending it (RFC 9113, 8.1).
  func didSendEnd(_ stream: Int32) {
    guard let exchange = exchanges[stream], !exchange.isComplete else { return }
    _ = nghttp2_submit_rst_stream(handle, 0, stream, NGHTTP2_NO_ERROR.rawValue)
  }

  func closeStream(_ stream: Int32) {
    guard let exchange = exchanges.removeValue(forKey: stream) else { return }
    if current === exchange {
      current = nil
      // A request that nghttp2 refuses is closed without ever being complete.
      if headerBlockEndsHere { closeHeaderBlock() }
    }
    settle(exchange)
    exchange.close()
    if exchanges.isEmpty { idleSince = connection.worker.now }
  }

  /// PING, SETTINGS, PRIORITY and empty DATA cost us and not the peer.
  func countControlFrame() {
    let second = connection.worker.now.seconds
    if second != controlSecond {
      controlSecond = second
      controlFrames = 0
    }
    controlFrames += 1
    if controlFrames == limits.controlFramesPerSecond {
      connection.worker.metrics.protocolErrors += 1
      check(nghttp2_session_terminate_session(handle, NGHTTP2_ENHANCE_YOUR_CALM.rawValue))
    }
  }
}
