import Dispatch
import EventLoops
import Values

/// One request and its answer, on its connection's loop.
///
/// It asks the handler, runs what the answer wants run, and holds the body until the session has written it. The session
/// closes it exactly once, whatever happens.
final class Exchange {
  let connection: Connection
  /// HTTP/2's stream; 0 for HTTP/1.1.
  let streamID: Int32
  let startedAt: Instant
  var request: RequestArena
  /// The request has arrived in full.
  var isComplete = false
  /// Bytes of `body` that count against the connection's limit.
  var countedBody = 0
  /// Why the server itself refuses it, found while it arrived.
  var refusal: HTTP1Parser.Failure?
  /// The session waits for `resume`.
  var isDeferred = false {
    didSet { movedAt = worker.now }
  }

  /// When the answer began, had nothing to say, or went on.
  private var movedAt: Instant
  private(set) var isHead = false
  private(set) var isAnswered = false
  private(set) var isClosed = false
  private(set) var output = BodyQueue()
  /// Nothing will be added to `output`.
  private(set) var isEnded = false
  private var prepared = PreparedHeaders.none
  private var source: (any BodySource)?
  /// What the answer counts as until it is there.
  private var reservedBytes = 0

  init(_ connection: Connection, streamID: Int32) {
    self.connection = connection
    self.streamID = streamID
    let worker = connection.worker
    startedAt = worker.now
    movedAt = startedAt
    request = worker.requests.take(for: connection.peer)
    worker.metrics.requestsOpen += 1
  }

  private var worker: Worker { connection.worker }
  var isStream: Bool { source != nil }

  /// The request is complete, or refused: asks the handler, unless the server itself has something against it.
  func answer() {
    worker.metrics.requests += 1
    if let refusal { return fail(refusal.status, refusal.message) }
    if let objection = worker.configuration.hosts.objection(to: Request(arena: request)) { return fail(403, objection) }
    apply(worker.handler.answer(Request(arena: request)))
  }

  /// Answers in the server's own name.
  func fail(_ status: Int, _ message: String) {
    respond(worker.configuration.errorBody(status, message))
  }

  private func apply(_ answer: consuming Answer) {
    switch consume answer {
    case .now(let response): respond(response)
    case .later(let work): afterwards { .now(await work()) }
    case .decideLater(let work): afterwards(work)
    case .stream(let response): stream(response)
    case .upgrade(let upgrade): switchProtocol(upgrade)
    }
  }

  private func afterwards(_ work: @escaping @Sendable () async -> Answer) {
    let bound = LoopBound(self, loop: worker.loop)
    reserve(request.method == .get ? worker.configuration.limits.unknownAnswerBytes : 0)
    worker.loop.spawn {
      let answer = await work()
      let exchange = bound.value
      exchange.reserve(0)
      if exchange.isClosed { return exchange.discard(answer) }
      exchange.apply(answer)
      exchange.connection.markDirty()
    }
  }

  private func reserve(_ count: Int) {
    connection.heldBytes += count - reservedBytes
    reservedBytes = count
  }

  /// The peer went away before the answer was there; a stream's source must hear that nobody will pull.
  private func discard(_ answer: Answer) {
    switch answer {
    case .stream(let response): response.source.cancel()
    case .upgrade(let upgrade):
      upgrade.source.cancel()
      upgrade.sink.end()
    case .now, .later, .decideLater: break
    }
  }

  private func respond(_ response: Response) {
    let isCompressible =
      response.allowsCompression && response.body.count > worker.configuration.limits.compressionBytes
    if isCompressible && request.acceptsGzip && request.method != .head { return compress(response) }
    start(response)
  }

  private func start(_ response: Response) {
    let head = ResponseHead(
      status: response.status, prepared: response.prepared, headers: response.headers,
      contentLength: response.body.count)
    isEnded = true
    begin(head)
    guard !isHead && Self.hasBody(response.status) else { return }
    output.append(response.body)
    connection.heldBytes += output.count
  }

