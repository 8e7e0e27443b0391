import JSONCore
import Reconciling
import Values

/// Probes: the startup probe first, then liveness and readiness.
extension PodMachine {
  /// - Parameter readiness: known already, and so not to be asked for.
  mutating func beginProbes(_ container: PodSpecification.Container, _ readiness: ProbeOutcome? = nil) {
    // Nobody sends requests to a container that is there to look around.
    if container.role == .ephemeral { return }
    if let startup = container.probes[.startup], containers[container.name]?.isStarted != true {
      effects.append(.probe(container.name, .startup, after: startup.initialDelay))
    } else {
      beginLaterProbes(container, readiness)
    }
  }

  mutating func noteResume(_ name: String, _ id: String) {
    guard let container = specification[name], containers[name]?.isRunning == true else { return }
    containers[name]?.containerID = id
    beginProbes(container)
  }

  private mutating func beginLaterProbes(_ container: PodSpecification.Container, _ readiness: ProbeOutcome? = nil) {
    if let liveness = container.probes[.liveness] {
      effects.append(.probe(container.name, .liveness, after: liveness.initialDelay))
    }
    if let readiness { return noteProbe(container.name, .readiness, readiness) }
    // Also without a probe of its own the runtime is asked once, for it may simulate a slow start.
    effects.append(.probe(container.name, .readiness, after: container.probes[.readiness]?.initialDelay ?? .zero))
  }

  mutating func noteProbe(_ name: String, _ kind: ProbeKind, _ outcome: ProbeOutcome) {
    guard let container = specification[name], var state = containers[name], state.isRunning else { return }
    // Whoever is about to end is not restarted any more, but may still say that it takes no more work.
    if kind != .readiness && (state.isStopping || isTerminating || failure != nil) { return }
    let probe = container.probes[kind]
    var streak = state.probes[kind]
    if outcome.isSuccess {
      streak.successes += 1
      streak.failures = 0
    } else {
      streak.failures += 1
      streak.successes = 0
    }
    state.probes[kind] = streak
    containers[name] = state
    if !outcome.isSuccess, probe != nil {
      record(.warning, "Unhealthy", "\(kind.title) probe failed: \(outcome.message)", container)
    }
    let isUp = streak.successes >= probe?.successThreshold ?? 1
    let isDown = streak.failures >= probe?.failureThreshold ?? 1
    switch kind {
    case .startup where isUp:
      containers[name]?.isStarted = true
      beginLaterProbes(container)
      return publish()
    case .startup where isDown, .liveness where isDown: return kill(container, kind)
    case .readiness where isUp && !state.isReady:
      containers[name]?.isReady = true
      publish()
    case .readiness where isDown && state.isReady:
      containers[name]?.isReady = false
      publish()
    default: break
    }
    if !outcome.isFinal || !isUp && !isDown {
      effects.append(.probe(name, kind, after: probe?.period ?? .seconds(1)))
    } else {
      containers[name]?.settledProbes.append(kind)
    }
  }

  /// Probes whose answers had become final ask again: what the pod is told to do has changed.
  mutating func askAgain() {
    for container in specification.containers {
      guard let state = containers[container.name], state.isRunning, !state.isHooking else { continue }
      for kind in ProbeKind.allCases where state.settledProbes.contains(kind) {
        effects.append(.probe(container.name, kind, after: .zero))
      }
      containers[container.name]?.settledProbes = []
    }
  }

  private mutating func kill(_ container: PodSpecification.Container, _ kind: ProbeKind) {
    containers[container.name]?.isStopping = true
    record(
      .normal, "Killing",
      "Container \(container.name) failed \(kind == .startup ? "startup" : "liveness") probe, will be restarted",
      container)
    let grace = container.probes[kind]?.gracePeriodSeconds ?? specification.gracePeriodSeconds
    effects.append(.stop(container.name, grace: .seconds(max(2, grace))))
  }
}
