import JSONCore
import Objects
import Reconciling
import Registry
import Synchronization
import Testing
import Values

@Suite struct WorkloadTests {
  static func deployment(_ name: String, replicas: Int, image: String = "nginx:1.27") -> JSON {
    [
      "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": .string(name)],
      "spec": [
        "replicas": JSON(replicas), "selector": ["matchLabels": ["app": .string(name)]],
        "template": [
          "metadata": ["labels": ["app": .string(name)]],
          "spec": ["containers": [["name": "c", "image": .string(image)]], "terminationGracePeriodSeconds": 1],
        ],
      ],
    ]
  }

  @Test func aDeploymentRunsRollsAndGoes() async throws {
    let living = try await LivingCluster()
    let key = Key(.deployments, namespace: "default", name: "web")
    try await living.create(Self.deployment("web", replicas: 6))
    let runs = await living.wait { living.pods($0, ["app": "web"]).count { $0.isReady } == 6 }
    #expect(runs)
    let isComplete = await living.wait { $0[key]?.json.at("status", "availableReplicas") == 6 }
    #expect(isComplete)
    #expect(Set(living.pods(living.cluster.snapshot, ["app": "web"]).map(\.nodeName)).count == 3)

    let bounds = Mutex((least: 6, most: 6))
    let observation = living.cluster.store.feed.observe { batch in
      let pods = batch.snapshot.objects(.pods, namespace: "default").map(PodFacts.init).filter(\.isActive)
      let ready = pods.count { $0.isReady }
      // What is asked for counts: a pod that is to go may overlap with the one that takes its place.
      let wanted = batch.snapshot.objects(.replicaSets, namespace: "default").reduce(0) {
        $0 + ($1.json.at("spec", "replicas")?.int ?? 0)
      }
      bounds.withLock { $0 = (min($0.least, ready), max($0.most, wanted)) }
    }
    try await living.patch(
      key, ["spec": ["template": ["spec": ["containers": [["name": "c", "image": "nginx:1.28"]]]]]])
    let rolled = await living.wait { snapshot in
      let pods = living.pods(snapshot, ["app": "web"])
      return pods.count == 6 && pods.allSatisfy { $0.isReady && $0.object.blob.text.contains("nginx:1.28") }
    }
    observation.cancel()
    #expect(rolled)
    // 25 % of 6: at most one fewer and two more.
    #expect(bounds.withLock { $0.least } >= 5)
    #expect(bounds.withLock { $0.most } <= 8)
    let revisions = living.cluster.snapshot.objects(.replicaSets).map {
      $0.json.annotation("deployment.kubernetes.io/revision") ?? ""
    }
    #expect(revisions.sorted() == ["1", "2"])

    try await living.delete(key)
    let isGone = await living.wait { $0.count(.pods) == 0 && $0.count(.replicaSets) == 0 }
    #expect(isGone)
    await living.close()
  }

  @Test func aServiceHasItsEndpoints() async throws {
    let living = try await LivingCluster(nodes: 1)
    try await living.create([
      "apiVersion": "v1", "kind": "Service", "metadata": ["name": "web"],
      "spec": ["selector": ["app": "web"], "ports": [["port": 80]]],
    ])
    try await living.create(Self.deployment("web", replicas: 2))
    let hasSlice = await living.wait { snapshot in
      let slices = snapshot.objects(.endpointSlices, namespace: "default").map(\.json)
      return slices.contains { slice in
        slice.list("endpoints").count { $0.at("conditions", "ready") == true } == 2
      }
    }
    #expect(hasSlice)
    let hasEndpoints = await living.wait { snapshot in
      snapshot[Key(.endpoints, namespace: "default", name: "web")]?.json.list("subsets").first?.list("addresses").count
        == 2
    }
    #expect(hasEndpoints)
    await living.close()
  }

  @Test func namespacesGetTheirDefaultsAndGoWithTheirContents() async throws {
    let living = try await LivingCluster(nodes: 1)
    try await living.create(["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "team"]])
    let account = Key(.serviceAccounts, namespace: "team", name: "default")
    let authority = Key(.configMaps, namespace: "team", name: "kube-root-ca.crt")
    let isSetUp = await living.wait { $0[account] != nil && $0[authority] != nil }
    #expect(isSetUp)
    try await living.create([
      "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "p", "namespace": "team"],
      "spec": ["containers": [["name": "c", "image": "i"]], "terminationGracePeriodSeconds": 1],
    ])
    let runs = await living.wait { snapshot in
      snapshot[Key(.pods, namespace: "team", name: "p")].map { PodFacts($0).isReady } ?? false
    }
    #expect(runs)
    try await living.delete(Key(.namespaces, name: "team"))
    let isGone = await living.wait { $0[Key(.namespaces, name: "team")] == nil && $0[account] == nil }
    #expect(isGone)
    await living.close()
  }

  @Test func aJobRunsToItsEnd() async throws {
    let living = try await LivingCluster(nodes: 1)
    try await living.create([
      "apiVersion": "batch/v1", "kind": "Job", "metadata": ["name": "pi"],
      "spec": [
        "completions": 3, "parallelism": 2,
        "template": [
          "spec": [
            "restartPolicy": "Never",
            "containers": [["name": "c", "image": "busybox", "command": ["sh", "-c", "echo hi; exit 0"]]],
          ]
        ],
      ],
    ])
    let key = Key(.jobs, namespace: "default", name: "pi")
    let isComplete = await living.wait { Conditions($0[key]?.json["status"]).isTrue("Complete") }
    #expect(isComplete)
    #expect(living.cluster.snapshot[key]?.json.at("status", "succeeded") == 3)
    let pod = living.cluster.snapshot.objects(.pods, namespace: "default").first
    let log = living.plane.logs.log(podUID: pod?.uid ?? "", container: "c", previous: false)
    #expect(log?.lines.map(\.text) == ["hi"])
    await living.close()
  }

  @Test func aStatefulSetComesUpInOrder() async throws {
    let living = try await LivingCluster(nodes: 2)
    try await living.create([
      "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": ["name": "db"],
      "spec": [
        "serviceName": "db", "replicas": 3, "selector": ["matchLabels": ["app": "db"]],
        "template": [
          "metadata": ["labels": ["app": "db"]],
          "spec": ["containers": [["name": "c", "image": "postgres"]], "terminationGracePeriodSeconds": 1],
        ],
      ],
    ])
    let key = Key(.statefulSets, namespace: "default", name: "db")
    let runs = await living.wait { $0[key]?.json.at("status", "availableReplicas") == 3 }
    #expect(runs)
    let pods = living.pods(living.cluster.snapshot, ["app": "db"])
    #expect(pods.map(\.name) == ["db-0", "db-1", "db-2"])
    await living.close()
  }

  @Test func aDaemonSetRunsOnEveryNode() async throws {
    let living = try await LivingCluster(nodes: 3)
    try await living.create([
      "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": ["name": "agent"],
      "spec": [
        "selector": ["matchLabels": ["app": "agent"]],
        "template": ["metadata": ["labels": ["app": "agent"]], "spec": ["containers": [["name": "c", "image": "i"]]]],
      ],
    ])
    let key = Key(.daemonSets, namespace: "default", name: "agent")
    let runs = await living.wait { $0[key]?.json.at("status", "numberReady") == 3 }
    #expect(runs)
    await living.close()
  }
}

@Suite struct PodTests {
  /// The last write of a pod must not be lost when the one before it has already come back.
  @Test func aPodThatTakesItsTimeToEndGoesInTheEnd() async throws {
    let living = try await LivingCluster(nodes: 1)
    try await living.create([
      "apiVersion": "v1", "kind": "Pod",
      "metadata": ["name": "slow", "annotations": ["sim.swiftlet.dev/stop-seconds": "0.3"]],
      "spec": ["containers": [["name": "c", "image": "i"]]],
    ])
    let key = Key(.pods, namespace: "default", name: "slow")
    let runs = await living.wait { $0[key].map { PodFacts($0).isReady } ?? false }
    #expect(runs)
    try await living.delete(key)
    #expect(await living.wait { $0[key] == nil })
    await living.close()
  }

  @Test func aMissingConfigMapIsWaitedFor() async throws {
    let living = try await LivingCluster(nodes: 1)
    try await living.create([
      "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "p"],
      "spec": [
        "containers": [["name": "c", "image": "i"]], "volumes": [["name": "v", "configMap": ["name": "settings"]]],
      ],
    ])
    let says = await living.wait { snapshot in
      snapshot.objects(.events).contains { $0.json.text("reason") == "FailedMount" }
    }
    #expect(says)
    try await living.create(["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "settings"]])
    let key = Key(.pods, namespace: "default", name: "p")
    #expect(await living.wait { $0[key].map { PodFacts($0).isReady } ?? false })
    await living.close()
  }
}
