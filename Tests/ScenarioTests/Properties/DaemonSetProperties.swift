import JSONCore
import Objects
import Reconciling
import TestSupport
import Testing
import Values

/// Whatever is done to a DaemonSet and its nodes, in the end every node that suits it has one pod of its template; an
/// update leaves no more nodes without a working pod, and doubles no more pods, than it may.
@Suite struct DaemonSetProperties {
  private static let key = Key(.daemonSets, namespace: "default", name: "agent")
  private static let nodes = 5

  @Test(arguments: Trial.seeds) func convergesWithinItsBounds(_ seed: Int) async throws {
    let surge = seed % 3
    var random = SeededRandom(seed: UInt64(seed))
    let unavailable = surge == 0 ? 2 : 0
    let trial = try await Trial(seed: UInt64(seed), nodes: Self.nodes) { step, trial in
      Self.staysWithinBounds(step, trial, surge: surge, unavailable: unavailable)
    }
    try await trial.simulation.create([
      "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": ["name": "agent"],
      "spec": [
        "selector": ["matchLabels": ["app": "agent"]],
        "updateStrategy": [
          "type": "RollingUpdate",
          "rollingUpdate": ["maxUnavailable": JSON(unavailable), "maxSurge": JSON(surge)],
        ],
        "template": [
          "metadata": ["labels": ["app": "agent"]],
          "spec": ["containers": [["name": "c", "image": "agent:0"]], "terminationGracePeriodSeconds": 1],
        ],
      ],
    ])
    for _ in 0..<12 { try await Self.disturb(trial, &random) }
    for node in ["node-1", "node-2"] { try await trial.setReachable(true, node) }
    await trial.simulation.advance(.seconds(1200))
    #expect(trial.violations.isEmpty, "\(trial.violations.joined(separator: "\n"))")
    Self.expectConverged(trial)
    await trial.close()
  }

  private static func disturb(_ trial: Trial, _ random: inout SeededRandom) async throws {
    let node = "node-\(Int.random(in: 1...nodes, using: &random))"
    switch Int.random(in: 0..<8, using: &random) {
    case 0, 1, 2:
      let image = "agent:\(Int.random(in: 0..<3, using: &random))"
      try await trial.simulation.patch(
        key, ["spec": ["template": ["spec": ["containers": [["name": "c", "image": .string(image)]]]]]])
    case 3: try await trial.killOne("agent", &random)
    case 4:
      let effect = Bool.random(using: &random) ? "NoSchedule" : "NoExecute"
      try await trial.simulation.patch(
        Key(.nodes, name: node), ["spec": ["taints": [["key": "maintenance", "effect": .string(effect)]]]])
    case 5: try await trial.simulation.patch(Key(.nodes, name: node), ["spec": ["taints": .null]])
    case 6: try await trial.setReachable(false, "node-1")
    default: try await trial.setReachable(true, "node-1")
    }
    await trial.rest(&random)
  }

  private static func suits(_ node: Object) -> Bool {
    !(node.json["spec"]?.list("taints") ?? []).contains { $0.text("key") == "maintenance" }
  }

  private static func hash(_ pod: PodFacts) -> String { pod.object.labels["controller-revision-hash"] ?? "" }

  private static func staysWithinBounds(
    _ step: Trial.Step, _ trial: Trial, surge: Int, unavailable: Int
  ) -> String? {
    guard step.change.key.resource == .pods else { return nil }
    let pod = PodFacts(step.change.object)
    let pods = step.after.objects(.pods, namespace: "default").map(PodFacts.init).filter { !$0.isBeingDeleted }
    let suitable = step.after.objects(.nodes).filter(suits).map(\.name)
    if step.change.kind == .modified, !pod.nodeName.isEmpty, surge == 0 {
      let doubles = pods.filter { $0.nodeName == pod.nodeName && !$0.isTerminal }
      if doubles.count > 1 { return "\(doubles.count) pods on \(pod.nodeName)" }
    }
    guard pod.isBeingDeleted || step.change.kind == .deleted,
      let before = step.change.previous.map(PodFacts.init), !before.isBeingDeleted, before.isReady,
      !trial.isExcused(pod), suitable.contains(pod.nodeName)
    else { return nil }
    // A working pod is taken away on a node that shall have one: an update.
    let idle = suitable.filter { node in !pods.contains { $0.nodeName == node && $0.isReady } }
    if surge > 0 {
      return idle.contains(pod.nodeName) ? "\(pod.nodeName) is left without a working pod" : nil
    }
    return idle.count > unavailable ? "\(idle.count) nodes are without a working pod" : nil
  }

  private static func expectConverged(_ trial: Trial) {
    let json = trial.simulation[key] ?? .null
    let suitable = trial.snapshot.objects(.nodes).filter(suits).map(\.name)
    let image = json.at("spec", "template", "spec", "containers")?[0]?["image"]
    let pods = trial.pods("agent")
    for node in suitable {
      let here = pods.filter { $0.nodeName == node }
      #expect(here.count == 1, "\(node) has \(here.count)")
      #expect(here.allSatisfy { $0.isReady && $0.object.json.at("spec", "containers")?[0]?["image"] == image })
    }
    let status = json["status"] ?? .null
    for count in ["desiredNumberScheduled", "currentNumberScheduled", "numberReady", "updatedNumberScheduled"] {
      #expect(status[count]?.int ?? 0 == suitable.count, "\(count): \(status.text)")
    }
  }
}
