import EventLoops
import HTTPServer
import JSONCore
import Objects
import Registry
import Schemas
import Values

/// What the API is told from outside.
public struct APIConfiguration: Sendable {
  public var version = ServerVersion()
  public var authentication = Authentication()
  /// Where the output of containers comes from; nil answers `pods/log` with 501.
  public var logs: (any LogSource)?
  /// Who talks with containers, for exec, attach, port-forward and the proxies; nil answers them with 501.
  public var streams: (any ContainerStreams)?
  /// What pods and nodes use; nil where nobody measures them, and then the catalog has no kinds for it either.
  public var usage: (any UsageSource)?
  /// What the scheduler found out about a pod, by its UID; nil where none runs.
  public var schedulingVerdict: (@Sendable (_ podUID: String) -> JSON?)?
  /// The cluster's time, to be shown and changed; nil where it is not ours to change.
  public var clock: ClockControl?
  /// Who issues tokens, and for whom they are meant when nothing else is said.
  public var issuer = "https://kubernetes.default.svc.cluster.local"
  /// The public keys of the issuer.
  public var keys = TokenKeys(algorithms: []) { "{\"keys\":[]}" }
  /// What is shown to browsers.
  public var files: StaticFiles?
  public var metrics = MetricsPage()
  /// Who did what; nil writes nothing down.
  public var audit: Audit?
  /// Checks beside the server's own, for `/readyz`: names with a function that says whether all is well.
  public var checks: [(name: String, isGood: @Sendable () -> Bool)] = []

  public init() {}
}

/// What tokens can be checked with by those who did not issue them.
public struct TokenKeys: Sendable {
  /// `RS256`
  public var algorithms: [String]
  /// The JSON Web Key Set; the first time it may take as long as it takes to make a key.
  public var document: @Sendable () throws(Status) -> String

  public init(algorithms: [String], document: @escaping @Sendable () throws(Status) -> String) {
    self.algorithms = algorithms
    self.document = document
  }
}

/// The Kubernetes API over HTTP: finds out who asks for what, asks whether they may, and passes it to the cluster.
public final class API: Handler {
  private let cluster: Cluster
  private let configuration: APIConfiguration
  private let authenticator: Authenticator
  private let reply: Reply
  private let routes: ResourceRoutes
  private let present: PresentKinds
  /// The kinds that are always there; only for others is it looked which there are now.
  private let builtIn: KindTable
  private let counters: RequestCounters

  public init(_ cluster: Cluster, _ configuration: APIConfiguration) {
    self.cluster = cluster
    self.configuration = configuration
    authenticator = Authenticator(configuration.authentication, cluster, audience: configuration.issuer)
    // The ids of answers take nothing from the names of objects: whoever looks on must not change a repeatable run.
    reply = Reply(names: NameSource())
    present = PresentKinds(cluster, version: configuration.version.gitVersion)
    let kinds = present.now.catalog.kinds
    builtIn = KindTable(kinds.filter { !$0.isCustom })
    counters = RequestCounters(kinds)
    configuration.metrics.add { [counters] in counters.write(to: &$0) }
    configuration.metrics.add { StorageMetrics(cluster: cluster).write(to: &$0) }
    configuration.metrics.add { [version = configuration.version] in version.write(to: &$0) }
    if let log = configuration.audit?.log { configuration.metrics.add { log.write(to: &$0) } }
    routes = ResourceRoutes(
      cluster: cluster, reply: reply,
      reviews: Reviews(cluster: cluster, authenticator: authenticator, audience: configuration.issuer),
      logs: Logs(cluster: cluster, source: configuration.logs, reply: reply),
      streams: Streams(cluster: cluster, source: configuration.streams, reply: reply), usage: configuration.usage)
  }

