import EventLoops
import HTTPServer
import JSONCore
import Objects
import Registry
import Schemas
import Values

/// Requests about resources: from a verb of HTTP to one of the cluster's, and its result back into bytes.
final class ResourceRoutes: Sendable {
  let cluster: Cluster
  let reply: Reply
  let reviews: Reviews
  let logs: Logs
  let streams: Streams
  var proxies: Proxies { Proxies(streams, usage: usage) }
  let usage: (any UsageSource)?

  init(cluster: Cluster, reply: Reply, reviews: Reviews, logs: Logs, streams: Streams, usage: (any UsageSource)?) {
    self.usage = usage
    self.streams = streams
    self.cluster = cluster
    self.reply = reply
    self.reviews = reviews
    self.logs = logs
  }

  func answer(_ call: Call, _ kind: Kind) throws(Status) -> Answer {
    try Self.checkScope(call, kind)
    if call.target.isNamed { try Self.checkName(call.target.name) }
    if !call.target.subresource.isEmpty { return try subresource(call, kind) }
    if kind.isCustom, !call.target.isNamed, ["update", "patch"].contains(call.target.verb) {
      throw .badRequest("name must be provided")
    }
    guard call.target.rest.isEmpty else { throw .noSuchPath }
    guard let verb = Verb(rawValue: call.target.verb), kind.verbs.contains(verb) else { throw .methodNotAllowed() }
    guard Self.fits(verb, call) else { throw .methodNotAllowed() }
    if kind.group == UsageRecords.group, verb == .get || verb == .list, let usage {
      return try measure(call, kind, usage)
    }
    switch verb {
    case .get: return try get(call, kind)
    case .list: return try list(call, kind)
    case .watch: return try watch(call, kind)
    case .create: return try create(call, kind)
    case .update: return try update(call, kind, subresource: nil)
    case .patch: return try patch(call, kind, subresource: nil)
    case .delete: return try delete(call, kind)
    case .deletecollection: return try deleteCollection(call, kind)
    }
  }

  /// Namespaced kinds live below a namespace, the others do not.
  private static func checkScope(_ call: Call, _ kind: Kind) throws(Status) {
    let isInNamespace = !call.target.namespace.isEmpty
    if kind.isNamespaced {
      guard isInNamespace || !call.target.isNamed else { throw .noSuchPath }
    } else if isInNamespace, kind.resource != .namespaces {
      throw .noSuchPath
    }
    if kind.isNamespaced, !isInNamespace, !["list", "watch"].contains(call.target.verb) {
      throw .methodNotAllowed()
    }
  }

  /// A name that could lead elsewhere in a path is refused before anything is looked for.
  private static func checkName(_ name: String) throws(Status) {
    let why: String
    switch name {
    case ".", "..": why = "may not be '\(name)'"
    default:
      guard let odd = name.utf8.first(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "%") }) else { return }
      why = "may not contain '\(Character(Unicode.Scalar(odd)))'"
    }
    throw .badRequest("Name parameter invalid: \(Status.quoted(name)): \(why)")
  }

  /// POST goes to collections, PUT and PATCH to objects.
  private static func fits(_ verb: Verb, _ call: Call) -> Bool {
    switch verb {
    case .create: call.target.name.isEmpty
    case .update, .patch: !call.target.name.isEmpty
    case .get, .list, .watch: call.request.method == .get
    case .delete, .deletecollection: true
    }
  }

  /// What old kinds tell their users.
  static func deprecations(_ kind: Kind) -> [String] {
    if let custom = kind.custom { return custom.deprecation.map { [$0] } ?? [] }
    switch kind.resource {
    case .endpoints: return ["v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"]
    case .componentStatuses: return ["v1 ComponentStatus is deprecated in v1.19+"]
    default: return []
    }
  }
}

extension GroupResource {
  fileprivate static let namespaces = GroupResource("", "namespaces")
  fileprivate static let endpoints = GroupResource("", "endpoints")
  fileprivate static let componentStatuses = GroupResource("", "componentstatuses")
}

// MARK: - reading

extension ResourceRoutes {
  func get(_ call: Call, _ kind: Kind) throws(Status) -> Answer {
    let encoding = try encoding(call, kind, .object)
    let version = call.query.text("resourceVersion")
    if kind.custom?.conversion != nil {
      return later(call, kind) { (routes) async throws(Status) in
        let object = try await routes.cluster.getLater(
          kind, namespace: call.target.namespace, name: call.target.name)
        return try routes.shown(object, encoding, call)
      }
    }
    if version.isEmpty || version == "0" {
      let object = try cluster.get(kind, namespace: call.target.namespace, name: call.target.name)
      return .now(try shown(object, encoding, call))
    }
    return later(call, kind) { (routes) async throws(Status) in
      let object = try await routes.cluster.get(
        kind, namespace: call.target.namespace, name: call.target.name, resourceVersion: version)
      return try routes.shown(object, encoding, call)
    }
  }

