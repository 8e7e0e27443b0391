/// Everything a peer could make grow, and how far it may.
public struct Limits: Sendable {
  /// Connections open at once; more are closed as soon as they are accepted.
  public var connections = 16_384
  /// Names and values of one request's header, the request line included; beyond it 431.
  public var headerBytes = 64 * 1024
  /// Fields in one request's header; beyond it 431.
  public var headerCount = 256
  /// A request's body; beyond it 413. The stock API server's limit.
  public var bodyBytes = 3 * 1024 * 1024
  /// Bodies of one connection's requests that are still arriving; beyond it a stream is refused.
  public var connectionBodyBytes = 16 * 1024 * 1024
  /// Requests one HTTP/2 connection may have open.
  public var streamsPerConnection = 250
  /// A request body's flow-control window.
  public var streamWindowBytes = 256 * 1024
  /// All request bodies of a connection together.
  public var connectionWindowBytes = 1024 * 1024
  /// Bytes of whole answers that one connection has not taken; beyond it its further HTTP/2 requests wait for their turn.
  public var connectionAnswerBytes = 32 * 1024 * 1024
  /// What the answer to a GET counts as while it is being made and nobody knows how long it will be.
  public var unknownAnswerBytes = 1024 * 1024
  /// What is handed to the socket in one go.
  public var writeBytes = 1024 * 1024
  /// Bytes a peer may send ahead of the answer to its first HTTP/1.1 request before reading pauses.
  public var pipelinedBytes = 64 * 1024

  /// A connection without an open request is closed after this.
  public var idleSeconds = 90
  /// From the first byte of a request, or the start of the connection, to the end of its header.
  public var headerSeconds = 30
  /// From a HEADERS frame of HTTP/2 to the CONTINUATION that ends its block. Until then the whole connection waits, so this
  /// is shorter than what a request may take.
  public var headerBlockSeconds = 10
  /// From the end of the header to the end of the body.
  public var bodySeconds = 60
  /// A peer that takes no byte of waiting output for so long is gone.
  public var writeStallSeconds = 60
  /// A peer that opens no HTTP/2 window for bytes that wait loses the stream after so long. An idle watch has none that wait.
  public var windowStallSeconds = 60
  /// How long a closing connection waits for the peer to read the last answer.
  public var lingerSeconds = 2
  /// How long `Server.stop` waits for requests under way.
  public var stopSeconds = 2

  /// Streams a peer may reset at once, and how many more per second: a client may drop thousands of watches.
  public var resetBurst: UInt64 = 10_000
  public var resetsPerSecond: UInt64 = 1_000
  /// PING, SETTINGS, PRIORITY and empty DATA frames per second; beyond it the connection ends.
  public var controlFramesPerSecond = 10_000
  /// Bodies above this are worth compressing. The stock API server's threshold.
  public var compressionBytes = 128 * 1024

  public init() {}
}
