import Values

/// A whole answer. The server adds Date, Content-Length, Connection and Transfer-Encoding; they must not be among the
/// headers, also not when those come from another server.
public struct Response: Sendable {
  public var status: Int
  /// Headers shared by many responses, encoded once.
  public var prepared: PreparedHeaders
  public var headers: Headers
  public var body: Body
  /// Whether a large body may go out as gzip to a client that takes it.
  public var allowsCompression: Bool

  public init(
    status: Int, prepared: PreparedHeaders = .none, headers: Headers = [], body: Body = .empty,
    allowsCompression: Bool = false
  ) {
    self.status = status
    self.prepared = prepared
    self.headers = headers
    self.body = body
    self.allowsCompression = allowsCompression
  }

  /// A short plain text, for a server without an API of its own.
  public static func text(_ status: Int, _ message: String) -> Response {
    Response(
      status: status, headers: [("content-type", "text/plain; charset=utf-8")], body: .blob(Blob(message + "\n")))
  }
}

public enum Body: Sendable {
  case empty
  case blob(Blob)
  /// Written one after the other without being joined in memory: a list's head, its objects, the commas, its end.
  case chunks([Blob])

  public var count: Int {
    switch self {
    case .empty: 0
    case .blob(let blob): blob.count
    case .chunks(let chunks): chunks.reduce(0) { $0 + $1.count }
    }
  }

  var blobs: [Blob] {
    switch self {
    case .empty: []
    case .blob(let blob): [blob]
    case .chunks(let chunks): chunks
    }
  }
}

/// What a handler decided; the case says what the answer costs.
public enum Answer: Sendable {
  /// Made on the spot, without waiting for anything.
  case now(Response)
  /// Runs as a task on the connection's loop. It goes on when the peer goes away: a write that was accepted is a write.
  case later(@Sendable () async -> Response)
  /// As `later`, when only the work can tell what kind of answer it will be.
  case decideLater(@Sendable () async -> Answer)
  /// Headers at once, then bytes as they come, until the source or the peer ends it.
  case stream(StreamResponse)
  /// 101 and from then on raw bytes both ways; HTTP/1.1 only, on HTTP/2 the client gets 400.
  case upgrade(Upgrade)
}

public struct StreamResponse: Sendable {
  public var status: Int
  public var prepared: PreparedHeaders
  public var headers: Headers
  public var source: any BodySource

  public init(
    status: Int = 200, prepared: PreparedHeaders = .none, headers: Headers = [], source: any BodySource
  ) {
    self.status = status
    self.prepared = prepared
    self.headers = headers
    self.source = source
  }
}

/// Switches the connection to another protocol. The headers must hold `upgrade`; `connection` is added.
public struct Upgrade: Sendable {
  public var headers: Headers
  /// What goes to the peer.
  public var source: any BodySource
  /// What comes from the peer.
  public var sink: any BodySink

  public init(headers: Headers, source: any BodySource, sink: any BodySink) {
    self.headers = headers
    self.source = source
    self.sink = sink
  }
}

/// Where a streamed body comes from: a watch, a followed log. All but `start`'s `wake` is called on the connection's loop.
public protocol BodySource: Sendable {
  /// Called once, before the first `pull`. Call `wake`, from any thread, whenever there is something to pull again
  /// after `pull` said `wait`. It is cheap, and many calls become one.
  func start(wake: @escaping @Sendable () -> Void)

  /// The next bytes. It is called only when the peer can take them; `limit` is how many it can take now, and more than
  /// that is kept until it can.
  func pull(limit: Int) -> Pulled

  /// Called once: the peer went away, the server stops, or the stream has ended.
  func cancel()
}

public enum Pulled: Sendable {
  /// At least one byte.
  case chunks([Blob])
  /// Nothing now; `wake` tells when.
  case wait
  case end
}

/// Where the bytes of an upgraded connection go. Called on the connection's loop.
public protocol BodySink: Sendable {
  /// Takes bytes in order; false stops reading until `isFull` is false when the source's `wake` is called.
  func receive(_ bytes: [UInt8]) -> Bool

  /// No more is to be read. A wake-up alone does not mean that there is room again: it may be about output.
  var isFull: Bool { get }

  /// Called about once a second while it is full: what the peer sends meanwhile is not heard.
  func waited(at now: Instant)

  /// Called once, when no more will come. The source's `cancel` is called as well when the connection is over.
  func end()
}

extension BodySink {
  public func waited(at now: Instant) {}
}

/// Turns requests into answers. Called on the connection's loop, so it must not block.
public protocol Handler: Sendable {
  func answer(_ request: Request) -> Answer
}
