import HTTPServer
import JSONCore
import Objects
import Registry
import Schemas

/// `pods/exec`, `pods/attach` and `pods/portforward`: who may talk with which container, and in which protocol.
struct Streams: Sendable {
  let cluster: Cluster
  let source: (any ContainerStreams)?
  let reply: Reply

  /// - Throws: 400 for what cannot be meant, 403, 404, 501 where no containers run in this process.
  func answer(_ call: Call, _ kind: Kind) throws(Status) -> Answer {
    try authorize(call)
    let pod = try cluster.get(kind, namespace: call.target.namespace, name: call.target.name)
    let json = pod.json
    var place = ContainerPlace(namespace: pod.namespace, pod: pod.name, podUID: pod.uid)
    let options = CommandOptions(call.query)
    if call.target.subresource != "portforward" {
      place.container = try Logs.container(call.query.text("container"), pod.name, json)
    }
    if json.at("spec", "nodeName")?.string?.isEmpty ?? true {
      throw .badRequest("pod \(pod.name) does not have a host assigned")
    }
    guard let source else { throw .notImplemented("this server has no containers to talk with") }
    guard Self.isUpgrade(call.request) else { throw .badRequest("Upgrade request required") }
    let connection = try open(call, kind, place, options, source)
    guard let asked = ConnectRequest(call, kind) else { return connection }
    return asked.answer(cluster, reply) { connection }
  }

  private func open(
    _ call: Call, _ kind: Kind, _ place: ContainerPlace, _ options: CommandOptions, _ source: any ContainerStreams
  ) throws(Status) -> Answer {
    switch call.target.subresource {
    case "exec", "attach":
      guard options.wishes.hasInput || options.wishes.hasOutput || options.wishes.hasErrors else {
        throw .badRequest("you must specify at least 1 of stdin, stdout, stderr")
      }
      return command(call, options) { [place] () async throws(StreamFailure) in
        call.target.subresource == "exec"
          ? try await source.execute(place, options.command, options.wishes)
          : try await source.attach(place, options.wishes)
      }
    default: return try forward(call, place, source)
    }
  }

  /// A WebSocket begins with a GET but lets its client do what POST does: who may not create may not open one.
  private func authorize(_ call: Call) throws(Status) {
    guard call.target.verb == "get", !call.caller.isMaster else { return }
    var attributes = call.attributes
    attributes.verb = "create"
    guard cluster.authorize(attributes).isAllowed else { throw attributes.refusal }
  }

  private static func isUpgrade(_ request: Request) -> Bool {
    let wants = request.headers("connection").joined(separator: ",").lowercased()
    return wants.contains("upgrade") && request.headerBytes("upgrade") != nil
  }

  private func command(
    _ call: Call, _ options: CommandOptions,
    _ open: @escaping @Sendable () async throws(StreamFailure) -> any StreamSession
  ) -> Answer {
    let (reply, request) = (reply, call.request)
    return .decideLater {
      do throws(StreamFailure) {
        let session = try await open()
        return Self.answer(request, options, session, reply)
      } catch {
        return .now(Self.failure(error, request, reply))
      }
    }
  }

  private static func answer(
    _ request: Request, _ options: CommandOptions, _ session: any StreamSession, _ reply: Reply
  ) -> Answer {
    let refuse = { (status: Int, message: String) in
      reply.error(Status(code: status, reason: "BadRequest", message: message), request)
    }
    if SPDYConnection.isAsked(by: request) {
      let offered = SPDYConnection.protocols(of: request)
      guard let chosen = CommandStreams.protocols.first(where: offered.contains) ?? (offered.isEmpty ? "" : nil) else {
        return .now(noCommonProtocol(offered, CommandStreams.protocols, request, reply))
      }
      let peer = CommandStreams(session, options.wishes, streamProtocol: chosen)
      return SPDYConnection(peer).answer(streamProtocol: chosen.isEmpty ? nil : chosen)
    }
    return WebSocket.answer(request, subprotocols: ChannelProtocol.names, refuse: refuse) { name in
      CommandSocket(session, options.wishes, ChannelProtocol(name ?? ""))
    }
  }

  static func noCommonProtocol(
    _ offered: [String], _ spoken: [String], _ request: Request, _ reply: Reply
  ) -> Response {
    let list = { (names: [String]) in "[" + names.joined(separator: " ") + "]" }
    var response = reply.text(
      "unable to upgrade: unable to negotiate protocol: client supports \(list(offered)), server accepts \(list(spoken))",
      status: 403, request)
    for name in spoken { response.headers.append(("x-accepted-stream-protocol-versions", name)) }
    return response
  }

  /// In the plain words of the node, as clients expect them when a connection cannot be upgraded.
  static func failure(_ failure: StreamFailure, _ request: Request, _ reply: Reply) -> Response {
    reply.text(failure.message, status: failure.code, request)
  }
}

/// What `pods/exec` and `pods/attach` are asked for.
struct CommandOptions: Sendable {
  var command: [String]
  var wishes: StreamWishes

  init(_ query: Query) {
    command = query.all("command")
    wishes = StreamWishes(
      hasInput: query.bool("stdin") ?? false, hasOutput: query.bool("stdout") ?? false,
      hasErrors: query.bool("stderr") ?? false, hasTerminal: query.bool("tty") ?? false)
    // A terminal has one output.
    if wishes.hasTerminal { wishes.hasErrors = false }
  }
}
