import EventLoops
import HTTPServer
import JSONCore
import Objects
import Registry
import Schemas
import Synchronization
import Values

/// Writes down who did what. Deciding costs a look at the rules; everything else happens on the log's loop.
public final class Audit: Sendable {
  let policy: AuditPolicy
  public let log: AuditLog
  private let clock: any Clock

  public init(policy: AuditPolicy, log: AuditLog, clock: any Clock) {
    self.policy = policy
    self.log = log
    self.clock = clock
  }

  /// Follows one request; nil when nothing is to be written of it.
  /// - Parameters:
  ///   - call: as it came, before impersonation.
  ///   - kind: what its body is.
  func begin(_ call: Call, _ kind: Kind?, id: String) -> AuditTrail? {
    let decision = policy.decide(call.target, call.caller)
    if decision.level == .none { return nil }
    let trail = AuditTrail(
      request: AuditedRequest(call: call, kind: kind, id: id, decision: decision, received: clock.now), log: log,
      clock: clock)
    trail.note(.requestReceived, nil)
    return trail
  }
}

/// What every event of one request says.
struct AuditedRequest: Sendable {
  let call: Call
  let kind: Kind?
  let id: String
  let decision: AuditPolicy.Decision
  let received: Instant
}

/// What came of a request.
struct AuditedResponse: Sendable {
  var code: Int
  var body: Body = .empty
}

/// The events of one request.
final class AuditTrail: Sendable {
  private struct Access {
    var impersonated: Caller?
    var annotations: [String: String] = [:]
  }

  let request: AuditedRequest
  private let log: AuditLog
  private let clock: any Clock
  private let access = Mutex(Access())

  init(request: AuditedRequest, log: AuditLog, clock: any Clock) {
    self.request = request
    self.log = log
    self.clock = clock
  }

  func noteCaller(_ caller: Caller) {
    if caller != request.call.caller { access.withLock { $0.impersonated = caller } }
  }

  func noteDecision(_ decision: Decision) {
    access.withLock { access in
      access.annotations["authorization.k8s.io/decision"] = decision.isAllowed ? "allow" : "forbid"
      access.annotations["authorization.k8s.io/reason"] = decision.reason
    }
  }

  func note(_ stage: AuditPolicy.Stage, _ response: AuditedResponse?) {
    if request.decision.omitted.contains(stage) { return }
    let (impersonated, known) = access.withLock { ($0.impersonated, $0.annotations) }
    let annotations = known.merging(request.call.notes?.all ?? [:]) { $1 }
    let event = AuditEvent(
      request: request, stage: stage, response: response, impersonated: impersonated, annotations: annotations,
      time: clock.now)
    var weight = 1024
    if request.decision.level >= .request { weight += request.call.request.body.count }
    if request.decision.level >= .requestResponse { weight += response?.body.count ?? 0 }
    log.append(AuditLog.Entry(weight: weight) { event.line })
  }

  /// The same answer, with the id that the events carry, and noted when it is given.
  func follow(_ answer: Answer) -> Answer {
    switch answer {
    case .now(let response): return .now(finished(response))
    case .later(let work): return .later { [self] in finished(await work()) }
    case .decideLater(let work): return .decideLater { [self] in follow(await work()) }
    case .stream(var response):
      identify(&response.headers)
      note(.responseStarted, AuditedResponse(code: response.status))
      response.source = AuditedSource(response.source, self, code: response.status)
      return .stream(response)
    case .upgrade(var upgrade):
      note(.responseStarted, AuditedResponse(code: 101))
      upgrade.source = AuditedSource(upgrade.source, self, code: 101)
      return .upgrade(upgrade)
    }
  }

  private func finished(_ response: Response) -> Response {
    var response = response
    identify(&response.headers)
    note(.responseComplete, AuditedResponse(code: response.status, body: response.body))
    return response
  }

  private func identify(_ headers: inout Headers) {
    headers.removeAll { $0.name == "audit-id" }
    headers.append(("audit-id", request.id))
  }
}

/// A stream whose end is noted.
private struct AuditedSource: BodySource {
  private let source: any BodySource
  private let trail: AuditTrail
  private let code: Int

  init(_ source: any BodySource, _ trail: AuditTrail, code: Int) {
    self.source = source
    self.trail = trail
    self.code = code
  }

  func start(wake: @escaping @Sendable () -> Void) { source.start(wake: wake) }

  func pull(limit: Int) -> Pulled { source.pull(limit: limit) }

  func cancel() {
    source.cancel()
    trail.note(.responseComplete, AuditedResponse(code: code))
  }
}
