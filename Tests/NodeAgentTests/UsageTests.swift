import JSONCore
import Objects
import Reconciling
import Testing
import Values

@testable import NodeAgent

/// What pods and nodes use.
@Suite struct UsageTests {
  static func pod(
    _ name: String, annotations: JSON = [:], resources: JSON = [:], owner: String = "", isReady: Bool = true
  ) -> Object {
    var metadata: JSON = [
      "name": .string(name), "namespace": "shop", "uid": .string("uid-" + name), "annotations": annotations,
      "labels": ["app": "web"],
    ]
    if !owner.isEmpty { metadata["ownerReferences"] = [["uid": .string(owner), "controller": true]] }
    let json: JSON = [
      "metadata": metadata,
      "spec": ["nodeName": "node-1", "containers": [["name": "c", "resources": resources]]],
      "status": [
        "conditions": [["type": "Ready", "status": isReady ? "True" : "False"]],
        "containerStatuses": [["name": "c", "state": ["running": ["startedAt": "2026-01-01T00:00:00Z"]]]],
      ],
    ]
    return Object(key: Key(.pods, namespace: "shop", name: name), revision: 1, blob: json.blob)
  }

  static func total(_ pod: Object, _ others: [Object] = []) -> Usage? {
    let snapshot = Snapshot(revision: 1, objects: [pod] + others)
    return SimulatedUsage().usage(of: [pod], in: snapshot, at: PodBench.start).first?.total
  }

  @Test(
    arguments: [
      ([:], [:], "1m", "16Mi"), ([:], ["requests": ["cpu": "500m", "memory": "100Mi"]], "50m", "40Mi"),
      (["sim.swiftlet.dev/cpu": "300m"], [:], "300m", "16Mi"),
      (["sim.swiftlet.dev/cpu": "80%"], ["requests": ["cpu": "500m"]], "400m", "16Mi"),
      (["sim.swiftlet.dev/c.cpu": "2"], ["limits": ["cpu": "1"]], "1", "16Mi"),
      (["sim.swiftlet.dev/memory": "1Gi", "sim.swiftlet.dev/cpu": "-1"], [:], "1m", "1Gi"),
    ] as [(JSON, JSON, String, String)])
  func whatAContainerUses(_ annotations: JSON, _ resources: JSON, _ cpu: String, _ memory: String) throws {
    let usage = try #require(Self.total(Self.pod("a", annotations: annotations, resources: resources)))
    #expect(usage.cpu.description == cpu)
    #expect(usage.memory.description == memory)
  }

  @Test(
    arguments: [
      (["stress", "--vm", "2", "--vm-bytes", "150M", "--vm-hang", "1"], 0.01, 305, nil),
      (["stress-ng", "--cpu=2", "--cpu-load", "50", "-t", "1m"], 1, 0, 60),
      (["sh", "-c", "sleep 1; stress -c 3 -t 5s; echo done"], 3, 0, 5),
      (["-cpus", "2", "-mem-total", "95Mi"], 2, 100, nil),
      (["sh", "-c", "yes > /dev/null"], 1, 0, nil),
      (["stress", "--vm", "10000", "--vm-bytes", "9999999999g"], 10000, 1 << 30, nil),
    ] as [([String], Double, Int64, Int?)])
  func loadMakersUseWhatTheyAreTold(_ words: [String], _ cpu: Double, _ memory: Int64, _ seconds: Int?) throws {
    let isImage = words[0].hasPrefix("-")
    let load = try #require(
      StressLoad(image: "vish/stress", command: isImage ? [] : words, arguments: isImage ? words : []))
    #expect(load.cpu == cpu)
    #expect(load.memory >> 20 == memory || memory == 1 << 30 && load.memory >> 20 > memory >> 1)
    #expect(load.time == seconds.map { .seconds($0) })
  }

  @Test func whatRequestsCostIsForgottenAgain() {
    let traffic = Traffic()
    for second in 0..<15 { traffic.note(.milliseconds(300), of: "a", at: PodBench.start + .seconds(second)) }
    #expect(traffic.cpu(of: "a", at: PodBench.start + .seconds(14)).milliValue == 300)
    #expect(traffic.cpu(of: "a", at: PodBench.start + .seconds(24)).milliValue == 100)
    #expect(traffic.cpu(of: "a", at: PodBench.start + .seconds(60)).isZero)
    #expect(traffic.cpu(of: "b", at: PodBench.start).isZero)
  }

  @Test func aLoadIsSharedByReadyPods() throws {
    let deployment: JSON = [
      "metadata": ["name": "d", "namespace": "shop", "uid": "dep", "annotations": ["sim.swiftlet.dev/load": "2"]]
    ]
    let set: JSON = [
      "metadata": [
        "name": "r", "namespace": "shop", "uid": "rs", "ownerReferences": [["uid": "dep"]],
        "annotations": ["sim.swiftlet.dev/load": "2"],
      ]
    ]
    let owners = [
      Object(key: Key(.deployments, namespace: "shop", name: "d"), revision: 1, blob: deployment.blob),
      Object(key: Key(.replicaSets, namespace: "shop", name: "r"), revision: 1, blob: set.blob),
    ]
    let pods = [Self.pod("b", owner: "rs"), Self.pod("x", owner: "rs", isReady: false)]
    #expect(Self.total(Self.pod("a", owner: "rs"), owners)?.cpu.description == "2001m")
    #expect(Self.total(Self.pod("a", owner: "rs"), owners + pods)?.cpu.description == "1001m")
  }

  @Test func aNodeUsesWhatItsPodsUseAndABitMore() {
    let node = Object(
      key: Key(.nodes, name: "node-1"), revision: 1, blob: (["metadata": ["name": "node-1"]] as JSON).blob)
    let snapshot = Snapshot(revision: 1, objects: [node, Self.pod("a", annotations: ["sim.swiftlet.dev/cpu": "1"])])
    let usage = SimulatedUsage().usage(ofNodes: [node], in: snapshot, at: PodBench.start)
    #expect(usage.first?.usage.cpu.description == "1060m")
  }
}