  /// Compression takes milliseconds: another thread does it.
  private func compress(_ response: Response) {
    let bound = LoopBound(self, loop: worker.loop)
    reserve(response.body.count)
    DispatchQueue.global().async {
      var packed = response
      if let blob = gzip(response.body.blobs) {
        packed.body = .blob(blob)
        packed.headers += [("content-encoding", "gzip"), ("vary", "accept-encoding")]
      }
      let result = packed
      bound.loop.run {
        let exchange = bound.value
        exchange.reserve(0)
        if exchange.isClosed { return }
        exchange.start(result)
        exchange.connection.markDirty()
      }
    }
  }

  private func stream(_ response: StreamResponse) {
    let head = ResponseHead(status: response.status, prepared: response.prepared, headers: response.headers)
    if request.method == .head {
      response.source.cancel()
      isEnded = true
      return begin(head)
    }
    run(response.source)
    begin(head)
  }

  private func switchProtocol(_ upgrade: Upgrade) {
    guard connection.session?.begin(upgrade, for: self) == true else {
      upgrade.source.cancel()
      upgrade.sink.end()
      return fail(400, "switching protocols takes HTTP/1.1")
    }
    isAnswered = true
    worker.metrics.countResponse(101)
    run(upgrade.source)
    letGoOfRequest()
  }

  private func run(_ source: any BodySource) {
    self.source = source
    worker.metrics.streamsOpen += 1
    let waker = Waker(LoopBound(self, loop: worker.loop), inbox: worker.inbox)
    source.start { waker.wake() }
  }

  private func begin(_ head: ResponseHead) {
    isAnswered = true
    movedAt = worker.now
    isHead = request.method == .head
    prepared = head.prepared
    worker.metrics.countResponse(head.status)
    connection.session?.begin(head, for: self)
    if source != nil { letGoOfRequest() }
  }

  /// A stream may live for days: what it was asked with needn't.
  private func letGoOfRequest() {
    let shell = RequestArena(peer: connection.peer)
    shell.method = request.method
    shell.version = request.version
    request = shell
  }

  /// 1xx, 204 and 304 have no body, whatever was said about it.
  static func hasBody(_ status: Int) -> Bool { status >= 200 && status != 204 && status != 304 }
}

// MARK: - Output

extension Exchange {
  /// Asks the source for more when everything it gave is written.
  func refill(limit: Int) {
    guard output.isEmpty, !isEnded, let source else { return }
    switch source.pull(limit: limit) {
    case .chunks(let chunks): output.append(chunks)
    case .wait: break
    case .end: isEnded = true
    }
  }

  func take(_ count: Int, into batch: OutputBatch) {
    move(count)
    output.take(count, into: batch)
  }

  func copy(_ count: Int, to target: UnsafeMutablePointer<UInt8>) {
    move(count)
    output.copy(count, to: target)
  }

  private func move(_ count: Int) {
    movedAt = worker.now
    if source == nil { connection.heldBytes -= min(count, output.count) }
  }

  /// Whether a part of the answer has been waiting since before `moment` for the peer to open its window: the session asks
  /// for bytes as soon as it may send some, and hears at once when there are none.
  func isStalled(since moment: Instant) -> Bool {
    guard isAnswered, !isDeferred, movedAt < moment else { return false }
    guard output.isEmpty, !isEnded else { return true }
    // A session that may send nothing has not asked the source: it is asked now, and the time counts from here.
    refill(limit: 1)
    movedAt = worker.now
    return false
  }

  /// A wake-up arrived.
  func resume() {
    guard !isClosed else { return }
    connection.session?.resume(self)
    connection.markDirty()
  }

  /// The server stops: the stream ends after what is already there.
  func endStream() {
    guard source != nil, !isEnded else { return }
    isEnded = true
    resume()
  }

  func close() {
    guard !isClosed else { return }
    isClosed = true
    worker.metrics.requestsOpen -= 1
    if source == nil { connection.heldBytes -= output.count }
    reserve(0)
    output = BodyQueue()
    worker.requests.giveBack(&request)
    if let source {
      worker.metrics.streamsOpen -= 1
      self.source = nil
      source.cancel()
    }
  }
}