  func list(_ call: Call, _ kind: Kind) throws(Status) -> Answer {
    let encoding = try encoding(call, kind, .list)
    let namespace = call.target.namespace.isEmpty ? nil : call.target.namespace
    let options = try call.listOptions()
    if let list = try cluster.listNow(kind, namespace: namespace, options) {
      if !encoding.isSlow(for: list) { return .now(try shown(list, encoding, call)) }
      return later(call, kind) { (routes) async throws(Status) in try await routes.shownAside(list, encoding, call) }
    }
    return later(call, kind) { (routes) async throws(Status) in
      let list = try await routes.cluster.list(kind, namespace: namespace, options)
      return try await routes.shownAside(list, encoding, call)
    }
  }

  /// A list; one that takes long to encode is encoded while the loop serves others.
  private func shownAside(_ list: ObjectList, _ encoding: Encoding, _ call: Call) async throws(Status) -> Response {
    if !encoding.isSlow(for: list) { return try shown(list, encoding, call) }
    return try await aside { [self] () throws(Status) in try shown(list, encoding, call) }
  }

  /// Does work that takes long while the connection's loop serves others.
  func aside(_ work: @escaping @Sendable () throws(Status) -> Response) async throws(Status) -> Response {
    let task = Task.detached { () -> Result<Response, Status> in
      do throws(Status) { return .success(try work()) } catch { return .failure(error) }
    }
    return try await task.value.get()
  }

  func watch(_ call: Call, _ kind: Kind) throws(Status) -> Answer {
    let encoding = try encoding(call, kind, .watch)
    _ = try Table.included(call.query.text("includeObject"))
    var options = try call.watchOptions()
    if call.target.isOldWatch, !call.target.name.isEmpty {
      // The caller was asked about this name alone, so it comes first, whatever else is selected.
      let name = FieldSelector.Requirement(field: "metadata.name", isEqual: true, value: call.target.name)
      options.fields = FieldSelector(requirements: [name] + (options.fields?.requirements ?? []))
    }
    let seconds = try call.number("timeoutSeconds") ?? 0
    // Watches live in the time of those who watch.
    let clock = SystemClock()
    let end = clock.now + (seconds > 0 ? .seconds(min(seconds, Self.longestWatch)) : usualWatch)
    let encoder = WatchEncoder(encoding, cluster)
    let type =
      encoding.representation.format == .protobuf
      ? "application/vnd.kubernetes.protobuf;stream=watch" : "application/json"
    let namespace = call.target.namespace.isEmpty ? nil : call.target.namespace
    let warnings = Self.deprecations(kind)
    do throws(Status) {
      let subscription = try cluster.watch(kind, namespace: namespace, options)
      let timing = WatchSource.Timing(clock: clock, end: end, sendsBookmarks: options.allowsBookmarks)
      return reply.stream(WatchSource(subscription, encoder, timing), type, warnings: warnings, call.request)
    } catch  where error.code == 410 {
      // A version whose history is gone is told within the stream.
      var chunks: [Blob] = []
      encoder.appendError(error, to: &chunks)
      return reply.stream(FailedWatch(chunks), type, warnings: warnings, call.request)
    }
  }

  private static let longestWatch = 24 * 3600
  /// Spread, so that clients that came together do not come back together.
  private var usualWatch: Duration { .seconds(1800 + Int.random(in: 0..<1800)) }

  func encoding(_ call: Call, _ kind: Kind, _ offer: Call.Offer) throws(Status) -> Encoding {
    Encoding(try call.representation(offer, canProtobuf: !kind.isCustom), kind, call, cluster)
  }

  func shown(_ object: Object, _ encoding: Encoding, _ call: Call, status: Int = 200, warnings: [String] = [])
    throws(Status) -> Response
  {
    reply.body(
      try encoding.body(object), encoding.representation.format, status: status,
      warnings: Self.deprecations(encoding.kind) + warnings, call.request)
  }

  func shown(_ list: ObjectList, _ encoding: Encoding, _ call: Call) throws(Status) -> Response {
    reply.body(
      try encoding.body(list), encoding.representation.format, warnings: Self.deprecations(encoding.kind), call.request)
  }

  /// Runs work that may wait; what it throws becomes the answer.
  func later(_ call: Call, _ kind: Kind?, _ work: @escaping @Sendable (ResourceRoutes) async throws(Status) -> Response)
    -> Answer
  {
    .later { [self] in
      do throws(Status) {
        return try await work(self)
      } catch {
        return reply.error(
          error, warnings: (kind.map(Self.deprecations) ?? []) + error.warnings, isPretty: call.wantsPretty,
          call.request)
      }
    }
  }
}

// MARK: - writing

