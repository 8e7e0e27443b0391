import HTTPServer
import JSONCore
import Objects
import Registry
import Schemas
import Values

/// `pods/proxy`, `services/proxy` and `nodes/proxy`: any request, passed on to what listens there.
struct Proxies: Sendable {
  let cluster: Cluster
  let source: (any ContainerStreams)?
  let reply: Reply

  private let kubelet: KubeletPages

  init(_ streams: Streams, usage: (any UsageSource)?) {
    (cluster, source, reply) = (streams.cluster, streams.source, streams.reply)
    kubelet = KubeletPages(cluster: cluster, isThere: source != nil, usage: usage, reply: reply)
  }

  /// One port of one pod.
  private struct Place {
    var pod: Object
    var address: String
    var port: Int
  }

  func answer(_ call: Call, _ kind: Kind) throws(Status) -> Answer {
    let target = call.target
    let path = ProxyPath(String(decoding: call.request.path, as: UTF8.self), pieces: kind.isNamespaced ? 7 : 5)
    guard let name = ProxyName(target.name) else {
      throw .badRequest("invalid \(kind.singular) request \(Status.quoted(target.name))")
    }
    if kind.resource.resource == "nodes" { return try kubelet.answer(call, kind, name, path) }
    let place = kind.resource.resource == "pods" ? try pod(target, kind, name) : try service(target, kind, name)
    if let redirect = Self.redirect(call, path, reply) { return redirect }
    guard let source else { throw .notImplemented("this server has no containers to talk with") }
    let asked = request(call, path, place)
    let container = ContainerPlace(namespace: place.pod.namespace, pod: place.pod.name, podUID: place.pod.uid)
    let (reply, request, cluster) = (reply, call.request, cluster)
    let connect = ConnectRequest(call, kind)
    return .later {
      do throws(Status) {
        try await connect?.ask(cluster)
      } catch {
        return reply.error(error, request)
      }
      do throws(StreamFailure) {
        let answer = try await source.ports(container).request(place.port, asked)
        return Self.response(answer, path, place, reply, request)
      } catch {
        let why = error.code == 503 ? "dial tcp \(place.address):\(place.port): \(error.message)" : error.message
        return reply.error(
          Status(code: 503, reason: "ServiceUnavailable", message: "error trying to reach service: \(why)"), request)
      }
    }
  }

  // MARK: Where to

  private func pod(_ target: Target, _ kind: Kind, _ name: ProxyName) throws(Status) -> Place {
    let pod = try cluster.get(kind, namespace: target.namespace, name: name.name)
    let json = pod.json
    var port = Int(name.port)
    if name.port.isEmpty {
      let ports = json["spec"]?.list("containers").flatMap { $0.list("ports") } ?? []
      port = ports.first?["containerPort"]?.int ?? (name.scheme == "https" ? 443 : 80)
    }
    let address = json["status"]?.text("podIP") ?? ""
    if address.isEmpty { throw .badRequest("address not allowed") }
    guard let port, (1...65535).contains(port) else {
      throw .badRequest("invalid pod request \(Status.quoted(target.name))")
    }
    return Place(pod: pod, address: address, port: port)
  }

  private func service(_ target: Target, _ kind: Kind, _ name: ProxyName) throws(Status) -> Place {
    func unavailable(_ message: String) -> Status {
      Status(code: 503, reason: "ServiceUnavailable", message: message)
    }
    var portName = name.port
    if let number = Int(name.port) {
      let service = try cluster.get(kind, namespace: target.namespace, name: name.name)
      let ports = service.json["spec"]?.list("ports") ?? []
      guard let port = ports.first(where: { $0["port"]?.int == number }) else {
        throw unavailable("no service port \(number) found for service \(Status.quoted(name.name))")
      }
      portName = port.text("name")
    }
    guard let endpointsKind = cluster.catalog.kind(group: "", version: "v1", resource: "endpoints"),
      let podKind = cluster.catalog.kind(group: "", version: "v1", resource: "pods")
    else { throw unavailable("no endpoints available for service \(Status.quoted(name.name))") }
    let endpoints = try cluster.get(endpointsKind, namespace: target.namespace, name: name.name)
    let subsets = endpoints.json.list("subsets")
    if subsets.isEmpty { throw unavailable("no endpoints available for service \(Status.quoted(name.name))") }
    for subset in subsets {
      guard let port = subset.list("ports").first(where: { $0.text("name") == portName })?["port"]?.int else {
        continue
      }
      let addresses = subset.list("addresses")
      guard let address = addresses.randomElement() else { continue }
      let pod = try cluster.get(podKind, namespace: target.namespace, name: address["targetRef"]?.text("name") ?? "")
      return Place(pod: pod, address: address.text("ip"), port: port)
    }
    throw unavailable("no endpoints available for service \(Status.quoted(target.name))")
  }

  // MARK: There and back

  /// The root of what is proxied ends with a slash, so that relative links stay below it.
  static func redirect(_ call: Call, _ path: ProxyPath, _ reply: Reply) -> Answer? {
    guard path.rest.isEmpty, call.request.method == .get || call.request.method == .head else { return nil }
    let query = call.request.query.isEmpty ? "" : "?" + String(decoding: call.request.query, as: UTF8.self)
    var response = reply.text("", status: 301, call.request)
    response.headers.append(("location", path.front + "/" + query))
    return .now(response)
  }

  /// Headers that are between two neighbours only, or meant for this server.
  private static let ownHeaders: Set<String> = [
    "host", "connection", "keep-alive", "proxy-connection", "transfer-encoding", "te", "trailer", "upgrade",
    "authorization", "content-length", "accept-encoding", "date",
  ]

  private func request(_ call: Call, _ path: ProxyPath, _ place: Place) -> PortRequest {
    let request = call.request
    let query = request.query.isEmpty ? "" : "?" + String(decoding: request.query, as: UTF8.self)
    var headers = [PortHeader("host", "\(place.address):\(place.port)")]
    headers += request.allHeaders.filter { !Self.ownHeaders.contains($0.name) }.map { PortHeader($0.name, $0.value) }
    headers.append(PortHeader("x-forwarded-for", request.remote.host))
    headers.append(PortHeader("x-forwarded-uri", path.front + path.rest))
    headers.append(PortHeader("x-forwarded-proto", request.isTLS ? "https" : "http"))
    if let host = request.header("host") { headers.append(PortHeader("x-forwarded-host", host)) }
    return PortRequest(
      method: "\(request.method.name)", target: (path.rest.isEmpty ? "/" : path.rest) + query, headers: headers,
      body: request.body)
  }

  private static func response(
    _ answer: PortResponse, _ path: ProxyPath, _ place: Place, _ reply: Reply, _ request: Request
  ) -> Response {
    var response = Response(status: answer.status, headers: [("audit-id", reply.auditID(request))])
    var isPage = false
    for header in answer.headers where !ownHeaders.contains(header.name) {
      isPage = isPage || header.name == "content-type" && header.value.hasPrefix("text/html")
      let value =
        header.name == "location"
        ? ProxyRewriting.location(header.value, front: path.front, host: "\(place.address):\(place.port)")
        : header.value
      response.headers.append((HeaderName(header.name), value))
    }
    response.body = .blob(Blob(isPage ? ProxyRewriting.page(answer.body, front: path.front) : answer.body))
    return response
  }
}