  public func answer(_ request: Request) -> Answer {
    switch authenticator.authenticate(request) {
    case .caller(let caller): return audited(call(request, caller))
    case .rejected: return unknown(request)
    case .unknownToken(let token):
      return .decideLater { [self] in
        guard let caller = await authenticator.authenticate(token: token) else {
          return unknown(request)
        }
        return audited(call(request, caller))
      }
    }
  }

  private func call(_ request: Request, _ caller: Caller) -> Call {
    Call(request, caller: caller, notes: configuration.audit == nil ? nil : AuditNotes())
  }

  /// To somebody whose credentials are not good.
  private func unknown(_ request: Request) -> Answer {
    let answer = Answer.now(reply.error(.unauthorized, request))
    guard let audit = configuration.audit else { return answer }
    let trail = audit.begin(Call(request, caller: Caller(name: "")), nil, id: reply.auditID(request))
    return trail?.follow(answer) ?? answer
  }

  private func audited(_ call: Call) -> Answer {
    guard let audit = configuration.audit,
      let trail = audit.begin(call, kind(call), id: reply.auditID(call.request))
    else { return answer(call, nil) }
    return trail.follow(answer(call, trail))
  }

  private func kind(_ call: Call) -> Kind? { builtIn[call.target] ?? present.now.table[call.target] }

  private func answer(_ call: Call, _ trail: AuditTrail?) -> Answer {
    let start = Self.wallClock.now
    var call = call
    let kind = kind(call)
    var answer: Answer
    do throws(Status) {
      if let caller = try Impersonation(cluster: cluster).caller(call) { call = Call(call, as: caller) }
      trail?.noteCaller(call.caller)
      if !call.query.isEmpty { try call.checkTimeout() }
      try authorize(call, trail)
      answer = try route(call, kind)
    } catch {
      // Only a verb that the kind has can be deprecated with it.
      let warnings = error.code == 405 ? [] : kind.map(ResourceRoutes.deprecations) ?? []
      answer = .now(reply.error(error, warnings: warnings, isPretty: call.wantsPretty, call.request))
    }
    return counted(answer, counters.series(kind, call), since: start)
  }

  /// - Throws: 403.
  private func authorize(_ call: Call, _ trail: AuditTrail?) throws(Status) {
    if call.caller.isMaster || isOpen(call) {
      trail?.noteDecision(Decision(isAllowed: true))
      return
    }
    let attributes = call.attributes
    let decision = cluster.authorize(attributes)
    trail?.noteDecision(decision)
    if decision.isAllowed { return }
    var refusal = attributes.refusal
    if !decision.reason.isEmpty { refusal.message += ": " + decision.reason }
    throw refusal
  }

  /// The dashboard's own files hold nothing of the cluster.
  private func isOpen(_ call: Call) -> Bool { !call.target.isResource && isForBrowser(call) && hasFile(call) }

  private func route(_ call: Call, _ kind: Kind?) throws(Status) -> Answer {
    if let kind { return try routes.answer(call, kind) }
    let served = present.now
    if call.target.isResource {
      // Built-in groups answer for versions that they never had; custom ones are nobody's until they are defined.
      let group = served.discovery.group(call.target.group)
      guard let group, !group.isCustom else { return .now(reply.notFound(call.request)) }
      throw .noSuchPath
    }
    if let answer = try DiscoveryRoutes(served: served, reply: reply).answer(call) { return answer }
    if let answer = openAPI(served).answer(call) { return answer }
    if let answer = plain.answer(call) { return answer }
    if let answer = try scheduling.answer(call) { return answer }
    if let answer = try clockRoute.answer(call) { return answer }
    if let answer = try ExplainRoute(api: served.openAPI, reply: reply).answer(call) { return answer }
    if let file = configuration.files?.answer(call.request) { return .now(file) }
    return .now(reply.notFound(call.request))
  }

