import JSONCore
import Objects
import Reconciling
import TestSupport
import Testing
import Values

/// Whatever is done to a Job and its pods, each end is counted once: no success is lost, and none is counted twice.
@Suite struct JobProperties {
  private static let key = Key(.jobs, namespace: "default", name: "sum")
  private static let completions = 6

  @Test(arguments: Trial.seeds) func countsEachEndOnce(_ seed: Int) async throws {
    var random = SeededRandom(seed: UInt64(seed))
    let isIndexed = seed % 2 == 0
    let trial = try await Trial(seed: UInt64(seed), Self.countsRightly)
    try await trial.simulation.create([
      "apiVersion": "batch/v1", "kind": "Job", "metadata": ["name": "sum"],
      "spec": [
        "completions": JSON(Self.completions), "parallelism": 3, "backoffLimit": 100,
        "completionMode": isIndexed ? "Indexed" : "NonIndexed",
        "podReplacementPolicy": seed % 3 == 0 ? "Failed" : "TerminatingOrFailed",
        "template": [
          "metadata": ["labels": ["app": "sum"], "annotations": ["sim.swiftlet.dev/run-seconds": "8"]],
          "spec": [
            "restartPolicy": "Never", "containers": [["name": "c", "image": "busybox"]],
            "terminationGracePeriodSeconds": 1,
          ],
        ],
      ],
    ])
    for _ in 0..<10 { try await Self.disturb(trial, &random) }
    for node in ["node-1", "node-2"] { try await trial.setReachable(true, node) }
    let isDone = Conditions(trial.simulation[Self.key]?["status"]).isTrue("Complete")
    if !isDone { try await trial.simulation.patch(Self.key, ["spec": ["suspend": false, "parallelism": 2]]) }
    await trial.simulation.advance(.seconds(3600))
    #expect(trial.violations.isEmpty, "\(trial.violations.joined(separator: "\n"))")
    let status = trial.simulation[Self.key]?["status"] ?? .null
    #expect(Conditions(status).isTrue("Complete"), "\(status.text)")
    #expect(status["succeeded"]?.int == Self.completions)
    #expect(status["uncountedTerminatedPods"] == .emptyObject)
    if isIndexed { #expect(status.text("completedIndexes") == "0-5") }
    #expect(trial.pods("sum").allSatisfy { $0.isTerminal && $0.object.json.finalizers.isEmpty })
    await trial.close()
  }

  private static func disturb(_ trial: Trial, _ random: inout SeededRandom) async throws {
    let isDone = Conditions(trial.simulation[key]?["status"]).isTrue("Complete")
    switch Int.random(in: 0..<7, using: &random) {
    case 0, 1: try await trial.killOne("sum", &random)
    case 2 where !isDone:
      try await trial.simulation.patch(key, ["spec": ["parallelism": JSON(Int.random(in: 0...5, using: &random))]])
    case 3 where !isDone:
      try await trial.simulation.patch(key, ["spec": ["suspend": .bool(Bool.random(using: &random))]])
    case 4: try await trial.setReachable(false, "node-1")
    case 5: try await trial.setReachable(true, "node-1")
    default: break
    }
    await trial.rest(&random)
  }

  @Sendable private static func countsRightly(_ step: Trial.Step, _ trial: Trial) -> String? {
    guard step.change.key == key else { return nil }
    func counts(_ object: Object?) -> (shown: Int, listed: Int, failed: Int) {
      let status = object?.json["status"] ?? .emptyObject
      let lists = status["uncountedTerminatedPods"] ?? .emptyObject
      return (
        status["succeeded"]?.int ?? 0, lists.list("succeeded").count,
        (status["failed"]?.int ?? 0) + lists.list("failed").count
      )
    }
    let before = counts(step.before[key])
    let after = counts(step.after[key])
    if after.shown + after.listed > completions { return "\(after.shown) and \(after.listed) successes are too many" }
    if after.shown < before.shown || after.shown + after.listed < before.shown + before.listed {
      return "successes are forgotten"
    }
    if after.failed < before.failed { return "failures are forgotten" }
    return nil
  }
}
