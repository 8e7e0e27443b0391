import Reconciling
import Values

/// How a pod comes to its end.
extension PodMachine {
  /// Whatever the grace, a container gets so many seconds, but for a node that has none.
  private static let leastGrace = 2

  /// Stops what still runs, sidecars last and in reverse, and ends the pod when nothing does.
  mutating func windDown() {
    let running = specification.containers.filter { containers[$0.name]?.isRunning == true }
    let first = running.filter { $0.role != .sidecar }
    for container in first.isEmpty ? Array(running.suffix(1)) : first { stop(container) }
    if !running.isEmpty || containers.values.contains(where: \.isStarting) { return }
    if isTerminating {
      isFinished = true
      isGone = true
      publish()
      effects.append(.finish)
    } else if !isFinished {
      isFinished = true
      publish()
    }
  }

  private mutating func stop(_ container: PodSpecification.Container) {
    guard containers[container.name]?.isStopping == false else { return }
    containers[container.name]?.isStopping = true
    record(.normal, "Killing", "Stopping container \(container.name)", container)
    effects.append(.stop(container.name, grace: graceLeft))
    publish()
  }

  /// The grace is that of the whole pod: what the first containers use of it the others do not have.
  private var graceLeft: Duration {
    mutating get {
      if failure?.reason == "Evicted" { return .zero }
      let since = endingSince ?? now
      endingSince = since
      return max(.seconds(Self.leastGrace), .seconds(specification.gracePeriodSeconds) - (now - since))
    }
  }

  /// The grace has become shorter while containers use it.
  mutating func hasten() {
    for container in specification.containers {
      guard let state = containers[container.name], state.isRunning, state.isStopping else { continue }
      effects.append(.hasten(container.name, grace: .seconds(max(Self.leastGrace, specification.gracePeriodSeconds))))
    }
  }
}
