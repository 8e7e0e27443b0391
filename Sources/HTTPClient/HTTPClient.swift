import Dispatch
import EventLoops
import Synchronization
import Values

/// Sends requests over HTTPS (HTTP/1.1), a bounded number at a time, and keeps connections for the next one.
///
/// A call is a straight line of waiting for a socket, on a thread of its own that nothing else needs; who asked is suspended
/// meanwhile. It knows nothing of what is said.
public final class HTTPClient: Sendable {
  private struct State {
    var running = 0
    var waiting: [@Sendable () -> Void] = []
    var idle: [ConnectionPlace: [ClientConnection]] = [:]
  }

  private let state = Mutex(State())
  private let trust = TrustTable()

  /// How many calls are under way, wait for that, and how many connections to one place and to all are kept.
  private static let runningLimit = 48
  private static let waitingLimit = 2000
  private static let idleLimit = 8
  private static let allIdleLimit = 64

  public init() {}

  /// - Throws: when there is no response in time, whatever the reason.
  public func answer(_ request: ClientRequest) async throws(ClientError) -> ClientResponse {
    let deadline = SystemClock().now + request.timeout
    let result = await withCheckedContinuation {
      (continuation: CheckedContinuation<Result<ClientResponse, ClientError>, Never>) in
      let isAccepted = enqueue { [self] in
        continuation.resume(returning: Result { () throws(ClientError) in try exchange(request, by: deadline) })
      }
      if !isAccepted { continuation.resume(returning: .failure(ClientError("too many calls are waiting"))) }
    }
    return try result.get()
  }

  /// - Returns: false when too much waits already.
  private func enqueue(_ work: @escaping @Sendable () -> Void) -> Bool {
    let starts = state.withLock { state -> Bool? in
      if state.running < Self.runningLimit {
        state.running += 1
        return true
      }
      guard state.waiting.count < Self.waitingLimit else { return nil }
      state.waiting.append(work)
      return false
    }
    guard let starts else { return false }
    if starts { run(work) }
    return true
  }

  private func run(_ work: @escaping @Sendable () -> Void) {
    // A serial queue gets a thread beyond those of the cores, on which the cluster's own work runs.
    DispatchQueue(label: "swiftlet.client").async { [self] in
      work()
      let next = state.withLock { state -> (@Sendable () -> Void)? in
        if !state.waiting.isEmpty { return state.waiting.removeFirst() }
        state.running -= 1
        return nil
      }
      if let next { run(next) }
    }
  }

  private func exchange(_ request: ClientRequest, by deadline: Instant) throws(ClientError) -> ClientResponse {
    let place = ConnectionPlace(request)
    // A connection that was kept may have been closed meanwhile, which shows only when it is used.
    while let kept = takeIdle(place) {
      do throws(ClientError) {
        return try exchange(request, on: kept, place, by: deadline)
      } catch {
        if kept.hasHeard || error == .timeout { throw error }
      }
    }
    let connection = try ClientConnection(place, try trust.context(request.authorities), by: deadline)
    return try exchange(request, on: connection, place, by: deadline)
  }

  private func exchange(
    _ request: ClientRequest, on connection: ClientConnection, _ place: ConnectionPlace, by deadline: Instant
  ) throws(ClientError) -> ClientResponse {
    connection.hasHeard = false
    try connection.write(request.bytes, by: deadline)
    var reader = ResponseReader()
    while true {
      if let response = try reader.response {
        if reader.isReusable { keep(connection, place) }
        return response
      }
      guard SystemClock().now < deadline else { throw .timeout }
      try reader.take(try connection.read(by: deadline))
    }
  }

  private func takeIdle(_ place: ConnectionPlace) -> ClientConnection? {
    state.withLock { $0.idle[place]?.popLast() }
  }

  private func keep(_ connection: ClientConnection, _ place: ConnectionPlace) {
    state.withLock { state in
      // Places are forgotten with their connections, so that nobody fills the table with addresses.
      if state.idle.values.reduce(0, { $0 + $1.count }) >= Self.allIdleLimit { state.idle = [:] }
      if state.idle[place, default: []].count < Self.idleLimit { state.idle[place, default: []].append(connection) }
    }
  }
}

extension ClientRequest {
  fileprivate var bytes: [UInt8] {
    var lines = ["\(method) \(address.target) HTTP/1.1", "host: \(address.authority)", "content-length: \(body.count)"]
    lines += headers.map { "\($0.name): \($0.value)" }
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
  }
}

/// What connections can be used for each other's requests.
struct ConnectionPlace: Hashable {
  let host: String
  let port: Int
  /// What the certificate has to be for.
  let serverName: String
  let authorities: [UInt8]

  init(_ request: ClientRequest) {
    host = request.place?.host ?? request.address.host
    port = request.place?.port ?? request.address.port
    serverName = request.address.host
    authorities = request.authorities
  }
}
