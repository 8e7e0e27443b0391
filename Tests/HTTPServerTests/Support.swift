import CSystem
import EventLoops
import Glibc
import Synchronization
import Testing
import Values

@testable import HTTPServer

/// A handler made of a closure.
struct Responder: Handler {
  let respond: @Sendable (Request) -> Answer

  func answer(_ request: Request) -> Answer { respond(request) }

  /// Answers with what it was asked: method, path, query and body.
  static let echo = Responder { request in
    let line = "\(request.method.name) \(String(decoding: request.path, as: UTF8.self))"
    let query = String(decoding: request.query, as: UTF8.self)
    return .now(.plain(200, "\(line) \(query) \(String(decoding: request.body, as: UTF8.self))"))
  }
}

extension Response {
  static func plain(_ status: Int, _ text: String) -> Response {
    Response(status: status, headers: [("content-type", "text/plain")], body: .blob(Blob(text)))
  }
}

/// Runs a server on a free port of the loopback for the length of `body`.
func withServer(
  _ handler: any Handler, limits: Limits = Limits(), tls: TLSConfiguration? = nil, hosts: HostPolicy = HostPolicy(),
  loops: Int = 2, clock: any Clock = SystemClock(),
  _ body: (SocketAddress, Server) async throws -> Void
) async throws {
  let listener = Listener(host: "127.0.0.1", port: 0, tls: tls)
  var configuration = Configuration(listeners: [listener], loopCount: loops)
  configuration.limits = limits
  configuration.hosts = hosts
  configuration.errorBody = { .plain($0, "refused: \($1)") }
  let server = try Server(configuration: configuration, handler: handler, clock: clock)
  let address = try #require(try server.start().first)
  do {
    try await body(address, server)
  } catch {
    await server.stop()
    throw error
  }
  await server.stop()
}

extension Server {
  /// Stops on a thread of its own, since the test's blocks in reading.
  func stopElsewhere() -> Task<Void, Never> { Task(executorPreference: Loop(label: "stop")) { await self.stop() } }

  /// Waits until the server's own count says so.
  func wait(until isThere: (Metrics) -> Bool) async throws {
    for _ in 0..<2000 {
      if isThere(await metrics()) { return }
      await SystemClock().sleep(for: .milliseconds(2))
    }
    throw TestFailure("the server never got there: \(await metrics())")
  }
}

struct TestFailure: Error {
  let reason: String
  init(_ reason: String) { self.reason = reason }
}

/// A stream whose content the test decides.
final class ScriptedSource: BodySource {
  private struct State {
    var wake: (@Sendable () -> Void)?
    var waiting: [Blob] = []
    var isEnded = false
    var isCancelled = false
    var pulls = 0
  }

  private let state = Mutex(State())

  func start(wake: @escaping @Sendable () -> Void) { state.withLock { $0.wake = wake } }

  func pull(limit: Int) -> Pulled {
    state.withLock { state in
      state.pulls += 1
      if !state.waiting.isEmpty {
        defer { state.waiting = [] }
        return .chunks(state.waiting)
      }
      return state.isEnded ? .end : .wait
    }
  }

  func cancel() { state.withLock { $0.isCancelled = true } }

  func push(_ text: String) { push([Blob(text)]) }

  func push(_ blobs: [Blob]) {
    let wake = state.withLock { state in
      state.waiting += blobs
      return state.wake
    }
    wake?()
  }

  func end() {
    let wake = state.withLock { state in
      state.isEnded = true
      return state.wake
    }
    wake?()
  }

  var isStarted: Bool { state.withLock { $0.wake != nil } }
  var isCancelled: Bool { state.withLock { $0.isCancelled } }
  var pulls: Int { state.withLock { $0.pulls } }

  func waitForCancel() async throws {
    for _ in 0..<2000 where !isCancelled { await SystemClock().sleep(for: .milliseconds(2)) }
    if !isCancelled { throw TestFailure("the source was never cancelled") }
  }
}

/// Counts on any thread.
final class Counter: Sendable {
  private let count = Atomic(0)

  var value: Int { count.load(ordering: .relaxed) }

  func increment() { count.wrappingAdd(1, ordering: .relaxed) }
}
