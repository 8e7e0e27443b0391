import EventLoops
import HTTPClient
import JSONCore
import Objects
import Registry
import Synchronization
import Values

/// Carries calls to webhooks: over the network to URLs, and to what is behind a service: simulated pods answer in this
/// process, addresses that are no pod's are called as they are.
final class WebhookRouter: WebhookCaller {
  private struct Inside: Sendable {
    var cluster: Cluster
    var streams: (any ContainerStreams)?
  }

  private let client = HTTPClient()
  /// Comes to be only after the cluster that has the router.
  private let inside = Mutex<Inside?>(nil)

  func open(_ cluster: Cluster, _ streams: (any ContainerStreams)?) {
    inside.withLock { $0 = Inside(cluster: cluster, streams: streams) }
  }

  func answer(_ call: WebhookCall) async throws(WebhookFailure) -> WebhookReply {
    guard let address = WebURL(call.url) else { throw WebhookFailure("unsupported URL \(Status.quoted(call.url))") }
    var request = ClientRequest(
      "POST", address,
      headers: [("content-type", "application/json"), ("accept", "application/json, */*")], body: call.body,
      authorities: call.authorities, timeout: call.timeout)
    guard let service = call.service, let inside = inside.withLock({ $0 }) else { return try await send(request) }
    switch try Self.target(of: service, inside.cluster.snapshot) {
    case .address(let host, let port):
      request.place = (host, port)
      return try await send(request)
    case .pod(let place, let port, let shown):
      guard let streams = inside.streams else { throw WebhookFailure("dial tcp \(shown): connect: connection refused") }
      let asked = PortRequest(
        method: "POST", target: address.target,
        headers: [PortHeader("host", address.host), PortHeader("content-type", "application/json")], body: call.body)
      return try await Self.inTime(call.timeout, inside.cluster.clock) { () async throws(WebhookFailure) in
        do throws(StreamFailure) {
          let response = try await streams.ports(place).request(port, asked)
          return WebhookReply(status: response.status, body: response.body)
        } catch {
          throw WebhookFailure("dial tcp \(shown): connect: connection refused")
        }
      }
    }
  }

  private func send(_ request: ClientRequest) async throws(WebhookFailure) -> WebhookReply {
    do throws(ClientError) {
      let response = try await client.answer(request)
      return WebhookReply(status: response.status, body: response.body)
    } catch {
      throw WebhookFailure(error.message)
    }
  }

  // MARK: services

  enum Target {
    case address(String, Int)
    case pod(ContainerPlace, Int, shown: String)
  }

  /// One of the endpoints of a service.
  static func target(of wanted: WebhookCall.Service, _ snapshot: Snapshot) throws(WebhookFailure) -> Target {
    let key = Key(GroupResource("", "services"), namespace: wanted.namespace, name: wanted.name)
    guard let service = snapshot[key]?.json else {
      throw WebhookFailure("service \(Status.quoted(wanted.name)) not found")
    }
    let spec = service["spec"] ?? .emptyObject
    if spec.text("type") == "ExternalName" { return .address(spec.text("externalName"), wanted.port) }
    guard let port = spec.list("ports").first(where: { $0["port"]?.int == wanted.port }) else {
      throw WebhookFailure("no service port \(wanted.port) found for service \(Status.quoted(wanted.name))")
    }
    let shown = "\(spec.text("clusterIP")):\(wanted.port)"
    let endpoints = snapshot[Key(GroupResource("", "endpoints"), namespace: wanted.namespace, name: wanted.name)]
    for subset in endpoints?.json.list("subsets") ?? [] {
      guard
        let number = subset.list("ports").first(where: { $0.text("name") == port.text("name") })?["port"]?.int,
        let address = subset.list("addresses").first
      else { continue }
      guard let pod = address["targetRef"], pod.text("kind") == "Pod" else {
        return .address(address.text("ip"), number)
      }
      let place = ContainerPlace(namespace: wanted.namespace, pod: pod.text("name"), podUID: pod.text("uid"))
      return .pod(place, number, shown: shown)
    }
    throw WebhookFailure("dial tcp \(shown): connect: connection refused")
  }

  /// What comes first: the result, or the end of the time, which is that of the cluster for what is simulated.
  private static func inTime(
    _ timeout: Duration, _ clock: any Clock,
    _ work: @escaping @Sendable () async throws(WebhookFailure) -> WebhookReply
  ) async throws(WebhookFailure) -> WebhookReply {
    typealias Outcome = Result<WebhookReply, WebhookFailure>
    let outcome = await withCheckedContinuation { (continuation: CheckedContinuation<Outcome, Never>) in
      let race = Race(continuation)
      clock.pool.spawn {
        do throws(WebhookFailure) { race.end(.success(try await work())) } catch { race.end(.failure(error)) }
      }
      clock.pool.spawn {
        await clock.sleep(for: timeout)
        race.end(.failure(.timeout))
      }
    }
    return try outcome.get()
  }
}

/// Resumes once, with what comes first.
private final class Race: Sendable {
  typealias Outcome = Result<WebhookReply, WebhookFailure>
  private let waiting: Mutex<CheckedContinuation<Outcome, Never>?>

  init(_ continuation: CheckedContinuation<Outcome, Never>) { waiting = Mutex(continuation) }

  func end(_ outcome: Outcome) {
    let continuation = waiting.withLock { waiting in
      defer { waiting = nil }
      return waiting
    }
    continuation?.resume(returning: outcome)
  }
}
