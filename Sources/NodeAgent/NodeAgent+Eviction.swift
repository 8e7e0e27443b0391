import EventLoops
import JSONCore
import Objects
import Reconciling
import Values

/// A node that runs short of memory sends pods away, one at a time, until those are left that keep to what they asked for.
extension NodeAgent {
  private static let evictionInterval = Duration.seconds(10)
  /// Pods that the cluster cannot do without begin here.
  private static let criticalPriority = 2_000_000_000

  /// Begins with it where a node has the sign and has not begun. On the loop.
  func relieve(_ node: String) {
    guard isShort(node), state.value.relieving.insert(node).inserted else { return }
    noteNode(node, .warning, "EvictionThresholdMet", "Attempting to reclaim memory")
    evictNext(node)
  }

  private func isShort(_ node: String) -> Bool { state.value.nodes[node]?.signs.has("memory-pressure") == true }

  private func evictNext(_ node: String) {
    guard isShort(node), !state.value.isStopped else {
      state.value.relieving.remove(node)
      return
    }
    if state.value.nodes[node]?.isLost == false, let victim = nextVictim(on: node) {
      step(victim.worker, .evicted(victim.message))
    }
    clock.schedule(after: Self.evictionInterval, on: loop) { [weak self] in self?.evictNext(node) }
  }

  private struct Victim {
    let worker: PodWorker
    let priority: Int
    /// How much more it uses than it asked for.
    let excess: Quantity
    let message: String
  }

  /// Of the pods that use more than they asked for, the one that matters least and uses most.
  private func nextVictim(on node: String) -> Victim? {
    let snapshot = peer.snapshot
    let usage = SimulatedUsage(traffic: traffic)
    let victims = state.value.workers.values.filter { worker in
      worker.node == node && !worker.machine.isFinished && !worker.machine.isTerminating
        && worker.machine.failure == nil
    }.compactMap { worker -> Victim? in
      guard let object = snapshot[worker.key], object.uid == worker.uid,
        let sample = usage.usage(of: [object], in: snapshot, at: clock.now).first
      else { return nil }
      let priority = PodDetails(object).spec["priority"]?.int ?? 0
      let wanted = worker.machine.requests["memory"] ?? .zero
      if priority >= Self.criticalPriority || sample.total.memory <= wanted { return nil }
      return Victim(
        worker: worker, priority: priority, excess: sample.total.memory - wanted,
        message: PodMachine.shortage + Self.excesses(sample, worker.machine.specification))
    }
    return victims.min { left, right in
      if left.priority != right.priority { return left.priority < right.priority }
      return left.excess != right.excess ? left.excess > right.excess : left.worker.uid < right.worker.uid
    }
  }

  private static func excesses(_ sample: PodUsage, _ pod: PodSpecification) -> String {
    sample.containers.map { container in
      let wanted = Quantity(pod[container.name]?.resources.at("requests", "memory")) ?? .zero
      let used = container.usage.memory
      if used <= wanted { return "" }
      return "Container \(container.name) was using \(used), request is \(wanted), has larger consumption of memory. "
    }.joined()
  }
}
