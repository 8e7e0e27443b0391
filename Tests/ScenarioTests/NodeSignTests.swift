import JSONCore
import Objects
import Reconciling
import Testing
import Values

/// What kubelets do and tell when their nodes are unwell, and what they say of pods that cannot start.
@Suite struct NodeSignTests {
  private static let node = Key(.nodes, name: "node-1")

  private static func sign(_ name: String, _ value: JSON) -> JSON {
    ["metadata": ["annotations": ["sim.swiftlet.dev/\(name)": value]]]
  }

  private static func pod(_ name: String, _ spec: JSON = [:], _ container: JSON = [:]) -> JSON {
    var (spec, container) = (spec, container)
    container["name"] = "c"
    container["image"] = "nginx"
    spec["containers"] = .array([container])
    return ["apiVersion": "v1", "kind": "Pod", "metadata": ["name": .string(name)], "spec": spec]
  }

  private static func key(_ pod: String) -> Key { Key(.pods, namespace: "default", name: pod) }

  private static func isReady(_ simulation: Simulation, _ key: Key) -> Bool {
    Conditions(simulation[key]?["status"]).isTrue("Ready")
  }

  private static func events(_ simulation: Simulation, _ reason: String, of name: String) -> [JSON] {
    simulation.cluster.snapshot.objects(.events).map(\.json).filter {
      $0.text("reason") == reason && $0["involvedObject"]?.text("name") == name
        && $0["source"]?.text("component") == "kubelet"
    }
  }

  @Test(arguments: [3, 20]) func podsAreReadyAgainWhenTheirNodeIs(_ seconds: Int) async throws {
    let simulation = try await Simulation()
    try await simulation.create(WorkloadTests.deployment("web", replicas: 6))
    await simulation.advance(.seconds(30))
    try await simulation.patch(Self.node, Self.sign("not-ready", "x"))
    await simulation.advance(.seconds(seconds))
    #expect(simulation.pods(["app": "web"]).allSatisfy { $0.isReady == ($0.nodeName != "node-1") })
    try await simulation.patch(Self.node, Self.sign("not-ready", .null))
    await simulation.advance(.seconds(60))
    #expect(Self.isReady(simulation, Self.node))
    let pods = simulation.pods(["app": "web"])
    #expect(pods.allSatisfy { $0.isReady })
    await simulation.close()
  }

  @Test func aNodeShortOfMemorySendsAwayWhoAskedForNone() async throws {
    let simulation = try await Simulation(nodes: 1)
    try await simulation.create(Self.pod("best"))
    try await simulation.create(Self.pod("asked", [:], ["resources": ["requests": ["memory": "1Gi"]]]))
    await simulation.advance(.seconds(30))
    try await simulation.patch(Self.node, Self.sign("memory-pressure", "true"))
    await simulation.advance(.seconds(30))
    let status = try #require(simulation[Self.key("best")]?["status"])
    #expect(status.text("phase") == "Failed" && status.text("reason") == "Evicted")
    #expect(
      status.text("message") == "The node was low on resource: memory. Threshold quantity: 100Mi, available: 64Mi. "
        + "Container c was using 16Mi, request is 0, has larger consumption of memory. ")
    #expect(status.list("containerStatuses").allSatisfy { $0.at("state", "terminated") != nil })
    #expect(Self.isReady(simulation, Self.key("asked")))
    let met = Self.events(simulation, "EvictionThresholdMet", of: "node-1").first
    #expect(met?.text("type") == "Warning")
    #expect(Self.events(simulation, "Evicted", of: "best").count == 1)
    try await simulation.patch(Self.node, Self.sign("memory-pressure", .null))
    try await simulation.create(Self.pod("again"))
    await simulation.advance(.seconds(30))
    #expect(Self.isReady(simulation, Self.key("again")))
    await simulation.close()
  }

  @Test func kubeletsTellOfTheirNodes() async throws {
    let simulation = try await Simulation(nodes: 1)
    await simulation.advance(.seconds(5))
    func count(_ reason: String) -> Int { Self.events(simulation, reason, of: "node-1").count }
    for reason in [
      "Starting", "NodeReady", "NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID",
    ] {
      #expect(count(reason) == 1, "\(reason)")
    }
    #expect(count("NodeNotSchedulable") == 0)
    try await simulation.patch(Self.node, ["spec": ["unschedulable": true]])
    try await simulation.patch(Self.node, Self.sign("memory-pressure", "true"))
    await simulation.advance(.seconds(5))
    try await simulation.patch(Self.node, ["spec": ["unschedulable": .null]])
    await simulation.advance(.seconds(5))
    for reason in ["NodeNotSchedulable", "NodeSchedulable", "NodeHasInsufficientMemory"] {
      #expect(count(reason) == 1, "\(reason)")
    }
    let note = Self.events(simulation, "NodeNotSchedulable", of: "node-1").first
    #expect(note?.text("message") == "Node node-1 status is now: NodeNotSchedulable")
    await simulation.close()
  }

  @Test func whatCannotBeMountedIsTriedMoreAndMoreSeldom() async throws {
    let simulation = try await Simulation(nodes: 1)
    try await simulation.create(
      Self.pod("waits", ["volumes": [["name": "v", "secret": ["secretName": "nope"]]]]))
    await simulation.advance(.seconds(60))
    // At once, and after 0.5, 1, 2, 4, 8 and 16 seconds.
    let events = Self.events(simulation, "FailedMount", of: "waits")
    let counts = events.compactMap { $0["count"]?.int }
    #expect(counts == [7])
    await simulation.close()
  }

  @Test func rootDoesNotRunWhereItMustNot() async throws {
    let simulation = try await Simulation(nodes: 1)
    try await simulation.create(Self.pod("root", ["securityContext": ["runAsNonRoot": true]]))
    try await simulation.create(Self.pod("user", ["securityContext": ["runAsNonRoot": true, "runAsUser": 7]]))
    await simulation.advance(.seconds(20))
    let waiting = simulation[Self.key("root")]?["status"]?.list("containerStatuses").first?.at("state", "waiting")
    #expect(waiting?.text("reason") == "CreateContainerConfigError")
    let message = waiting?.text("message") ?? ""
    #expect(message.hasPrefix("container has runAsNonRoot and image will run as root (pod: \"root_default("))
    let failed = Self.events(simulation, "Failed", of: "root").first
    #expect(failed?.text("message") == "Error: " + message)
    #expect(Self.isReady(simulation, Self.key("user")))
    await simulation.close()
  }

  @Test func aMissingPullSecretIsToldAndPassed() async throws {
    let simulation = try await Simulation(nodes: 1)
    try await simulation.create(Self.pod("p", ["imagePullSecrets": [["name": "nope"]]]))
    await simulation.advance(.seconds(20))
    let event = Self.events(simulation, "FailedToRetrieveImagePullSecret", of: "p").first
    #expect(
      event?.text("message")
        == "Unable to retrieve some image pull secrets (nope); attempting to pull the image may not succeed.")
    #expect(Self.isReady(simulation, Self.key("p")))
    await simulation.close()
  }
}
