import JSONCore
import Objects
import Reconciling
import TestSupport
import Testing
import Values

/// Whatever is done to a StatefulSet, its pods come in order, each with its own name and claim, at most one is taken away
/// at a time, and in the end all are as the spec says.
@Suite struct StatefulSetProperties {
  private static let key = Key(.statefulSets, namespace: "default", name: "db")

  static func statefulSet(_ replicas: Int) -> JSON {
    [
      "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": ["name": "db"],
      "spec": [
        "serviceName": "db", "replicas": JSON(replicas), "selector": ["matchLabels": ["app": "db"]],
        "template": [
          "metadata": ["labels": ["app": "db"]],
          "spec": ["containers": [["name": "c", "image": "postgres:0"]], "terminationGracePeriodSeconds": 1],
        ],
      ],
    ]
  }

  @Test(arguments: Trial.seeds) func convergesInOrder(_ seed: Int) async throws {
    var random = SeededRandom(seed: UInt64(seed))
    let trial = try await Trial(seed: UInt64(seed), Self.keepsOrder)
    try await trial.simulation.create(Self.statefulSet(3))
    for _ in 0..<12 { try await Self.disturb(trial, &random) }
    for node in ["node-1", "node-2"] { try await trial.setReachable(true, node) }
    try await trial.simulation.patch(
      Self.key, ["spec": ["updateStrategy": ["rollingUpdate": ["partition": 0]]]])
    await trial.simulation.advance(.seconds(900))
    #expect(trial.violations.isEmpty, "\(trial.violations.joined(separator: "\n"))")
    Self.expectConverged(trial)
    await trial.close()
  }

  private static func disturb(_ trial: Trial, _ random: inout SeededRandom) async throws {
    func patch(_ spec: JSON) async throws { try await trial.simulation.patch(key, ["spec": spec]) }
    switch Int.random(in: 0..<8, using: &random) {
    case 0, 1: try await patch(["replicas": JSON(Int.random(in: 0...5, using: &random))])
    case 2, 3:
      let image = "postgres:\(Int.random(in: 0..<3, using: &random))"
      try await patch(["template": ["spec": ["containers": [["name": "c", "image": .string(image)]]]]])
    case 4:
      let partition = JSON(Int.random(in: 0...4, using: &random))
      try await patch(["updateStrategy": ["rollingUpdate": ["partition": partition]]])
    case 5: try await trial.killOne("db", &random)
    case 6: try await trial.setReachable(false, "node-1")
    default: try await trial.setReachable(true, "node-1")
    }
    await trial.rest(&random)
  }

  private static func ordinal(_ pod: PodFacts) -> Int { Int(pod.name.dropFirst(3)) ?? -1 }

  @Sendable private static func keepsOrder(_ step: Trial.Step, _ trial: Trial) -> String? {
    guard step.change.key.resource == .pods, let set = step.after[key]?.json else { return nil }
    let pod = PodFacts(step.change.object)
    let wanted = set.at("spec", "replicas")?.int ?? 1
    let others = step.after.objects(.pods, namespace: "default").map(PodFacts.init).filter { $0.name != pod.name }
    func isWell(_ ordinal: Int) -> Bool {
      others.contains { Self.ordinal($0) == ordinal && $0.isReady && !$0.isBeingDeleted }
    }
    if step.change.kind == .added {
      if pod.object.labels["apps.kubernetes.io/pod-index"] != String(ordinal(pod)) { return "it has another's number" }
      if let missing = (0..<ordinal(pod)).first(where: { !isWell($0) }) { return "it comes before \(missing) is well" }
      return nil
    }
    // The beginning of a deletion that neither the script nor a lost node accounts for.
    guard pod.isBeingDeleted || step.change.kind == .deleted,
      let before = step.change.previous.map(PodFacts.init), !before.isBeingDeleted, !before.isTerminal,
      !trial.isExcused(pod)
    else { return nil }
    if let missing = (0..<wanted).first(where: { $0 != ordinal(pod) && !isWell($0) }) {
      return "it is taken away while \(missing) is missing"
    }
    if ordinal(pod) >= wanted, let higher = others.map(ordinal).max(), higher > ordinal(pod) {
      return "it is taken away before \(higher)"
    }
    return nil
  }

  private static func expectConverged(_ trial: Trial) {
    let counts = ["replicas", "updatedReplicas", "currentReplicas", "readyReplicas", "availableReplicas"]
    let (wanted, pods) = trial.expectSettled(key, app: "db", counts: counts)
    let status = trial.simulation[key]?["status"] ?? .null
    #expect(status["currentRevision"] == status["updateRevision"])
    #expect(pods.map(\.name).sorted() == (0..<wanted).map { "db-\($0)" })
  }
}
