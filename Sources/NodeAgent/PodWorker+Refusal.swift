import JSONCore
import Objects
import Values

/// A pod may name its node itself, past the scheduler: then the node looks whether it can have it.
extension NodeAgent {
  /// How long it takes to refuse a pod: long enough that a controller which tries again at once does not run hot.
  private static let refusalDelay = Duration.seconds(1)

  /// Why the pod's node does not take it: its own spec, or what the others have left; nil when it does.
  func refusal(of worker: PodWorker, _ json: JSON) -> PodRefusal? {
    let spec = json["spec"] ?? .emptyObject
    if let refusal = PodRefusal(spec) { return refusal }
    // The scheduler has seen to it already.
    let isScheduled = json["status"]?.list("conditions").contains { $0.text("type") == "PodScheduled" } ?? false
    if isScheduled { return nil }
    let others = state.value.workers.values.filter { other in
      other.node == worker.node && other.uid != worker.uid && other.machine.startedAt != nil
        && !other.machine.isFinished
    }
    return shortage(worker, others) ?? stranger(worker, spec) ?? conflict(spec, others)
  }

  /// Looks once more after a moment, and then refuses the pod or begins with it.
  func refuseSoon(_ worker: PodWorker, _ json: JSON) {
    let uid = worker.uid
    clock.schedule(after: Self.refusalDelay, on: loop) { [weak self] in
      guard let self, let worker = state.value.workers[uid], !worker.machine.isTerminating else { return }
      guard let refusal = refusal(of: worker, json) else { return step(worker, .begin(status: json["status"])) }
      step(worker, .refused(reason: refusal.reason, message: refusal.message))
    }
  }

  private func shortage(_ worker: PodWorker, _ others: [PodWorker]) -> PodRefusal? {
    guard let node = state.value.nodes[worker.node] else { return nil }
    var used: [String: Quantity] = ["pods": Quantity(Int64(others.count))]
    for other in others {
      for (resource, amount) in other.machine.requests { used[resource, default: .zero] += amount }
    }
    var wanted = worker.machine.requests
    wanted["pods"] = Quantity(1)
    for resource in ["pods", "cpu", "memory"] {
      guard let amount = wanted[resource], let capacity = Quantity(node.allocatable[resource]) else { continue }
      let taken = used[resource] ?? .zero
      if amount + taken <= capacity { continue }
      let shown = { (quantity: Quantity) in resource == "cpu" ? quantity.milliValue : quantity.value }
      return PodRefusal(
        reason: "OutOf\(resource)",
        message: "Node didn't have enough resource: \(resource), requested: \(shown(amount)), used: \(shown(taken)), "
          + "capacity: \(shown(capacity))")
    }
    return nil
  }

  /// The node's labels are not those that the pod asks for.
  private func stranger(_ worker: PodWorker, _ spec: JSON) -> PodRefusal? {
    let labels = peer.snapshot[Key(.nodes, name: worker.node)]?.labels
    if spec.strings("nodeSelector").allSatisfy({ labels?[$0.key] == $0.value }) { return nil }
    return PodRefusal(
      reason: "NodeAffinity",
      message: "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector")
  }

  /// Another pod has a port of the node that this one wants.
  private func conflict(_ spec: JSON, _ others: [PodWorker]) -> PodRefusal? {
    let wanted = HostPort.all(of: spec)
    if wanted.isEmpty { return nil }
    let snapshot = peer.snapshot
    let taken = others.compactMap { details(of: $0, in: snapshot) }.flatMap { HostPort.all(of: $0.spec) }
    if !wanted.contains(where: { port in taken.contains(where: port.collides) }) { return nil }
    return PodRefusal(
      reason: "NodePorts",
      message: "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports")
  }
}

/// A port of the node itself that a container asks for.
private struct HostPort {
  let transport: String
  let address: String
  let number: Int

  static func all(of spec: JSON) -> [HostPort] {
    let sidecars = spec.list("initContainers").filter { $0.text("restartPolicy") == "Always" }
    return (spec.list("containers") + sidecars).flatMap { $0.list("ports") }.compactMap { port in
      guard let number = port["hostPort"]?.int, number > 0 else { return nil }
      let address = port.text("hostIP")
      return HostPort(
        transport: port["protocol"]?.string ?? "TCP", address: address.isEmpty ? "0.0.0.0" : address, number: number)
    }
  }

  func collides(with other: HostPort) -> Bool {
    number == other.number && transport == other.transport
      && (address == other.address || address == "0.0.0.0" || other.address == "0.0.0.0")
  }
}
