import HTTPServer
import JSONCore
import Objects
import Schemas
import Values

/// `/api`, `/apis` and the lists of groups and resources below them.
struct DiscoveryRoutes: Sendable {
  let served: ServedKinds
  let reply: Reply

  /// nil for paths that are none of these.
  func answer(_ call: Call) throws(Status) -> Answer? {
    let parts = call.target.parts
    guard let root = parts.first, root == "api" || root == "apis" else { return nil }
    let isCore = root == "api"
    let discovery = served.discovery
    if parts.count == 1 {
      if let version = Self.aggregatedVersion(call) { return aggregated(discovery, isCore, version, call) }
      let address = call.request.header("host") ?? ""
      return try json(isCore ? Discovery.versions(address: address) : discovery.groupList, call)
    }
    if isCore {
      guard parts.count == 2 else { return nil }
      guard let list = discovery.resourceList(group: "", version: parts[1]) else { throw .noSuchPath }
      return try json(list, call)
    }
    guard let group = discovery.group(parts[1]) else { return .now(reply.notFound(call.request)) }
    if parts.count == 2 { return try json(Discovery.document(group), call) }
    guard parts.count == 3 else { return nil }
    guard let list = discovery.resourceList(group: group.name, version: parts[2]) else { throw .noSuchPath }
    return try json(list, call)
  }

  private func json(_ json: JSON, _ call: Call) throws(Status) -> Answer {
    guard call.request.method == .get || call.request.method == .head else { throw .methodNotAllowed() }
    let representation = try call.representation(.plain)
    var json = json
    // Some have none in JSON, as the stock ones; an envelope of protobuf must say it.
    if representation.format == .protobuf { json["apiVersion"] = "v1" }
    let body = try Encoding.body(json, representation.format, isPretty: representation.isPretty)
    return .now(reply.body(body, representation.format, call.request))
  }

  /// Which version of the aggregated form the client asks for first, before the plain form.
  private static func aggregatedVersion(_ call: Call) -> String? {
    guard let header = call.request.header("accept") else { return nil }
    for clause in MediaType.accepted(header) where clause.type == "application/json" {
      guard let kind = clause["as"] else { return nil }
      guard kind == "APIGroupDiscoveryList", clause["g"] == "apidiscovery.k8s.io", let version = clause["v"],
        version == "v2" || version == "v2beta1"
      else { continue }
      return version
    }
    return nil
  }

  private func aggregated(_ discovery: Discovery, _ isCore: Bool, _ version: String, _ call: Call) -> Answer {
    let name = "discovery/\(isCore ? "api" : "apis")/\(version)"
    let headers: Headers = [("cache-control", "public")]
    if let document = served.documents[name] { return .now(reply.document(document, call.request, headers: headers)) }
    let (documents, reply, request) = (served.documents, reply, call.request)
    return .later {
      let document = await documents.document(name) {
        let json = discovery.aggregated(isCore: isCore, version: version)
        let type = "application/json;g=apidiscovery.k8s.io;v=\(version);as=APIGroupDiscoveryList"
        return Document(Encoding.blob(json), type)
      }
      return reply.document(document, request, headers: headers)
    }
  }
}

extension Reply {
  /// What the stock server says of paths that are not the API's.
  func notFound(_ request: Request) -> Response {
    text("404 page not found\n", status: 404, request)
  }
}
