import EventLoops
import Objects
import Values

/// The ports of simulated pods.
extension SimulatedRuntime {
  /// A connection to a port.
  struct Connection {
    let container: String
    let port: Int
    let session: SimulatedSession
    let listener: any StreamListener
    let output: HeldOutput
    var conversation: PortConversation
  }

  /// The most connections to simulated ports at a time.
  private static let connectionLimit = 10_000

  public func ports(pod uid: String) -> any PodPorts { SimulatedPorts(runtime: self, uid: uid) }

  /// The container of a pod that listens on a port.
  fileprivate func listener(_ uid: String, _ port: Int) -> (id: String, container: SimulatedContainer)? {
    let own = state.value.containers.filter { $0.value.request.pod.uid == uid }.sorted { $0.key < $1.key }
    return own.first { id, container in serve(id) { $0.ports.contains(port) } ?? false }.map { ($0.key, $0.value) }
  }

  /// Does something with a container's server and its files.
  private func serve<Value>(_ id: String, _ work: (SimulatedServer) -> Value) -> Value? {
    guard let request = state.value.containers[id]?.request else { return nil }
    let world = enter(id, at: clock.now)
    defer { leave(id, world) }
    var server = SimulatedServer(request: request, world: world)
    server.log = state.value.containers[id]?.log
    return work(server)
  }

  fileprivate func connect(_ session: SimulatedSession, _ uid: String, _ port: Int, _ listener: any StreamListener) {
    guard let (id, _) = self.listener(uid, port), state.value.connections.count < Self.connectionLimit,
      let manner = serve(id, { $0.manner })
    else {
      let place = "network namespace \"/var/run/netns/cni-\(uid.prefix(13))\""
      return listener.ended(
        .failed(
          "failed to execute portforward in \(place): failed to connect to localhost:\(port) inside "
            + "namespace \"\(uid)\", IPv4: dial tcp4 127.0.0.1:\(port): connect: connection refused IPv6 dial tcp6 "
            + "[::1]:\(port): connect: connection refused"))
    }
    let number = session.number
    let output = HeldOutput(listener) { [weak self] in
      guard let self else { return }
      loop.run { self.endConnection(number, HeldOutput.failure) }
    }
    state.value.connections[number] = Connection(
      container: id, port: port, session: session, listener: listener, output: output,
      conversation: PortConversation(manner))
  }

  /// Bytes for a connection; false when the number is that of a program.
  func feedConnection(_ number: Int, _ bytes: [UInt8]) -> Bool {
    guard let connection = state.value.connections[number] else { return false }
    var conversation = connection.conversation
    let answer = serve(connection.container) { server in
      conversation.receive(bytes) { server.answer($0, port: connection.port) }
    }
    state.value.connections[number]?.conversation = conversation
    guard let answer else {
      endConnection(number)
      return true
    }
    if connection.session.settle(unread: 0) { connection.listener.inputDrained() }
    if !answer.reply.isEmpty { connection.output.send(answer.reply) }
    if answer.isOver { endConnection(number) }
    return true
  }

  /// The server hangs up.
  func endConnection(_ number: Int, _ end: StreamEnd = .exited(0)) {
    guard let connection = state.value.connections.removeValue(forKey: number) else { return }
    connection.output.finish()
    connection.listener.ended(end)
  }

  func endConnections(of id: String) {
    for number in state.value.connections.filter({ $0.value.container == id }).keys.sorted() { endConnection(number) }
  }

  fileprivate func answer(_ uid: String, _ port: Int, _ asked: PortRequest) -> (PortResponse, Duration)? {
    guard let (id, _) = listener(uid, port) else { return nil }
    return serve(id) { server in (server.answer(asked, port: port), server.delay(of: asked)) }
  }
}

/// What listens in one simulated pod.
private struct SimulatedPorts: PodPorts {
  let runtime: SimulatedRuntime
  let uid: String

  func connect(_ port: Int) -> any StreamSession {
    runtime.session { [uid] runtime, session, listener in runtime.connect(session, uid, port, listener) }
  }

  func request(_ port: Int, _ request: PortRequest) async throws(StreamFailure) -> PortResponse {
    let found: (PortResponse, Duration)? = await withCheckedContinuation { continuation in
      runtime.loop.run { [self] in continuation.resume(returning: runtime.answer(uid, port, request)) }
    }
    guard let (response, delay) = found else {
      throw StreamFailure(code: 503, message: "connect: connection refused")
    }
    if delay > .zero { await runtime.clock.sleep(for: delay) }
    return response
  }
}
