import HTTPServer
import Objects
import Synchronization

/// Connections to the ports of a pod at one end, a SPDY connection at the other: for each of them a pair of streams, `error`
/// and `data`, with the same `requestid` and `port`.
final class PortForwardStreams: SPDYPeer {
  static let streamProtocol = "portforward.k8s.io"
  /// How a WebSocket says that it carries SPDY.
  static let tunnelProtocol = "SPDY/3.1+portforward.k8s.io"

  private struct Pair {
    var error: UInt32?
    var data: UInt32?
    var link: PortLink?
    var isEndedThere = false
    var isEndedHere = false
  }

  private struct State {
    var connection: SPDYConnection?
    var pairs: [String: Pair] = [:]
    var requests: [UInt32: String] = [:]
  }

  private let ports: any PodPorts
  private let place: ContainerPlace
  private let state = Mutex(State())

  init(_ ports: any PodPorts, _ place: ContainerPlace) {
    self.ports = ports
    self.place = place
  }

  func opened(_ connection: SPDYConnection) { state.withLock { $0.connection = connection } }

  func began(_ stream: UInt32, headers: [(name: String, value: String)]) -> Bool {
    func value(_ name: String) -> String { headers.first { $0.name == name }?.value ?? "" }
    guard let port = Int(value("port")), (1...65535).contains(port) else { return false }
    let type = value("streamtype")
    let named = value("requestid")
    let link = state.withLock { state -> (isWelcome: Bool, link: PortLink?) in
      // Old clients give no numbers: the error stream comes right before its data stream.
      let request = named.isEmpty ? String(type == "error" ? stream : stream &- 2) : named
      var pair = state.pairs[request] ?? Pair()
      switch type {
      case "error" where pair.error == nil: pair.error = stream
      case "data" where pair.data == nil: pair.data = stream
      default: return (false, nil)
      }
      state.requests[stream] = request
      if let error = pair.error, let data = pair.data, let connection = state.connection {
        pair.link = PortLink(
          session: ports.connect(port), connection: connection, error: error, data: data, port: port, place: place
        ) { [weak self] in self?.ends(stream) { $0.isEndedHere = true } }
      }
      state.pairs[request] = pair
      return (true, pair.link)
    }
    link.link?.start()
    return link.isWelcome
  }

  private func link(_ stream: UInt32) -> PortLink? {
    state.withLock { state in state.requests[stream].flatMap { state.pairs[$0]?.link } }
  }

  func received(_ stream: UInt32, _ bytes: [UInt8]) -> Bool {
    guard let link = link(stream), link.data == stream else { return true }
    return link.session.send(bytes)
  }

  func ended(_ stream: UInt32) {
    guard let link = link(stream), link.data == stream else { return }
    link.session.endInput()
    ends(stream) { $0.isEndedThere = true }
  }

  /// One direction has ended. The port may have a lot to say after the client is done, so that both must have before
  /// the pair is forgotten.
  private func ends(_ stream: UInt32, _ mark: (inout Pair) -> Void) {
    let isOver = state.withLock { state in
      guard let request = state.requests[stream], var pair = state.pairs[request] else { return false }
      mark(&pair)
      state.pairs[request] = pair
      return pair.isEndedHere && pair.isEndedThere
    }
    if isOver { forget(stream) }
  }

  func reset(_ stream: UInt32) {
    link(stream)?.session.close()
    forget(stream)
  }

  private func forget(_ stream: UInt32) {
    state.withLock { state in
      guard let request = state.requests[stream], let pair = state.pairs.removeValue(forKey: request) else { return }
      for stream in [pair.error, pair.data] { if let stream { state.requests[stream] = nil } }
    }
  }

  func drained() { for link in links { link.session.resume() } }

  func closed() {
    let links = links
    state.withLock { $0 = State() }
    for link in links { link.session.close() }
  }

  private var links: [PortLink] { state.withLock { $0.pairs.values.compactMap(\.link) } }
}

/// One connection to a port and its two streams.
final class PortLink: StreamListener {
  let session: any StreamSession
  let data: UInt32
  private let connection: SPDYConnection
  private let error: UInt32
  private let port: Int
  private let place: ContainerPlace
  private let over: @Sendable () -> Void

  /// - Parameter over: called when the port has said all.
  init(
    session: any StreamSession, connection: SPDYConnection, error: UInt32, data: UInt32, port: Int,
    place: ContainerPlace, over: @escaping @Sendable () -> Void
  ) {
    self.session = session
    self.connection = connection
    self.error = error
    self.data = data
    self.port = port
    self.place = place
    self.over = over
  }

  func start() { session.start(self) }

  func receive(_ output: StreamOutput) -> Bool {
    switch output {
    case .output(let bytes), .errors(let bytes): connection.send(data, bytes)
    }
    return !connection.isCrowded
  }

  func inputDrained() { connection.resume() }

  func ended(_ end: StreamEnd) {
    if case .failed(let message) = end { connection.send(error, Array(Self.words(message, port, place).utf8)) }
    connection.end(error)
    connection.end(data)
    over()
  }

  /// The words of a kubelet.
  static func words(_ message: String, _ port: Int, _ place: ContainerPlace) -> String {
    "error forwarding port \(port) to pod \(place.podUID), uid : \(message)"
  }
}
