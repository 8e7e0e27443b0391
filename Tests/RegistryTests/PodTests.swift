import JSONCore
import Objects
import Testing

@testable import Registry

@Suite struct PodTests {
  @Test func aNewPodIsComplete() async throws {
    let test = try await TestCluster()
    let pod = try await test.create("pods", "default", TestCluster.pod("p"))
    #expect(pod["status"] == ["phase": "Pending", "qosClass": "BestEffort"])
    #expect(pod.at("spec", "serviceAccountName") == "default")
    #expect(pod.at("spec", "priority") == 0)
    #expect(pod.at("spec", "tolerations")?.array?.count == 2)
    let volume = try #require(pod.at("spec", "volumes")?[0]?.text("name"))
    #expect(volume.hasPrefix("kube-api-access-") && volume.count == 21)
    #expect(pod.at("spec", "containers")?[0]?.list("volumeMounts").first?.text("name") == volume)
  }

  @Test func aPodIsBoundOnce() async throws {
    let test = try await TestCluster()
    try await test.create("pods", "default", TestCluster.pod("p"))
    let binding: JSON = ["metadata": ["name": "p"], "target": ["kind": "Node", "name": "n"]]
    _ = try await test.cluster.bind(namespace: "default", name: "p", binding, test.options)
    let pod = try test.get("pods", "default", "p")
    #expect(pod.at("spec", "nodeName") == "n")
    #expect(pod["status"]?.list("conditions").first?.text("type") == "PodScheduled")
    let error = await #expect(throws: Status.self) {
      try await test.cluster.bind(namespace: "default", name: "p", binding, test.options)
    }
    #expect(
      error?.message
        == "Operation cannot be fulfilled on pods/binding \"p\": pod p is already assigned to node \"n\"")
  }

  @Test func aBudgetForbidsAnEviction() async throws {
    let test = try await TestCluster()
    try await test.create(
      "poddisruptionbudgets.policy", "default",
      ["metadata": ["name": "pdb"], "spec": ["minAvailable": 1, "selector": ["matchLabels": ["app": "web"]]]])
    try await test.create("pods", "default", TestCluster.pod("p", labels: ["app": "web"]))
    try await test.patch(
      "pods", "default", "p", "status",
      ["status": ["phase": "Running", "conditions": [["type": "Ready", "status": "True"]]]])
    try await test.patch(
      "poddisruptionbudgets.policy", "default", "pdb", "status",
      ["status": ["observedGeneration": 1, "desiredHealthy": 1, "currentHealthy": 1]])
    let eviction: JSON = ["metadata": ["name": "p"]]
    let error = await #expect(throws: Status.self) {
      try await test.cluster.evict(namespace: "default", name: "p", eviction, test.options)
    }
    #expect(error?.code == 429)
    #expect(
      error?.details?.causes.first?.message == "The disruption budget pdb needs 1 healthy pods and has 1 currently")
    try await test.patch(
      "poddisruptionbudgets.policy", "default", "pdb", "status", ["status": ["disruptionsAllowed": 1]])
    try await test.cluster.evict(namespace: "default", name: "p", eviction, test.options)
    #expect(test.cluster.snapshot.count(.pods) == 0)
    #expect(
      try test.get("poddisruptionbudgets.policy", "default", "pdb").at("status", "disruptionsAllowed") == 0)
  }

  @Test func aQuotaHoldsUnderConcurrency() async throws {
    let test = try await TestCluster()
    try await test.create(
      "resourcequotas", "default", ["metadata": ["name": "q"], "spec": ["hard": ["pods": "5"]]])
    let refusals = await withTaskGroup(of: String?.self) { group in
      for number in 0..<20 {
        group.addTask {
          do throws(Status) {
            try await test.create("pods", "default", TestCluster.pod("p\(number)"))
            return nil
          } catch {
            return error.message
          }
        }
      }
      return await group.reduce(into: [String]()) { if let message = $1 { $0.append(message) } }
    }
    #expect(test.cluster.snapshot.count(.pods) == 5)
    #expect(refusals.count == 15)
    #expect(refusals.allSatisfy { $0.hasSuffix("exceeded quota: q, requested: pods=1, used: pods=5, limited: pods=5") })
  }

  @Test func limitRangesFillAndForbid() async throws {
    let test = try await TestCluster()
    try await test.create(
      "limitranges", "default",
      [
        "metadata": ["name": "l"],
        "spec": [
          "limits": [
            ["type": "Container", "default": ["cpu": "500m"], "defaultRequest": ["cpu": "100m"], "max": ["cpu": "1"]]
          ]
        ],
      ])
    let pod = try await test.create("pods", "default", TestCluster.pod("p"))
    #expect(pod.at("spec", "containers")?[0]?["resources"] == ["limits": ["cpu": "500m"], "requests": ["cpu": "100m"]])
    #expect(pod.at("status", "qosClass") == "Burstable")
    var big = TestCluster.pod("big")
    big["spec"]?["containers"] = [["name": "c", "image": "i", "resources": ["limits": ["cpu": "2"]]]]
    let error = await #expect(throws: Status.self) { try await test.create("pods", "default", big) }
    #expect(error?.message.contains("maximum cpu usage per Container is 1, but limit is 2") == true)
  }

  @Test func scaleIsItsOwnObject() async throws {
    let test = try await TestCluster()
    try await test.create("deployments.apps", "default", TestCluster.deployment("web"))
    let scale = try test.cluster.scale(test.kind("deployments.apps"), namespace: "default", name: "web")
    #expect(scale.at("spec", "replicas") == 1)
    #expect(scale.at("status", "selector") == "app=web")
    let scaled = try await test.patch("deployments.apps", "default", "web", "scale", ["spec": ["replicas": 4]])
    #expect(scaled["kind"] == "Scale")
    #expect(try test.get("deployments.apps", "default", "web").at("spec", "replicas") == 4)
    let error = await #expect(throws: Status.self) {
      try await test.patch("deployments.apps", "default", "web", "scale", ["spec": ["replicas": -1]])
    }
    #expect(
      error?.message
        == "Scale.autoscaling \"web\" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0")
  }

  @Test func debugContainersCanBeAdded() async throws {
    let test = try await TestCluster()
    try await test.create("pods", "default", TestCluster.pod("p"))
    let pod = try await test.patch(
      "pods", "default", "p", "ephemeralcontainers", .strategic,
      ["spec": ["ephemeralContainers": [["name": "d", "image": "i", "targetContainerName": "c"]]]])
    #expect(pod.at("metadata", "generation") == 2)
    let error = await #expect(throws: Status.self) {
      try await test.patch(
        "pods", "default", "p", "ephemeralcontainers", .strategic,
        ["spec": ["ephemeralContainers": [["name": "c", "image": "i"]]]])
    }
    #expect(error?.message == "Pod \"p\" is invalid: spec.ephemeralContainers[0].name: Duplicate value: \"c\"")
  }
}