  private func counted(_ answer: Answer, _ series: RequestCounters.Series, since start: Instant) -> Answer {
    switch answer {
    case .now(let response):
      count(response, series, since: start)
      return answer
    case .later(let work):
      return .later { [self] in
        counters.work(series, by: 1)
        let response = await work()
        counters.work(series, by: -1)
        count(response, series, since: start)
        return response
      }
    case .stream(var response):
      counters.count(series, code: response.status)
      response.source = CountedSource(response.source, counters, series)
      return .stream(response)
    case .decideLater(let work): return .decideLater { [self] in counted(await work(), series, since: start) }
    case .upgrade:
      counters.count(series, code: 101)
      return answer
    }
  }

  private func count(_ response: Response, _ series: RequestCounters.Series, since start: Instant) {
    counters.count(series, code: response.status)
    counters.observe(series, Self.wallClock.now - start)
  }

  /// How long answers take is a matter of the machine.
  private static let wallClock = SystemClock()
}

// MARK: - documents

extension API {
  private func openAPI(_ served: ServedKinds) -> OpenAPIRoutes {
    OpenAPIRoutes(api: served.openAPI, documents: served.documents, reply: reply)
  }

  private var scheduling: SchedulingRoute {
    SchedulingRoute(cluster: cluster, verdict: configuration.schedulingVerdict, reply: reply)
  }

  private var clockRoute: ClockRoute { ClockRoute(control: configuration.clock, reply: reply) }

  private var plain: PlainRoutes { PlainRoutes(cluster: cluster, configuration: configuration, reply: reply) }

  /// Whether a browser asks for a page or a part of one.
  private func isForBrowser(_ call: Call) -> Bool {
    guard call.request.method == .get || call.request.method == .head else { return false }
    guard call.target.parts.isEmpty else { return true }
    return PlainRoutes.wantsPage(call)
  }

  private func hasFile(_ call: Call) -> Bool {
    guard let first = call.target.parts.first else { return configuration.files != nil }
    if ["api", "apis", "openapi", "metrics", "logs", ".well-known", "openid"].contains(first) { return false }
    return configuration.files?.answer(call.request) != nil
  }
}

/// Kinds by the group, version and resource of a path; strangers' words are looked up, never kept.
struct KindTable: Sendable {
  private struct Entry: Sendable {
    var resource: String
    var kind: Kind
  }

  /// By the length and the ends of the names, which tell most apart; a hash of whole texts would cost more than the rest
  /// of finding the way.
  private let buckets: [[Entry]]

  private static let bucketCount = 512

  init(_ kinds: [Kind]) {
    var buckets = [[Entry]](repeating: [], count: Self.bucketCount)
    for kind in kinds {
      let resource = kind.resource.resource
      buckets[Self.bucket(kind.group, resource)].append(Entry(resource: resource, kind: kind))
    }
    self.buckets = buckets
  }

  subscript(target: Target) -> Kind? {
    guard target.isResource else { return nil }
    return buckets[Self.bucket(target.group, target.resource)].first {
      $0.resource == target.resource && $0.kind.group == target.group && $0.kind.version == target.version
    }?.kind
  }

  private static func bucket(_ group: String, _ resource: String) -> Int {
    let (group, resource) = (group.utf8, resource.utf8)
    let sum =
      group.count * 31 + Int(group.first ?? 0) * 7 + resource.count * 17 + Int(resource.first ?? 0) * 3
      + Int(resource.last ?? 0) * 11 + Int(resource.dropFirst(3).first ?? 0) * 5
    return sum & (bucketCount - 1)
  }
}

// MARK: - failures below the API

extension API {
  /// The answer that the HTTP server gives by itself (400, 408, 413, 431, …), as a Status.
  public static func failure(_ code: Int, _ message: String) -> Response {
    let reasons = [
      400: "BadRequest", 403: "Forbidden", 408: "Timeout", 413: "RequestEntityTooLarge", 503: "ServiceUnavailable",
    ]
    let status = Status(code: code, reason: reasons[code] ?? "", message: message)
    return Response(status: code, headers: [("content-type", "application/json")], body: .blob(status.json.blob))
  }
}
