import EventLoops
import Objects
import Values

/// What probes find out.
extension SimulatedRuntime {
  private enum Finding: Sendable {
    case known(ProbeOutcome)
    case run([String], timeout: Duration)
  }

  public func probe(_ id: String, _ kind: ProbeKind) async -> ProbeOutcome {
    let finding = await withCheckedContinuation { continuation in
      loop.run { [self] in continuation.resume(returning: find(id, kind)) }
    }
    switch finding {
    case .known(let outcome): return outcome
    case .run(let words, let timeout):
      let execution = await execute(id, words, timeout: timeout)
      if execution.isLate {
        let command = words.joined(separator: " ")
        return .failure("command timed out: \"\(command)\" timed out after \(Self.shown(timeout))")
      }
      return ProbeOutcome(isSuccess: execution.code == 0, message: execution.output)
    }
  }

  /// A hook over HTTP is a request like any other: whatever its answer says, it has been delivered.
  public func request(_ id: String, _ handler: Probe.Handler) async -> String? {
    let (target, known) = await withCheckedContinuation { continuation in
      loop.run { [self] in continuation.resume(returning: hookTarget(id, handler)) }
    }
    guard let target else { return known }
    do {
      _ = try await ports(pod: target.pod).request(
        target.port,
        PortRequest(
          target: target.path,
          headers: [PortHeader("host", target.host), PortHeader("user-agent", "kube-lifecycle/1.36")]))
      return nil
    } catch { return known }
  }

  private struct HookTarget: Sendable {
    var pod: String
    var port: Int
    var host: String
    var path: String
  }

  /// Whom a hook asks; and what is to be said where nobody can be asked.
  private func hookTarget(_ id: String, _ handler: Probe.Handler) -> (HookTarget?, String?) {
    guard let container = state.value.containers[id] else { return (nil, "not found") }
    let outcome = health(container).answer(handler, .seconds(30), .liveness)
    let known = outcome.isSuccess || outcome.message.contains("statuscode") ? nil : outcome.message
    guard case .http(let path, let named, _, let host) = handler, let port = health(container).number(of: named) else {
      return (nil, known)
    }
    let surroundings = container.request.surroundings
    var target = HookTarget(
      pod: container.request.pod.uid, port: port, host: host.isEmpty ? surroundings.address : host, path: path)
    if !host.isEmpty, case .pods(let others, _) = surroundings.network.route(to: host, port: port, .tcp),
      let other = others.first
    {
      (target.pod, target.port) = (other.uid, other.port)
    }
    return (target, known)
  }

  private static func shown(_ time: Duration) -> String { "\(time.components.seconds)s" }

  private func health(_ container: SimulatedContainer) -> SimulatedHealth {
    SimulatedHealth(
      request: container.request, age: clock.now - container.startedAt
    ) { [self] path in
      let world = enter(container.id, at: clock.now)
      defer { leave(container.id, world) }
      return world.exists(path)
    }
  }

  /// Only annotations decide about a container that nobody probes, and those are known.
  public func readiness(_ request: ContainerRequest) -> ProbeOutcome? {
    let health = SimulatedHealth(request: request, age: .zero) { _ in false }
    return health.wish(.readiness) ?? ProbeOutcome(isSuccess: true, isFinal: health.isSettled(.readiness))
  }

  private func find(_ id: String, _ kind: ProbeKind) -> Finding {
    guard let container = state.value.containers[id] else { return .known(.failure("container not found")) }
    let health = health(container)
    if let wish = health.wish(kind) { return .known(wish) }
    let probe = container.request.container.probes[kind]
    if case .command(let words)? = probe?.handler { return .run(words, timeout: probe?.timeout ?? .seconds(1)) }
    guard let handler = probe?.handler else {
      return .known(ProbeOutcome(isSuccess: true, isFinal: health.isSettled(kind)))
    }
    return .known(health.answer(handler, probe?.timeout ?? .seconds(1), kind))
  }
}
