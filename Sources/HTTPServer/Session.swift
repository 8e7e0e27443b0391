import Values

/// One protocol's side of a connection: bytes in, requests to the exchanges, bytes out. It never touches the socket.
protocol Session: AnyObject {
  /// Takes what the peer sent.
  func receive(_ bytes: UnsafeBufferPointer<UInt8>)
  /// The peer sends no more.
  func receiveEnd()
  /// Adds output to the batch; true when there is more and the batch was full.
  func produce(into batch: OutputBatch) -> Bool

  /// Starts the answer to a request. The body follows from the exchange.
  func begin(_ head: ResponseHead, for exchange: Exchange)
  /// Goes over to raw bytes; false when the protocol can't.
  func begin(_ upgrade: Upgrade, for exchange: Exchange) -> Bool
  /// The exchange has output again.
  func resume(_ exchange: Exchange)

  /// Nothing more will be said: the connection is closed when the output is out.
  var isFinished: Bool { get }
  /// Whether reading helps now.
  var wantsInput: Bool { get }
  var openExchanges: Int { get }
  /// What the peer owes us is too late.
  func expire(_ now: Instant, _ limits: Limits)
  /// Ends after the requests under way; streams end at once.
  func shutDown()
  /// The connection is gone.
  func abandon()
}

/// All of a response but its body.
struct ResponseHead {
  var status: Int
  var prepared: PreparedHeaders
  var headers: Headers
  /// nil for a stream.
  var contentLength: Int?

  /// The header that the server fills with an identifier.
  var identifier: StaticString? {
    guard let name = prepared.identifier else { return nil }
    if headers.isEmpty { return name }
    return headers.contains { $0.name == HeaderName(stringLiteral: name) } ? nil : name
  }
}
