import JSONCore
import Objects
import Testing
import Values

@testable import Scheduling

/// Whom the plain rules would ask to leave.
extension NaiveScheduler {
  struct Budget {
    var app: String
    var allowed: Int
  }

  struct Victims: Equatable {
    var node: Int
    /// The most important first.
    var names: [String]
    var violations: Int
  }

  /// Whether pods are to blame that a pod does not fit: what no departure can change is found out first.
  func isCurable(_ pod: ToyPod, _ node: Int) -> Bool {
    let it = nodes[node]
    if it.isTainted && !pod.tolerates { return false }
    if let disk = pod.disk, it.labels["disk"] != disk { return false }
    let there = on(node)
    if let port = pod.port, there.contains(where: { $0.port == port }) { return true }
    let isFull = there.count >= it.pods
    let lacksCPU = there.reduce(pod.cpu, { $0 + $1.cpu }) > it.cpu
    let lacksMemory = there.reduce(pod.memory, { $0 + $1.memory }) > it.memory
    if isFull || lacksCPU || lacksMemory {
      return !(lacksCPU && pod.cpu > it.cpu) && !(lacksMemory && pod.memory > it.memory)
    }
    if !isSpread(pod, node) { return pod.spread.allSatisfy { !$0.isHard || value(node, $0.key) != nil } }
    return true
  }

  private func precedes(_ left: ToyPod, _ right: ToyPod) -> Bool {
    left.priority == right.priority ? left.started < right.started : left.priority > right.priority
  }

  /// All lower pods of the node go; as many as fit come back, those that budgets protect first.
  func victims(for pod: ToyPod, on node: Int, _ budgets: [Budget]) -> Victims? {
    let lower = on(node).filter { $0.priority < pod.priority }.sorted(by: precedes)
    if lower.isEmpty { return nil }
    var rest = self
    rest.pods.removeAll { other in lower.contains { $0.name == other.name } }
    if !rest.fits(pod, node) { return nil }
    var left = budgets.map(\.allowed)
    let isProtected = lower.map { other in
      var breaks = false
      for index in budgets.indices where budgets[index].app == other.app {
        left[index] -= 1
        if left[index] < 0 { breaks = true }
      }
      return breaks
    }
    var gone: [ToyPod] = []
    var violations = 0
    for wanted in [true, false] {
      for (other, breaks) in zip(lower, isProtected) where breaks == wanted {
        rest.pods.append(other)
        if rest.fits(pod, node) { continue }
        rest.pods.removeLast()
        gone.append(other)
        if breaks { violations += 1 }
      }
    }
    return Victims(node: node, names: gone.sorted(by: precedes).map(\.name), violations: violations)
  }

  /// Smaller is better: violations, the top priority, the sum, the number, then the later start of the top ones.
  func loss(_ victims: Victims) -> [Int] {
    let gone = victims.names.compactMap { name in pods.first { $0.name == name } }
    let top = gone.map(\.priority).max() ?? 0
    let start = gone.filter { $0.priority == top }.map(\.started).min() ?? 0
    return [
      victims.violations, top, gone.reduce(0) { $0 + $1.priority + (1 << 31) }, gone.count, -start,
    ]
  }
}

@Suite struct PreemptionProperties {
  private func pod(_ index: Int, _ random: inout SplitMix) -> ToyPod {
    let apps = ["a", "b", "c"]
    let keys = ["zone", "kubernetes.io/hostname"]
    var pod = ToyPod(
      name: "p\(index)", app: random.pick(apps), cpu: 250 * (1 + random.below(8)),
      memory: 128 * (1 + random.below(10)))
    pod.priority = random.below(4)
    // All different, so that the order does not depend on chance.
    pod.started = index * 7 % 31
    pod.tolerates = random.chance(30)
    if random.chance(10) { pod.disk = random.pick(["ssd", "hdd"]) }
    if random.chance(10) { pod.near.append(.init(key: random.pick(keys), app: random.pick(apps))) }
    if random.chance(20) { pod.far.append(.init(key: random.pick(keys), app: random.pick(apps))) }
    for key in keys where random.chance(15) {
      pod.spread.append(.init(key: key, app: pod.app, skew: 1 + random.below(2), isHard: true))
    }
    if random.chance(25) { pod.port = 80 }
    return pod
  }

  private func budget(_ budget: NaiveScheduler.Budget) -> Object {
    makeObject(
      .podDisruptionBudgets, budget.app, namespace: "default",
      [
        "spec": ["selector": ["matchLabels": ["app": .string(budget.app)]]],
        "status": ["disruptionsAllowed": JSON(budget.allowed)],
      ])
  }

  /// On small random clusters with budgets: the very pods leave that the plain rules name, and no others.
  @Test(arguments: 0..<150) func theStockVictimsLeave(_ seed: Int) {
    var random = SplitMix(state: UInt64(seed) &+ 1000)
    let nodes = BruteForceTests().cluster(&random)
    let budgets = ["a", "b"].filter { _ in random.chance(60) }.map {
      NaiveScheduler.Budget(app: $0, allowed: random.below(3))
    }
    var naive = NaiveScheduler(nodes: nodes)
    var bench = Bench(nodes.map(\.object) + budgets.map(budget))
    for index in 0..<30 {
      var toy = pod(index, &random)
      let object = toy.object
      let (choice, verdict) = bench.preempt(object)
      if let name = verdict.node, let node = nodes.firstIndex(where: { $0.name == name }) {
        toy.node = node
        naive.pods.append(toy)
        bench.view.place(PodNeeds(object), on: name)
        continue
      }
      let options = nodes.indices.filter { naive.isCurable(toy, $0) }
        .compactMap { naive.victims(for: toy, on: $0, budgets) }
      let best = options.min { left, right in
        let (one, other) = (naive.loss(left), naive.loss(right))
        return one == other ? nodes[left.node].name < nodes[right.node].name : one.lexicographicallyPrecedes(other)
      }
      let found = choice.map { choice in
        NaiveScheduler.Victims(
          node: nodes.firstIndex { $0.name == choice.node } ?? -1, names: choice.victims.map(\.key.name),
          violations: choice.violations)
      }
      #expect(found == best, "seed \(seed): \(toy.name)")
    }
  }
}
