import HTTPServer
import JSONCore
import Objects
import Registry
import Schemas
import Values

/// `pods/log`: which container is meant, and what of its output.
struct Logs: Sendable {
  let cluster: Cluster
  let source: (any LogSource)?
  let reply: Reply

  func answer(_ call: Call, _ kind: Kind) throws(Status) -> Answer {
    let pod = try cluster.get(kind, namespace: call.target.namespace, name: call.target.name)
    let json = pod.json
    let request = try request(call, pod, json)
    // A pod that has no node has no output either.
    if json.at("spec", "nodeName") == nil { return .now(reply.text("", call.request)) }
    try Self.checkStarted(json, request)
    guard let source else {
      throw .notImplemented("this server has no access to the output of containers")
    }
    let (reply, httpRequest) = (reply, call.request)
    return .decideLater {
      do throws(Status) {
        let reader = try await source.open(request)
        if WebSocket.isAsked(by: httpRequest) {
          let refuse = { (code: Int, message: String) in reply.text(message + "\n", status: code, httpRequest) }
          return WebSocket.answer(httpRequest, subprotocols: LogSocket.names, refuse: refuse) { name in
            LogSocket(reader, isText: name?.hasPrefix("base64") == true)
          }
        }
        return reply.stream(LogBody(reader: reader), "text/plain", httpRequest)
      } catch {
        return .now(reply.error(error, httpRequest))
      }
    }
  }

  private func request(_ call: Call, _ pod: Object, _ json: JSON) throws(Status) -> LogRequest {
    let query = call.query
    var request = LogRequest(
      namespace: pod.namespace, pod: pod.name, podUID: pod.uid,
      container: try Self.container(query.text("container"), pod.name, json))
    request.follows = query.bool("follow") ?? false
    request.isPrevious = query.bool("previous") ?? false
    request.hasTimestamps = query.bool("timestamps") ?? false
    request.tailLines = try call.number("tailLines")
    request.limitBytes = try call.number("limitBytes")
    let seconds = try call.number("sinceSeconds")
    var errors: [FieldError] = []
    if let lines = request.tailLines, lines < 0 {
      errors.append(.invalid(Path("tailLines"), JSON(lines), "must be greater than or equal to 0"))
    }
    if let bytes = request.limitBytes, bytes < 1 {
      errors.append(.invalid(Path("limitBytes"), JSON(bytes), "must be greater than 0"))
    }
    if seconds != nil, query["sinceTime"] != nil {
      errors.append(.forbidden(Path("[]"), "at most one of `sinceTime` or `sinceSeconds` may be specified"))
    } else if let seconds {
      if seconds < 1 { errors.append(.invalid(Path("sinceSeconds"), JSON(seconds), "must be greater than 0")) }
      request.since = cluster.now - .seconds(seconds)
    } else if let text = query["sinceTime"] {
      guard let since = Instant(rfc3339: text) else {
        throw .badRequest("parsing time \(Status.quoted(text)): it is not RFC 3339")
      }
      request.since = since
    }
    guard errors.isEmpty else { throw .invalid(kind: "PodLogOptions", group: "", name: pod.name, errors) }
    return request
  }

  /// The container that is meant; the only one when none is named.
  static func container(_ wanted: String, _ pod: String, _ json: JSON) throws(Status) -> String {
    func names(_ field: String) -> [String] { (json["spec"]?.list(field) ?? []).map { $0.text("name") } }
    let containers = names("containers")
    let initial = names("initContainers")
    let ephemeral = names("ephemeralContainers")
    if wanted.isEmpty {
      if containers.count == 1, initial.isEmpty, ephemeral.isEmpty { return containers[0] }
      if containers.count == 1 { return containers[0] }
      var text =
        "a container name must be specified for pod \(pod), choose one of: [\(containers.joined(separator: " "))]"
      if !initial.isEmpty { text += " or one of the init containers: [\(initial.joined(separator: " "))]" }
      if !ephemeral.isEmpty { text += " or one of the ephemeral containers: [\(ephemeral.joined(separator: " "))]" }
      throw .badRequest(text)
    }
    guard (containers + initial + ephemeral).contains(wanted) else {
      throw .badRequest("container \(wanted) is not valid for pod \(pod)")
    }
    return wanted
  }

  /// - Throws: 400 for a container that has not run yet.
  private static func checkStarted(_ json: JSON, _ request: LogRequest) throws(Status) {
    let statuses = ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"]
      .flatMap { json["status"]?.list($0) ?? [] }
    guard let status = statuses.first(where: { $0.text("name") == request.container }) else { return }
    let last = status.at("lastState", "terminated")
    if request.isPrevious {
      guard last != nil else {
        throw .badRequest(
          "previous terminated container \(Status.quoted(request.container)) in pod \(Status.quoted(request.pod)) not found"
        )
      }
    } else if let waiting = status.at("state", "waiting"), last == nil {
      throw .badRequest(
        "container \(Status.quoted(request.container)) in pod \(Status.quoted(request.pod)) is waiting to start: "
          + waiting.text("reason"))
    }
  }
}
