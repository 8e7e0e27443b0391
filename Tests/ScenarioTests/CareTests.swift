import JSONCore
import Objects
import Reconciling
import Testing
import Values

/// What a cluster does for those in it over minutes and hours: volumes, sizes, nodes that fall silent.
@Suite struct CareTests {
  private static func template(_ app: String, cpu: String = "200m") -> JSON {
    [
      "metadata": ["labels": ["app": .string(app)]],
      "spec": [
        "terminationGracePeriodSeconds": 1,
        "containers": [["name": "c", "image": "nginx", "resources": ["requests": ["cpu": .string(cpu)]]]],
      ],
    ]
  }

  @Test func aStatefulSetHasItsVolumesWhereItRuns() async throws {
    let simulation = try await Simulation()
    let claim: JSON = [
      "metadata": ["name": "data"],
      "spec": ["accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]]],
    ]
    try await simulation.create([
      "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": ["name": "db"],
      "spec": [
        "replicas": 2, "serviceName": "db", "selector": ["matchLabels": ["app": "db"]],
        "template": Self.template("db"), "volumeClaimTemplates": [claim],
      ],
    ])
    await simulation.advance(.seconds(60))
    let pods = simulation.pods(["app": "db"])
    #expect(pods.count { $0.isReady } == 2)
    for pod in pods {
      let key = Key(.persistentVolumeClaims, namespace: "default", name: "data-\(pod.name)")
      let claim = try #require(simulation[key])
      #expect(claim.at("status", "phase") == "Bound")
      let volume = try #require(simulation[Key(.persistentVolumes, name: claim["spec"]?.text("volumeName") ?? "")])
      #expect(volume.text.contains("\"values\":[\"\(pod.nodeName)\"]"))
      try await simulation.patch(key, ["spec": ["resources": ["requests": ["storage": "3Gi"]]]])
      await simulation.advance(.seconds(5))
      #expect(simulation[key]?.at("status", "capacity", "storage") == "3Gi")
      #expect(simulation[key]?.at("status", "conditions") == nil)
    }
    try await simulation.delete(Key(.statefulSets, namespace: "default", name: "db"))
    await simulation.advance(.seconds(10))
    #expect(simulation.cluster.snapshot.count(.persistentVolumes) == 2)
    for name in ["data-db-0", "data-db-1"] {
      try await simulation.delete(Key(.persistentVolumeClaims, namespace: "default", name: name))
    }
    await simulation.advance(.seconds(10))
    #expect(simulation.cluster.snapshot.count(.persistentVolumeClaims) == 0)
    #expect(simulation.cluster.snapshot.count(.persistentVolumes) == 0)
    await simulation.close()
  }

  @Test func anAutoscalerFollowsTheLoad() async throws {
    let simulation = try await Simulation()
    let load = "sim.swiftlet.dev/load"
    let key = Key(.deployments, namespace: "default", name: "web")
    try await simulation.create([
      "apiVersion": "apps/v1", "kind": "Deployment",
      "metadata": ["name": "web", "annotations": [load: "1"]],
      "spec": ["replicas": 1, "selector": ["matchLabels": ["app": "web"]], "template": Self.template("web")],
    ])
    try await simulation.create([
      "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": ["name": "web"],
      "spec": [
        "scaleTargetRef": ["apiVersion": "apps/v1", "kind": "Deployment", "name": "web"], "maxReplicas": 30,
        "metrics": [
          [
            "type": "Resource",
            "resource": ["name": "cpu", "target": ["type": "Utilization", "averageUtilization": 50]],
          ]
        ],
      ],
    ])
    await simulation.advance(.seconds(300))
    // Each pod uses 20m for itself and its part of 1000m, and 100m are aimed at.
    let grown = simulation[key]?.at("spec", "replicas")?.int ?? 0
    #expect((11...14).contains(grown))
    try await simulation.patch(key, ["metadata": ["annotations": [load: .null]]])
    await simulation.advance(.seconds(240))
    #expect(simulation[key]?.at("spec", "replicas")?.int == grown)
    await simulation.advance(.seconds(300))
    let shrunk = simulation[key]?.at("spec", "replicas")?.int ?? 0
    #expect(shrunk < grown)
    await simulation.advance(.seconds(1800))
    #expect(simulation[key]?.at("spec", "replicas")?.int == 1)
    await simulation.close()
  }

  @Test func podsLeaveANodeThatFallsSilent() async throws {
    let simulation = try await Simulation()
    try await simulation.create(WorkloadTests.deployment("web", replicas: 6))
    await simulation.advance(.seconds(30))
    let node = Key(.nodes, name: "node-2")
    try await simulation.patch(node, ["metadata": ["annotations": ["sim.swiftlet.dev/unreachable": "true"]]])
    await simulation.advance(.seconds(70))
    let silent = Conditions(simulation[node]?["status"])
    #expect(silent.status("Ready") == "Unknown")
    let before = simulation.pods(["app": "web"]).filter { $0.nodeName == "node-2" }
    #expect(before.count == 2 && before.allSatisfy { !$0.isReady })
    await simulation.advance(.seconds(320))
    let elsewhere = simulation.pods(["app": "web"]).filter { $0.isReady && $0.nodeName != "node-2" }
    #expect(elsewhere.count == 6)
    // Nobody can say that the others have ended: they are on their way out until their node is back.
    let left = simulation.pods(["app": "web"]).filter { $0.nodeName == "node-2" }
    #expect(left.count == 2 && left.allSatisfy { $0.isBeingDeleted })
    try await simulation.patch(node, ["metadata": ["annotations": ["sim.swiftlet.dev/unreachable": .null]]])
    // A kubelet writes its whole status every five minutes at the latest.
    await simulation.advance(.seconds(320))
    let back = Conditions(simulation[node]?["status"])
    #expect(back.isTrue("Ready"))
    #expect(simulation[node]?.at("spec", "taints") == nil)
    #expect(!simulation.pods(["app": "web"]).contains { left.map(\.uid).contains($0.uid) })
    await simulation.close()
  }

  @Test func podsOfANodeThatIsGoneAreMadeAnew() async throws {
    let simulation = try await Simulation()
    try await simulation.create(WorkloadTests.deployment("web", replicas: 6))
    await simulation.advance(.seconds(30))
    try await simulation.delete(Key(.nodes, name: "node-1"))
    await simulation.advance(.seconds(39))
    #expect(simulation.pods(["app": "web"]).contains { $0.nodeName == "node-1" })
    await simulation.advance(.seconds(60))
    let pods = simulation.pods(["app": "web"])
    #expect(pods.count == 6 && pods.allSatisfy { $0.isReady && $0.nodeName != "node-1" })
    await simulation.close()
  }
}
