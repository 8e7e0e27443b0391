import Dispatch
import EventLoops
import HTTPServer
import JSONCore
import Objects
import Registry
import Schemas
import Storage
import Values

@testable import APIServer

/// A whole server on a port of its own, with an empty cluster in memory. Only its clock may be pretended.
final class TestServer: Sendable {
  let cluster: Cluster
  private let server: Server
  private let port: Int

  /// The token of the administrator; requests without one are anonymous.
  static let token = "secret"

  init(logs: (any LogSource)? = nil, audit: Audit? = nil, usage: (any UsageSource)? = nil) async throws {
    let clock = SystemClock()
    let store = try Store(journal: MemoryJournal(), clock: clock, fieldValue: Cluster.fieldValue)
    var configuration = ClusterConfiguration()
    configuration.signToken = { claims throws(Status) in
      [claims.namespace, claims.account.name, claims.account.uid, claims.id].joined(separator: ":")
    }
    cluster = Cluster(
      catalog: usage == nil ? .builtIn : .withMetrics, store: store, clock: clock, configuration: configuration)
    try await cluster.bootstrap()
    var api = APIConfiguration()
    api.authentication.tokens = [Self.token: Authentication.administrator]
    api.authentication.verifyToken = { token, now in
      let parts = token.split(separator: ":").map(String.init)
      guard parts.count == 4 || parts.count == 5 else { return nil }
      return TokenIdentity(
        namespace: parts[0], account: .init(name: parts[1], uid: parts[2]),
        audiences: [parts.count == 5 ? parts[4] : Cluster.defaultAudience],
        id: parts[3], expires: now + .seconds(600))
    }
    api.logs = logs
    api.audit = audit
    api.usage = usage
    server = try Server(
      configuration: Configuration(listeners: [Listener(host: "127.0.0.1", port: 0)], loopCount: 2),
      handler: API(cluster, api), clock: clock)
    port = try server.start()[0].port
  }

  /// Sends one request and reads the answer to its end.
  func send(
    _ method: String, _ path: String, _ body: JSON? = nil, headers: [String: String] = [:], token: String? = token
  ) async throws -> Reply {
    try await send(method, path, raw: body.map { Array($0.text.utf8) }, headers: headers, token: token)
  }

  func send(
    _ method: String, _ path: String, raw: [UInt8]?, headers: [String: String] = [:], token: String? = token
  ) async throws -> Reply {
    var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nUser-Agent: test\r\n"
    if let token { head += "Authorization: Bearer \(token)\r\n" }
    var headers = headers
    if let raw {
      head += "Content-Length: \(raw.count)\r\n"
      if headers["Content-Type"] == nil { headers["Content-Type"] = "application/json" }
    }
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    let bytes = Array((head + "\r\n").utf8) + (raw ?? [])
    let port = port
    // A thread of its own: blocking one of the few that run tasks would stop the server under test.
    let answer = try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(with: Result { try Connection.exchange(port: port, bytes) }) }
    }
    return try Reply(answer)
  }

  func get(_ path: String, headers: [String: String] = [:]) async throws -> Reply {
    try await send("GET", path, headers: headers)
  }

  /// Creates a ConfigMap in `default`.
  @discardableResult
  func makeConfigMap(_ name: String, labels: [String: String] = [:]) async throws -> Reply {
    try await send(
      "POST", "/api/v1/namespaces/default/configmaps",
      ["metadata": ["name": .string(name), "labels": JSON(labels)], "data": ["k": "v"]])
  }

  func stop() async {
    await server.stop()
    await cluster.store.close()
  }
}

/// Starts a server for the time of a test.
func withServer(
  logs: (any LogSource)? = nil, audit: Audit? = nil, _ test: (TestServer) async throws -> Void
) async throws {
  let server = try await TestServer(logs: logs, audit: audit)
  do {
    try await test(server)
  } catch {
    await server.stop()
    throw error
  }
  await server.stop()
}
