import APIServer
import NodeAgent
import Objects
import Synchronization
import Values

/// Serves `pods/log` from what the simulated containers wrote.
struct NodeLogs: APIServer.LogSource {
  let store: LogStore
  /// The kubelets that have them; nil where there are none.
  let agent: NodeAgent?

  func open(_ request: LogRequest) async throws(Status) -> any LogReader {
    let page = "containerLogs/\(request.namespace)/\(request.pod)/\(request.container)\(Self.query(request))"
    if let problem = await agent?.problem(podUID: request.podUID, page: page) {
      throw Status(code: 500, reason: "", message: problem)
    }
    guard
      let log = store.log(podUID: request.podUID, container: request.container, previous: request.isPrevious)
    else {
      let which = request.isPrevious ? "previous terminated container" : "container"
      throw .badRequest(
        "\(which) \(Status.quoted(request.container)) in pod \(Status.quoted(request.pod)) not found")
    }
    return ContainerLogReader(log, request)
  }

  /// How the kubelet is asked for what is wanted.
  private static func query(_ request: LogRequest) -> String {
    var parts: [String] = []
    if request.follows { parts.append("follow=true") }
    if let bytes = request.limitBytes { parts.append("limitBytes=\(bytes)") }
    if request.isPrevious { parts.append("previous=true") }
    if let lines = request.tailLines { parts.append("tailLines=\(lines)") }
    if request.hasTimestamps { parts.append("timestamps=true") }
    return parts.isEmpty ? "" : "?" + parts.joined(separator: "&")
  }
}

/// One answer to `kubectl logs`: what there is, and, when it follows, what comes.
private final class ContainerLogReader: LogReader {
  /// Lines that wait for a slow reader; beyond it the oldest are dropped, as a rotated file would lose them.
  private static let waitingLimit = 10_000

  private struct State {
    var lines: [LogLine] = []
    var isOver = false
    var remainingBytes: Int?
    var subscription: LogSubscription?
  }

  private let log: ContainerLog
  private let request: LogRequest
  private let state: Mutex<State>

  init(_ log: ContainerLog, _ request: LogRequest) {
    self.log = log
    self.request = request
    state = Mutex(State(remainingBytes: request.limitBytes))
  }

  func start(wake: @escaping @Sendable () -> Void) {
    guard request.follows else {
      return state.withLock { state in
        state.lines = selected(log.lines)
        state.isOver = true
      }
    }
    let (lines, subscription) = log.follow { [weak self] line in
      self?.receive(line)
      wake()
    }
    state.withLock { state in
      state.lines = selected(lines) + state.lines
      state.subscription = subscription
    }
  }

  func next() -> LogPiece {
    state.withLock { state in
      if state.lines.isEmpty { return state.isOver ? .end : .wait }
      var buffer = ByteBuffer(capacity: 4096)
      for line in state.lines {
        if request.hasTimestamps { buffer.append(text: line.time.rfc3339Micro + " ") }
        buffer.append(text: line.text)
        buffer.append(UInt8(ascii: "\n"))
      }
      state.lines.removeAll()
      guard let limit = state.remainingBytes else { return .bytes(buffer.blob()) }
      let bytes = buffer.bytes.prefix(limit)
      state.remainingBytes = limit - bytes.count
      if state.remainingBytes == 0 { state.isOver = true }
      return bytes.isEmpty ? .end : .bytes(Blob(bytes))
    }
  }

  func cancel() { state.withLock { $0.subscription }?.cancel() }

  private func receive(_ line: LogLine?) {
    state.withLock { state in
      guard let line else {
        state.isOver = true
        return
      }
      if let since = request.since, line.time < since { return }
      state.lines.append(line)
      if state.lines.count > Self.waitingLimit { state.lines.removeFirst(state.lines.count - Self.waitingLimit) }
    }
  }

  private func selected(_ lines: [LogLine]) -> [LogLine] {
    let recent = request.since.map { since in lines.filter { $0.time >= since } } ?? lines
    return request.tailLines.map { Array(recent.suffix(max(0, $0))) } ?? recent
  }
}
