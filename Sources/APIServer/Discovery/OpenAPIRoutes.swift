import HTTPServer
import JSONCore
import Objects
import Schemas
import Values

/// `/openapi/v2`, `/openapi/v3` and what lies below.
struct OpenAPIRoutes: Sendable {
  let api: OpenAPI
  let documents: Documents
  let reply: Reply

  private static let protobufV2 = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
  private static let oldProtobufV2 = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"

  /// nil when there is no such document.
  func answer(_ call: Call) -> Answer? {
    let parts = call.target.parts
    guard parts.count >= 2, parts[0] == "openapi" else { return nil }
    if parts[1] == "v2", parts.count == 2 { return v2(call) }
    if parts[1] == "v3" { return parts.count == 2 ? index(call) : v3(parts.dropFirst(2).joined(separator: "/"), call) }
    return nil
  }

  private func v2(_ call: Call) -> Answer {
    let api = self.api
    switch accepted(call, [Self.protobufV2, Self.oldProtobufV2]) {
    case .json?: return serve("v2.json", call) { Document(Blob(api.v2()), "application/json") }
    case .protobuf?: return serve("v2.pb", call) { Document(Blob(api.v2Protobuf()), Self.protobufV2) }
    case nil: return .now(reply.text("", status: 406, call.request))
    }
  }

  private enum Form { case json, protobuf }

  private func accepted(_ call: Call, _ protobuf: [String]) -> Form? {
    guard let header = call.request.header("accept"), !header.isEmpty else { return .json }
    for clause in MediaType.accepted(header) {
      if ["*/*", "application/*", "application/json"].contains(clause.type) { return .json }
      if protobuf.contains(clause.type) { return .protobuf }
    }
    return nil
  }

  private func v3(_ path: String, _ call: Call) -> Answer? {
    guard api.v3Paths.contains(path) else { return nil }
    guard accepted(call, []) == .json else { return .now(reply.text("", status: 406, call.request)) }
    let api = self.api
    let request = call.request
    let wanted = call.query["hash"]
    let (documents, reply) = (documents, reply)
    return .later {
      let document = await documents.document(path) { Document(Blob(api.v3(path) ?? []), "application/json") }
      guard let wanted else { return reply.document(document, request) }
      if wanted == document.hash {
        return reply.document(
          document, request,
          headers: [("cache-control", "public, immutable"), ("expires", "Fri, 31 Dec 2100 00:00:00 GMT")])
      }
      let location = "/openapi/v3/\(path)?hash=\(document.hash)"
      return reply.document(.empty, "text/plain", headers: [("location", location)], status: 301, request)
    }
  }

  /// The paths of all documents, each with the hash of what stands there.
  private func index(_ call: Call) -> Answer {
    let (api, documents, reply, request) = (api, documents, reply, call.request)
    return .later {
      var paths = JSON.emptyObject
      for path in api.v3Paths {
        let document = await documents.document(path) { Document(Blob(api.v3(path) ?? []), "application/json") }
        paths[path] = ["serverRelativeURL": .string("/openapi/v3/\(path)?hash=\(document.hash)")]
      }
      return reply.json(["paths": paths], request)
    }
  }

  private func serve(_ name: String, _ call: Call, _ make: @escaping @Sendable () -> Document) -> Answer {
    if let document = documents[name] { return .now(reply.document(document, call.request)) }
    let (documents, reply, request) = (documents, reply, call.request)
    return .later { reply.document(await documents.document(name, make: make), request) }
  }
}
