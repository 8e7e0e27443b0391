import Objects
import Values

/// Talking with servers from inside a container.
extension ShellWorld {
  /// How a request went.
  enum PortOutcome {
    case unknownHost
    case refused
    /// Nobody says anything, and nobody refuses.
    case lost
    case answered(PortResponse, after: Duration)
    /// The API works on it; the answer will be found under this number.
    case asked(Int)
  }

  /// How long clients wait that are told nothing else.
  static let patience = Duration.seconds(130)

  /// The most servers that ask one another.
  private static let depthLimit = 3

  private enum Peer {
    case server(SimulatedServer, port: Int, uid: String)
    case none(PortOutcome)
  }

  /// Asks over HTTP.
  /// - Parameter turn: differs from one request of a client to its next, so that each finds another server.
  mutating func ask(_ host: String, port: Int, _ request: PortRequest, turn: Int, depth: Int = 0) -> PortOutcome {
    let route = network.route(to: host, port: port, .tcp)
    switch peer(route, .tcp, turn, depth) {
    case .none(let outcome):
      if case .api = route {
        switch network.api?.ask(request, from: network.address) {
        case .answered(let response)?: return .answered(response, after: .zero)
        case .asked(let number)?: return .asked(number)
        case nil: return .refused
        }
      }
      if case .outside = route {
        return .answered(SimulatedServer.plain("OK: \(host):\(port) answered\n"), after: .zero)
      }
      return outcome
    case .server(let server, let port, let uid):
      network.noteAnswer(of: server.request, uid: uid, at: now)
      return .answered(server.answer(request, port: port), after: server.delay(of: request))
    }
  }

  /// What a server says to bytes that are no request that it knows; nil inside when it says nothing.
  mutating func converse(_ host: String, port: Int, _ text: String, _ transport: Transport, turn: Int) -> (
    reply: String?, outcome: PortOutcome
  ) {
    let route = network.route(to: host, port: port, transport)
    switch peer(route, transport, turn, 0) {
    case .none(let outcome):
      switch route {
      case .outside, .api: return (nil, .answered(PortResponse(), after: .zero))
      default: return (nil, outcome)
      }
    case .server(let server, let port, _):
      let good = PortOutcome.answered(PortResponse(), after: .zero)
      if transport == .udp { return (server.datagram(text, port: port), good) }
      var conversation = PortConversation(server.manner)
      var answer = conversation.receive(RawText.bytes(text)) { server.answer($0, port: port) }.reply
      if answer.isEmpty, !text.isEmpty, server.speaksHTTP { answer = PortConversation.refusal }
      return (answer.isEmpty ? nil : RawText.text(answer), good)
    }
  }

  private func peer(_ route: PortRoute, _ transport: Transport, _ turn: Int, _ depth: Int) -> Peer {
    switch route {
    case .unknownHost: return .none(.unknownHost)
    case .refused: return .none(.refused)
    case .lost, .outside, .api: return .none(.lost)
    case .pods(let targets, let isSticky):
      let client = network.address
      for target in order(targets, isSticky, client, turn) {
        for id in target.containers {
          guard let running = peers(id) else { continue }
          var inside = ShellWorld(
            now: now, hostname: running.request.surroundings.hostname, network: running.request.surroundings.network)
          inside.mounts = running.request.surroundings.mounts
          inside.root = running.root
          inside.volumes = volumes
          if depth < Self.depthLimit { inside.peers = peers }
          var server = SimulatedServer(request: running.request, world: inside)
          (server.client, server.log, server.depth) = (client, running.log, depth)
          if server.listens(on: target.port, transport) { return .server(server, port: target.port, uid: target.uid) }
        }
      }
      return .none(.refused)
    }
  }

  /// Whom to try, one after another: the one whose turn it is, or who is the client's own. On a node's network each port is
  /// one pod's, whoever listens there.
  private func order(_ targets: [PortTarget], _ isSticky: Bool, _ client: String, _ turn: Int) -> [PortTarget] {
    guard isSticky else {
      let index = WellKnownImages.fingerprint("\(now.nanoseconds)/\(turn)") % UInt64(targets.count)
      return [targets[Int(index)]]
    }
    return targets.sorted { Self.weight($0, client) > Self.weight($1, client) }
  }

  /// So that one client finds the same server again and again, whoever else comes and goes.
  private static func weight(_ target: PortTarget, _ client: String) -> UInt64 {
    WellKnownImages.fingerprint("\(client)/\(target.uid)")
  }
}
