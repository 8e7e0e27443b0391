import JSONCore
import Objects
import Testing
import Values

@testable import Scheduling

/// Against the plain rules, on small random clusters: each pod goes to a node that the rules allow and that scores best by
/// them; a pod that stays behind fits nowhere.
@Suite struct BruteForceTests {
  func cluster(_ random: inout SplitMix) -> [ToyNode] {
    (0..<(2 + random.below(5))).map { index in
      var labels: [String: String] = [:]
      if random.chance(85) { labels["zone"] = random.pick(["x", "y", "z"]) }
      if random.chance(60) { labels["disk"] = random.pick(["ssd", "hdd"]) }
      return ToyNode(
        name: "n\(index)", cpu: 1000 * (1 + random.below(4)), memory: 1024 * (1 + random.below(4)),
        pods: 1 + random.below(6), labels: labels, isTainted: random.chance(15))
    }
  }

  func pod(_ index: Int, _ random: inout SplitMix) -> ToyPod {
    let apps = ["a", "b", "c"]
    let keys = ["zone", "kubernetes.io/hostname"]
    var pod = ToyPod(
      name: "p\(index)", app: random.pick(apps), cpu: 100 * (1 + random.below(12)), memory: 64 * (1 + random.below(14)))
    if random.chance(15) { pod.disk = random.pick(["ssd", "hdd"]) }
    pod.tolerates = random.chance(30)
    if random.chance(15) { pod.near.append(.init(key: random.pick(keys), app: random.pick(apps))) }
    if random.chance(5) { pod.near.append(.init(key: random.pick(keys), app: random.pick(apps))) }
    if random.chance(20) { pod.far.append(.init(key: random.pick(keys), app: random.pick(apps))) }
    if random.chance(25) {
      pod.likes.append(.init(key: random.pick(keys), app: random.pick(apps), weight: 1 + random.below(100)))
    }
    if random.chance(25) {
      pod.dislikes.append(.init(key: random.pick(keys), app: random.pick(apps), weight: 1 + random.below(100)))
    }
    for key in keys where random.chance(25) {
      pod.spread.append(
        .init(key: key, app: random.pick([pod.app, "a"]), skew: 1 + random.below(2), isHard: random.chance(50)))
    }
    if random.chance(10) { pod.port = 80 }
    return pod
  }

  @Test(arguments: 0..<100) func agreesWithThePlainRules(_ seed: Int) {
    var random = SplitMix(state: UInt64(seed))
    let nodes = cluster(&random)
    var naive = NaiveScheduler(nodes: nodes)
    var bench = Bench(nodes.map(\.object))
    for index in 0..<25 {
      var toy = pod(index, &random)
      let object = toy.object
      let fitting = nodes.indices.filter { naive.fits(toy, $0) }
      let verdict = bench.decide(object, start: random.below(nodes.count))
      guard let name = verdict.node, let chosen = nodes.firstIndex(where: { $0.name == name }) else {
        #expect(fitting.isEmpty, "seed \(seed): \(toy.name) fits \(fitting) but stays: \(verdict.message)")
        continue
      }
      #expect(fitting.contains(chosen), "seed \(seed): \(toy.name) does not fit \(name)")
      if fitting.count > 1, fitting.contains(chosen) {
        let scores = naive.scores(toy, fitting)
        let known = Dictionary(uniqueKeysWithValues: verdict.totals.map { ($0.node, Int($0.total)) })
        #expect(scores.max() == scores[fitting.firstIndex(of: chosen)!], "seed \(seed): \(toy.name)")
        // Plug-ins that say the same of every node are left out on either side: compare differences.
        let shift = (known[nodes[fitting[0]].name] ?? 0) - scores[0]
        for (node, score) in zip(fitting, scores) {
          #expect(known[nodes[node].name] == score + shift, "seed \(seed): \(toy.name) on \(nodes[node].name)")
        }
      }
      toy.node = chosen
      naive.pods.append(toy)
      bench.view.place(PodNeeds(object), on: name)
      // Now and then a pod leaves.
      if random.chance(20), !naive.pods.isEmpty {
        let gone = naive.pods.remove(at: random.below(naive.pods.count))
        bench.view.remove("pod-default-\(gone.name)")
      }
    }
  }
}
