import JSONCore
import Objects
import Reconciling
import Testing
import Values

@Suite struct DeterminismTests {
  /// Deployments, a rollout, the loss of a node, Jobs, a CronJob, and the end of some of it.
  static func script(_ seed: UInt64) async throws -> [String] {
    let simulation = try await Simulation(seed: seed)
    for (name, replicas) in [("web", 5), ("api", 3), ("cache", 2)] {
      try await simulation.create(WorkloadTests.deployment(name, replicas: replicas))
    }
    await simulation.advance(.seconds(30))
    try await simulation.create([
      "apiVersion": "v1", "kind": "Service", "metadata": ["name": "web"],
      "spec": ["selector": ["app": "web"], "type": "NodePort", "ports": [["port": 80]]],
    ])
    try await simulation.create(TimeTests.cronJob("report", "*/20 * * * *"))
    for index in 0..<3 {
      try await simulation.create([
        "apiVersion": "batch/v1", "kind": "Job", "metadata": ["name": .string("sum-\(index)")],
        "spec": [
          "completions": 4, "parallelism": 2,
          "template": ["spec": ["restartPolicy": "Never", "containers": [["name": "c", "image": "busybox"]]]],
        ],
      ])
    }
    try await simulation.patch(
      Key(.deployments, namespace: "default", name: "web"),
      ["spec": ["template": ["spec": ["containers": [["name": "c", "image": "nginx:1.28"]]]]]])
    await simulation.advance(.seconds(120))
    try await simulation.patch(
      Key(.nodes, name: "node-2"), ["metadata": ["annotations": ["sim.swiftlet.dev/unreachable": "true"]]])
    await simulation.advance(.seconds(900))
    try await simulation.delete(Key(.deployments, namespace: "default", name: "api"), .foreground)
    try await simulation.patch(
      Key(.nodes, name: "node-2"), ["metadata": ["annotations": ["sim.swiftlet.dev/unreachable": .null]]])
    await simulation.advance(.seconds(3600))
    let log = simulation.log
    await simulation.close()
    return log
  }

  @Test func theSameSeedMakesTheSameHistory() async throws {
    let first = try await Self.script(7)
    let second = try await Self.script(7)
    #expect(first.count > 1000)
    let different = zip(first, second).enumerated().first { $0.element.0 != $0.element.1 }
    if let different {
      Issue.record("change \(different.offset) differs:\n\(different.element.0)\n\(different.element.1)")
    }
    #expect(first.count == second.count)
  }

  @Test func anotherSeedMakesOtherNames() async throws {
    let names = try await [UInt64(1), 2].asyncMap { seed in
      let simulation = try await Simulation(seed: seed, nodes: 1)
      try await simulation.create(WorkloadTests.deployment("web", replicas: 2))
      let names = simulation.pods(["app": "web"]).map(\.name)
      await simulation.close()
      return names
    }
    #expect(names[0].count == 2)
    #expect(names[0] != names[1])
  }
}

extension Array {
  fileprivate func asyncMap<Value>(_ transform: (Element) async throws -> Value) async rethrows -> [Value] {
    var result: [Value] = []
    for element in self { result.append(try await transform(element)) }
    return result
  }
}
