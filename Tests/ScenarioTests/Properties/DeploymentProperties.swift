import JSONCore
import Objects
import Reconciling
import TestSupport
import Testing
import Values

/// Whatever is done to a Deployment, it comes to what its spec says, and on the way it neither adds more than the surge
/// nor takes away what must be available.
@Suite struct DeploymentProperties {
  private static let key = Key(.deployments, namespace: "default", name: "web")
  private static let surge = 2
  private static let unavailable = 1

  @Test(arguments: Trial.seeds) func convergesWithinItsBounds(_ seed: Int) async throws {
    var random = SeededRandom(seed: UInt64(seed))
    let trial = try await Trial(seed: UInt64(seed), Self.staysWithinBounds)
    var deployment = WorkloadTests.deployment("web", replicas: 4)
    deployment["spec"]?["strategy"] = [
      "type": "RollingUpdate",
      "rollingUpdate": ["maxSurge": JSON(Self.surge), "maxUnavailable": JSON(Self.unavailable)],
    ]
    try await trial.simulation.create(deployment)
    for _ in 0..<12 { try await Self.disturb(trial, &random) }
    for node in ["node-1", "node-2"] { try await trial.setReachable(true, node) }
    try await trial.simulation.patch(Self.key, ["spec": ["paused": .null]])
    await trial.simulation.advance(.seconds(900))
    #expect(trial.violations.isEmpty, "\(trial.violations.joined(separator: "\n"))")
    Self.expectConverged(trial)
    await trial.close()
  }

  private static func disturb(_ trial: Trial, _ random: inout SeededRandom) async throws {
    func patch(_ spec: JSON) async throws { try await trial.simulation.patch(key, ["spec": spec]) }
    switch Int.random(in: 0..<9, using: &random) {
    case 0, 1: try await patch(["replicas": JSON(Int.random(in: 0...7, using: &random))])
    // Some images come again: that is an undo.
    case 2, 3, 4:
      let image = "nginx:1.\(Int.random(in: 0..<4, using: &random))"
      try await patch(["template": ["spec": ["containers": [["name": "c", "image": .string(image)]]]]])
    case 5: try await patch(["paused": .bool(Bool.random(using: &random))])
    case 6: try await trial.killOne("web", &random)
    case 7: try await trial.setReachable(false, "node-1")
    default: try await trial.setReachable(true, "node-1")
    }
    await trial.rest(&random)
  }

  /// The sizes that were asked for count: a pod that is to go may overlap with the one that takes its place.
  @Sendable private static func staysWithinBounds(_ step: Trial.Step, _ trial: Trial) -> String? {
    guard step.change.key.resource == .replicaSets, let deployment = step.after[key],
      deployment.owners.isEmpty, step.change.object.owners == [deployment.uid]
    else { return nil }
    let wanted = deployment.json.at("spec", "replicas")?.int ?? 1
    let before = sizes(step.before, deployment.uid)
    let after = sizes(step.after, deployment.uid)
    if after.total > before.total, after.total > wanted + surge {
      return "\(after.total) replicas are more than \(wanted) + \(surge)"
    }
    let isScaledDown = before.total > wanted + surge
    if !isScaledDown, after.lasting < before.lasting, after.total < before.total, after.lasting < wanted - unavailable {
      return "\(after.lasting) available replicas are less than \(wanted) - \(unavailable)"
    }
    return nil
  }

  /// What the ReplicaSets are to have in all, and how many available pods they are sure to keep.
  private static func sizes(_ snapshot: Snapshot, _ uid: String) -> (total: Int, lasting: Int) {
    let sets = snapshot.dependents(of: uid).map(\.json)
    let total = sets.reduce(0) { $0 + ($1.at("spec", "replicas")?.int ?? 0) }
    let lasting = sets.reduce(0) {
      $0 + min($1.at("spec", "replicas")?.int ?? 0, $1.at("status", "availableReplicas")?.int ?? 0)
    }
    return (total, lasting)
  }

  private static func expectConverged(_ trial: Trial) {
    let counts = ["replicas", "updatedReplicas", "availableReplicas"]
    let (wanted, _) = trial.expectSettled(key, app: "web", counts: counts)
    let sizes = trial.snapshot.objects(.replicaSets, namespace: "default").compactMap {
      $0.json.at("spec", "replicas")?.int
    }
    #expect(sizes.reduce(0, +) == wanted)
    let status = trial.simulation[key]?["status"]
    #expect(Conditions(status)["Progressing"]?.text("reason") == "NewReplicaSetAvailable")
  }
}
