import Values

/// What listens on the ports of one pod, as port-forward and the proxies reach it.
public protocol PodPorts: Sendable {
  /// A connection; where nobody listens it ends with the reason.
  func connect(_ port: Int) -> any StreamSession
  /// Asks by HTTP.
  /// - Throws: 503 with the words of a client that cannot connect.
  func request(_ port: Int, _ request: PortRequest) async throws(StreamFailure) -> PortResponse
}

/// A request of HTTP, as a program behind a port sees it.
public struct PortRequest: Sendable, Equatable {
  public var method: String
  /// The path and the query, as sent: `/a?b=c`.
  public var target: String
  /// Names in small letters.
  public var headers: [PortHeader]
  public var body: [UInt8]

  public init(method: String = "GET", target: String, headers: [PortHeader] = [], body: [UInt8] = []) {
    self.method = method
    self.target = target
    self.headers = headers
    self.body = body
  }

  /// The first value of a header; "" when it is not there.
  public subscript(header: String) -> String { headers.first { $0.name == header }?.value ?? "" }
}

public struct PortResponse: Sendable, Equatable {
  public var status: Int
  /// Names in small letters.
  public var headers: [PortHeader]
  public var body: [UInt8]

  public init(status: Int = 200, headers: [PortHeader] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}

public struct PortHeader: Sendable, Equatable {
  public var name: String
  public var value: String

  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}
