import HTTPServer
import Objects
import Synchronization

/// A program in a container at one end, a SPDY connection with a stream for each of its own at the other.
final class CommandStreams: SPDYPeer, StreamListener {
  /// The best first.
  static let protocols = ["v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io"]

  /// How long the client has to open its streams.
  private static let patience = Duration.seconds(30)

  private struct State {
    var connection: SPDYConnection?
    /// Streams by what they are for: `error`, `stdin`, `stdout`, `stderr`, `resize`.
    var streams: [String: UInt32] = [:]
    var hasStarted = false
    var size: [UInt8] = []
  }

  private let session: any StreamSession
  private let wishes: StreamWishes
  private let version: Int
  private let state = Mutex(State())

  init(_ session: any StreamSession, _ wishes: StreamWishes, streamProtocol: String) {
    self.session = session
    self.wishes = wishes
    version = Self.protocols.firstIndex(of: streamProtocol).map { 4 - $0 } ?? 1
  }

  /// Those that the client opens before the program starts.
  private var expected: Set<String> {
    var names: Set<String> = ["error"]
    if wishes.hasInput { names.insert("stdin") }
    if wishes.hasOutput { names.insert("stdout") }
    if wishes.hasErrors { names.insert("stderr") }
    if wishes.hasTerminal, version >= 3 { names.insert("resize") }
    return names
  }

  // MARK: The client

  func opened(_ connection: SPDYConnection) {
    state.withLock { $0.connection = connection }
    connection.check(after: Self.patience) { [weak self] in self?.state.withLock { $0.hasStarted } ?? true }
  }

  func began(_ stream: UInt32, headers: [(name: String, value: String)]) -> Bool {
    guard let type = headers.first(where: { $0.name == "streamtype" })?.value, expected.contains(type) else {
      return false
    }
    let (isNew, isComplete) = state.withLock { state in
      guard state.streams[type] == nil else { return (false, false) }
      state.streams[type] = stream
      guard !state.hasStarted, expected.isSubset(of: state.streams.keys) else { return (true, false) }
      state.hasStarted = true
      return (true, true)
    }
    if isComplete { session.start(self) }
    return isNew
  }

  func received(_ stream: UInt32, _ bytes: [UInt8]) -> Bool {
    let (input, resize) = state.withLock { ($0.streams["stdin"], $0.streams["resize"]) }
    if stream == input { return session.send(bytes) }
    if stream == resize { takeSizes(bytes) }
    return true
  }

  /// One size after the other, without anything between them.
  private func takeSizes(_ bytes: [UInt8]) {
    let sizes = state.withLock { state -> [[UInt8]] in
      state.size += bytes
      var whole: [[UInt8]] = []
      while let end = state.size.firstIndex(of: UInt8(ascii: "}")) {
        whole.append(Array(state.size[...end]))
        state.size.removeFirst(end + 1)
      }
      if state.size.count > 1024 { state.size = [] }
      return whole
    }
    for size in sizes {
      if case .size(let columns, let rows)? = ChannelProtocol.size(size) {
        session.resize(columns: columns, rows: rows)
      }
    }
  }

  func ended(_ stream: UInt32) {
    if stream == state.withLock({ $0.streams["stdin"] }) { session.endInput() }
  }

  func reset(_ stream: UInt32) { ended(stream) }

  func drained() { session.resume() }

  func closed() {
    state.withLock { $0.connection = nil }
    session.close()
  }

  // MARK: The program

  func receive(_ output: StreamOutput) -> Bool {
    let (connection, streams) = state.withLock { ($0.connection, $0.streams) }
    guard let connection else { return false }
    switch output {
    case .output(let bytes): if let stream = streams["stdout"] { connection.send(stream, bytes) }
    case .errors(let bytes): if let stream = streams["stderr"] { connection.send(stream, bytes) }
    }
    return !connection.isCrowded
  }

  func inputDrained() { state.withLock { $0.connection }?.resume() }

  func ended(_ end: StreamEnd) {
    let (connection, streams) = state.withLock { ($0.connection, $0.streams) }
    guard let connection else { return }
    for name in ["stdout", "stderr"] { if let stream = streams[name] { connection.end(stream) } }
    if let stream = streams["error"] {
      connection.send(stream, CommandResult.bytes(end, version: version))
      connection.end(stream)
    }
    for name in ["stdin", "resize"] { if let stream = streams[name] { connection.end(stream) } }
    connection.finish()
  }
}
