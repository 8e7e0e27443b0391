import HTTPServer
import JSONCore
import Objects
import Registry
import Schemas
import Values

/// Parts of objects with paths of their own.
extension ResourceRoutes {
  func subresource(_ call: Call, _ kind: Kind) throws(Status) -> Answer {
    let target = call.target
    guard let subresource = kind.subresource(target.subresource), !target.name.isEmpty,
      target.rest.isEmpty || target.subresource == "proxy"
    else { throw kind.isCustom ? .notFound(kind.resource, target.name) : .noSuchPath }
    if target.subresource == "proxy" { return try proxies.answer(call, kind) }
    guard let verb = Verb(rawValue: target.verb), subresource.verbs.contains(verb) else { throw .methodNotAllowed() }
    switch (target.subresource, verb) {
    case ("log", _): return try logs.answer(call, kind)
    case ("exec", _), ("attach", _), ("portforward", _): return try streams.answer(call, kind)
    case ("binding", .create): return try bind(call, kind)
    case ("eviction", .create): return try evict(call, kind)
    case ("token", .create): return try token(call, subresource)
    case ("scale", .get): return try scale(call, kind)
    case (_, .get): return try get(call, kind)
    case (_, .update): return try update(call, kind, subresource: target.subresource)
    case (_, .patch): return try patch(call, kind, subresource: target.subresource)
    default: throw .methodNotAllowed()
    }
  }

  private func scale(_ call: Call, _ kind: Kind) throws(Status) -> Answer {
    let encoding = try encoding(call, kind, .object)
    let scale = try cluster.scale(kind, namespace: call.target.namespace, name: call.target.name)
    let shown: JSON
    switch encoding.representation.shape {
    case .whole: shown = scale
    case .partial(let version): shown = Table.partial(scale, version: version)
    case .table(let version):
      var table = try encoding.table(version)
      table.columns = Table.scaleColumns
      let revision = scale.at("metadata", "resourceVersion") ?? ""
      shown = table.json([scale], metadata: ["resourceVersion": revision])
    }
    return .now(reply.body(try encoding.body(shown), encoding.representation.format, call.request))
  }

  /// `pods/binding`, and the older `bindings` with the pod's name in the body.
  func bind(_ call: Call, _ kind: Kind) throws(Status) -> Answer {
    let body = try call.decoded(as: GroupVersionKind(group: "", version: "v1", kind: "Binding"))
    try checkBelongs(call, body.json, to: "Binding")
    let options = try call.writeOptions("CreateOptions", duplicates: body.duplicates)
    let target = call.target
    let name = target.name.isEmpty ? body.json.at("metadata", "name")?.string ?? "" : target.name
    return later(call, kind) { (routes) async throws(Status) in
      _ = try await routes.cluster.bind(namespace: target.namespace, name: name, body.json, options)
      return routes.success(call)
    }
  }

  private func evict(_ call: Call, _ kind: Kind) throws(Status) -> Answer {
    let body = try call.decoded(as: GroupVersionKind(group: "policy", version: "v1", kind: "Eviction"))
    try checkBelongs(call, body.json, to: "Eviction")
    let options = try call.writeOptions("CreateOptions", duplicates: body.duplicates)
    let target = call.target
    return later(call, kind) { (routes) async throws(Status) in
      try await routes.cluster.evict(namespace: target.namespace, name: target.name, body.json, options)
      return routes.success(call)
    }
  }

  private func success(_ call: Call) -> Response {
    reply.status(
      ["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "code": 201],
      Representation.formatOfStatus(call.request), code: 201, isPretty: call.wantsPretty, call.request)
  }

  private func token(_ call: Call, _ subresource: Subresource) throws(Status) -> Answer {
    let representation = try call.representation(.plain)
    let body = try decoded(call, as: subresource.kind)
    let options = try call.writeOptions("CreateOptions", duplicates: [])
    let target = call.target
    return later(call, nil) { (routes) async throws(Status) in
      let result = try await routes.cluster.createToken(
        namespace: target.namespace, name: target.name, body, options)
      return try routes.shown(result, representation, call)
    }
  }

  func answer(_ review: @escaping Reviews.Review, _ call: Call, _ kind: Kind) throws(Status) -> Answer {
    let representation = try call.representation(.plain)
    let body = try decoded(call, as: kind.groupVersionKind)
    return later(call, kind) { (routes) async throws(Status) in
      try routes.shown(try await review(routes.reviews, call, body), representation, call)
    }
  }

  private func shown(_ json: JSON, _ representation: Representation, _ call: Call) throws(Status) -> Response {
    let body = try Encoding.body(json, representation.format, isPretty: representation.isPretty)
    return reply.body(body, representation.format, status: 201, call.request)
  }

  /// - Throws: 400 for a body of another kind, or of another namespace than the path's.
  private func checkBelongs(_ call: Call, _ body: JSON, to kind: String) throws(Status) {
    let given = body.text("kind")
    guard given.isEmpty || given == kind else {
      throw .badRequest(
        "\(given) in version \(Status.quoted(body.text("apiVersion"))) cannot be handled as a \(kind)")
    }
    let namespace = body["metadata"]?.text("namespace") ?? ""
    let wanted = call.target.namespace
    guard namespace.isEmpty || wanted.isEmpty || namespace == wanted else {
      throw .badRequest("the namespace of the provided object does not match the namespace sent on the request")
    }
  }

  /// A body that is not stored, read by its schema.
  private func decoded(_ call: Call, as type: GroupVersionKind) throws(Status) -> JSON {
    let body = try call.decoded(as: type)
    try checkBelongs(call, body.json, to: type.kind)
    guard body.json.object != nil else { throw .badRequest("the body is not an object") }
    var result = body.json
    if let schema = cluster.catalog.schema(of: type) {
      var unknown: [String] = []
      do {
        result = try schema.decode(body.json, unknown: &unknown)
      } catch {
        throw .badRequest(
          "\(type.kind) in version \(Status.quoted(type.version)) cannot be handled as a \(type.kind): \(error)")
      }
    }
    result["kind"] = .string(type.kind)
    result["apiVersion"] = .string(type.apiVersion)
    result["status"] = nil
    return result
  }
}
