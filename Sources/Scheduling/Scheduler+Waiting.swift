import EventLoops
import Objects
import Reconciling
import Values

/// Between the choice of a node and the binding: claims are written, and what they bring is waited for.
extension Scheduler {
  private static let lateVolumes = "binding volumes: timed out waiting for the condition"
  private static let lateDevices = "device binding timeout"

  /// Claims come first; a pod whose volumes or devices are not there yet waits for them with its node.
  func prepare(_ binding: Binding) async {
    do throws(Status) {
      try await writeClaims(binding)
    } catch {
      return settle(binding, failure: error)
    }
    let snapshot = peer.snapshot
    let isWaiting = binding.deviceClaims.contains { DeviceReadiness.needsWaiting($0, snapshot) }
    if binding.volumes.isEmpty && !isWaiting { return await bind(binding) }
    loop.run { [self] in
      let snapshot = peer.snapshot
      // Nobody would tell of a pod that went meanwhile.
      guard snapshot[binding.pod.key]?.uid == binding.pod.uid else {
        return settle(binding, failure: .notFound(.pods, binding.pod.key.name))
      }
      state.value.awaiting.insert(binding)
      resume(binding, snapshot)
      setTimer()
    }
  }

  /// Binds the pods whose claims have changed and are complete now, and gives up on those that waited too long.
  func resumeAwaiting(_ snapshot: Snapshot) {
    if state.value.awaiting.isEmpty { return }
    for binding in state.value.awaiting.takeTouched() { resume(binding, snapshot) }
    for binding in state.value.awaiting.takeExpired(at: clock.now) {
      let isLate = !binding.volumes.isComplete(snapshot)
      giveUp(
        binding, Status(code: 504, reason: "Timeout", message: isLate ? Self.lateVolumes : Self.lateDevices))
    }
  }

  private func resume(_ binding: Binding, _ snapshot: Snapshot) {
    switch readiness(of: binding, snapshot) {
    case .waiting: return
    case .ready:
      state.value.awaiting.remove(binding.pod.uid)
      clock.pool.spawn { [self] in await bind(binding) }
    case .failed(let message):
      state.value.awaiting.remove(binding.pod.uid)
      giveUp(binding, Status(code: 409, reason: "Conflict", message: message))
    }
  }

  private func readiness(of binding: Binding, _ snapshot: Snapshot) -> Readiness {
    var isWaiting = !binding.volumes.isComplete(snapshot)
    for claim in binding.deviceClaims {
      switch DeviceReadiness.state(of: claim, snapshot) {
      case .ready: continue
      case .waiting: isWaiting = true
      case .failed(let message): return .failed(message)
      }
    }
    return isWaiting ? .waiting : .ready
  }

  /// Devices that did not become ready are given back before the pod is tried again.
  private func giveUp(_ binding: Binding, _ failure: Status) {
    clock.pool.spawn { [self] in
      let snapshot = peer.snapshot
      for claim in binding.deviceClaims where DeviceReadiness.state(of: claim, snapshot) != .ready {
        if let action = DeviceReadiness.surrender(claim, by: binding.pod, snapshot) { await attempt(action) }
      }
      settle(binding, failure: failure)
    }
  }
}