extension ResourceRoutes {
  func create(_ call: Call, _ kind: Kind) throws(Status) -> Answer {
    let resource = kind.resource.resource
    if let review = Reviews.all[resource], kind.group.hasSuffix("ation.k8s.io") {
      return try answer(review, call, kind)
    }
    if resource == "bindings", kind.group.isEmpty { return try bind(call, kind) }
    let encoding = try encoding(call, kind, .object)
    let body = try call.body(kind)
    let options = try call.writeOptions("CreateOptions", duplicates: body.duplicates)
    return later(call, kind) { (routes) async throws(Status) in
      let written = try await routes.cluster.create(kind, namespace: call.target.namespace, body.json, options)
      return try routes.shown(written.object, encoding, call, status: 201, warnings: written.warnings)
    }
  }

  func update(_ call: Call, _ kind: Kind, subresource: String?) throws(Status) -> Answer {
    let encoding = try encoding(call, kind, subresource == "scale" ? .plain : .object)
    let target = call.target
    let body = try call.body(
      kind, replacing: cluster.snapshot[cluster.key(kind, target.namespace, target.name)])
    let options = try call.writeOptions("UpdateOptions", duplicates: body.duplicates)
    return later(call, kind) { (routes) async throws(Status) in
      let written = try await routes.cluster.update(
        kind, namespace: target.namespace, name: target.name, subresource: subresource, body.json, options)
      return try routes.shown(written, encoding, call)
    }
  }

  func patch(_ call: Call, _ kind: Kind, subresource: String?) throws(Status) -> Answer {
    let encoding = try encoding(call, kind, subresource == "scale" ? .plain : .object)
    let format = try Self.patchFormat(call.contentType)
    let body = try Self.patchBody(format, call)
    let isApply = format == .apply
    var options = try call.writeOptions(
      "PatchOptions", duplicates: body.duplicates, force: isApply ? call.query.bool("force") ?? false : nil)
    if isApply {
      options.fieldManager = call.query.text("fieldManager")
      if options.fieldManager.isEmpty {
        throw .invalid(
          kind: "PatchOptions", group: "meta.k8s.io", name: "",
          [.required(Path("fieldManager"), "is required for apply patch")])
      }
    }
    let target = call.target
    let patch = Patch(format, body.json)
    return later(call, kind) { [options] (routes) async throws(Status) in
      let written = try await routes.cluster.patch(
        kind, namespace: target.namespace, name: target.name, subresource: subresource, patch, options)
      return try routes.shown(written, encoding, call)
    }
  }

  private func shown(_ written: Written, _ encoding: Encoding, _ call: Call) throws(Status) -> Response {
    try shown(
      written.object, encoding, call, status: written.isNew ? 201 : 200, warnings: written.warnings)
  }

  /// - Throws: 415 in the words of the stock server's router.
  private static func patchFormat(_ type: String) throws(Status) -> Patch.Format {
    switch type {
    case "application/json-patch+json": return .json
    case "application/merge-patch+json": return .merge
    case "application/strategic-merge-patch+json": return .strategic
    case "application/apply-patch+yaml": return .apply
    default:
      throw Status(
        code: 415, reason: "UnsupportedMediaType", message: "415: Unsupported Media Type", details: Status.Details())
    }
  }

  private static func patchBody(_ format: Patch.Format, _ call: Call) throws(Status) -> DecodedBody {
    if format != .apply {
      return try Call.json(call.request.body, subject: format == .json ? "json patch duplicate" : "duplicate")
    }
    let reading = try YAML.read(call.request.body)
    return DecodedBody(json: reading.json, duplicates: reading.duplicates)
  }
}

// MARK: - deleting

extension ResourceRoutes {
  func delete(_ call: Call, _ kind: Kind) throws(Status) -> Answer {
    let encoding = try encoding(call, kind, .object)
    let options = try call.deleteOptions()
    let target = call.target
    return later(call, kind) { (routes) async throws(Status) in
      let deleted = try await routes.cluster.delete(kind, namespace: target.namespace, name: target.name, options)
      if deleted.showsObject {
        return try routes.shown(deleted.object, encoding, call, status: deleted.code, warnings: deleted.warnings)
      }
      return routes.reply.body(
        try encoding.body(deleted.status), encoding.representation.format, status: deleted.code,
        warnings: Self.deprecations(kind) + deleted.warnings, call.request)
    }
  }

  func deleteCollection(_ call: Call, _ kind: Kind) throws(Status) -> Answer {
    let encoding = try encoding(call, kind, .list)
    let selection = try call.listOptions()
    let options = try call.deleteOptions()
    let namespace = call.target.namespace.isEmpty ? nil : call.target.namespace
    return later(call, kind) { (routes) async throws(Status) in
      let list = try await routes.cluster.deleteCollection(kind, namespace: namespace, selection, options)
      return routes.reply.body(
        try encoding.body(list), encoding.representation.format,
        warnings: Self.deprecations(kind) + Cluster.warnings(kind, options), call.request)
    }
  }
}
