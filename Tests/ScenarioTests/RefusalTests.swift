import JSONCore
import Objects
import Reconciling
import Testing
import Values

/// What a node cannot have, and what a quota does not let be made.
@Suite struct RefusalTests {
  private static func pod(_ name: String, _ container: JSON) -> JSON {
    var container = container
    container["name"] = "c"
    container["image"] = "nginx"
    return [
      "apiVersion": "v1", "kind": "Pod", "metadata": ["name": .string(name)],
      "spec": ["nodeName": "node-1", "containers": [container]],
    ]
  }

  private static func status(_ simulation: Simulation, _ name: String) -> JSON {
    simulation.cluster.snapshot[Key(.pods, namespace: "default", name: name)]?.json["status"] ?? .emptyObject
  }

  @Test func aNodeRefusesAPortThatAnotherPodHas() async throws {
    let simulation = try await Simulation(nodes: 1)
    let ports: JSON = ["ports": [["containerPort": 80, "hostPort": 8080]]]
    try await simulation.create(Self.pod("first", ports))
    await simulation.advance(.seconds(5))
    try await simulation.create(Self.pod("second", ports))
    await simulation.advance(.seconds(5))
    #expect(Self.status(simulation, "first").text("phase") == "Running")
    let refused = Self.status(simulation, "second")
    #expect(refused.text("phase") == "Failed")
    #expect(refused.text("reason") == "NodePorts")
    #expect(
      refused.text("message")
        == "Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports")
    #expect(refused["containerStatuses"] == nil)
    await simulation.close()
  }

  @Test func aNodeRefusesWhatItHasNoRoomFor() async throws {
    let simulation = try await Simulation(nodes: 1)
    try await simulation.create(Self.pod("big", ["resources": ["requests": ["cpu": "1000"]]]))
    await simulation.advance(.seconds(5))
    let refused = Self.status(simulation, "big")
    #expect(refused.text("reason") == "OutOfcpu")
    #expect(
      refused.text("message").hasPrefix("Pod was rejected: Node didn't have enough resource: cpu, requested: 1000000"))
    await simulation.close()
  }

  @Test func aJobThatMayNotHavePodsAsksLessAndLess() async throws {
    let simulation = try await Simulation(nodes: 1)
    try await simulation.create([
      "apiVersion": "v1", "kind": "ResourceQuota", "metadata": ["name": "none"], "spec": ["hard": ["pods": "0"]],
    ])
    await simulation.advance(.seconds(5))
    try await simulation.create([
      "apiVersion": "batch/v1", "kind": "Job", "metadata": ["name": "hopeful"],
      "spec": ["template": ["spec": ["restartPolicy": "Never", "containers": [["name": "c", "image": "busybox"]]]]],
    ])
    await simulation.advance(.seconds(60))
    let events = simulation.cluster.snapshot.objects(.events, namespace: "default").map(\.json)
      .filter { $0.text("reason") == "FailedCreate" }
    // At once, and then after 1, 3, 7, 15 and 31 seconds. Each attempt names another pod.
    #expect(events.reduce(0) { $0 + ($1["count"]?.int ?? 0) } == 6)
    await simulation.close()
  }
}
