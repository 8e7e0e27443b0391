import JSONCore
import Objects
import Testing

@testable import Registry

@Suite struct DeletionTests {
  @Test func finalizersKeepAnObject() async throws {
    let test = try await TestCluster()
    try await test.create("configmaps", "default", ["metadata": ["name": "cm", "finalizers": ["x.io/f"]]])
    let pending = try await test.delete("configmaps", "default", "cm")
    #expect(!pending.isGone && pending.showsObject)
    #expect(pending.object.json.at("metadata", "deletionGracePeriodSeconds") == 0)
    let error = await #expect(throws: Status.self) {
      try await test.patch("configmaps", "default", "cm", ["metadata": ["finalizers": ["x.io/f", "x.io/g"]]])
    }
    #expect(error?.code == 422)
    try await test.patch("configmaps", "default", "cm", ["metadata": ["finalizers": []]])
    #expect(throws: Status.notFound(GroupResource("", "configmaps"), "cm")) {
      try test.get("configmaps", "default", "cm")
    }
  }

  @Test func preconditionsMustHold() async throws {
    let test = try await TestCluster()
    try await test.create("configmaps", "default", ["metadata": ["name": "cm"]])
    var options = test.deletion
    options.uid = "other"
    let error = await #expect(throws: Status.self) {
      try await test.cluster.delete(test.kind("configmaps"), namespace: "default", name: "cm", options)
    }
    #expect(error?.code == 409)
    #expect(
      error?.message.hasPrefix("Operation cannot be fulfilled on ConfigMap \"cm\": the UID in the precondition") == true
    )
  }

  @Test func aPodOnANodeGetsItsGrace() async throws {
    let test = try await TestCluster()
    var pod = TestCluster.pod("p")
    pod["spec"]?["nodeName"] = "n"
    try await test.create("pods", "default", pod)
    let pending = try await test.delete("pods", "default", "p")
    #expect(pending.object.json.at("metadata", "deletionGracePeriodSeconds") == 30)
    #expect(pending.object.json.at("metadata", "deletionTimestamp") == "2026-01-31T09:05:30Z")
    #expect(pending.object.json.at("metadata", "generation") == 2)
    var options = test.deletion
    options.gracePeriodSeconds = 5
    let shorter = try await test.cluster.delete(test.kind("pods"), namespace: "default", name: "p", options)
    #expect(shorter.object.json.at("metadata", "deletionTimestamp") == "2026-01-31T09:05:05Z")
    options.gracePeriodSeconds = 0
    let gone = try await test.cluster.delete(test.kind("pods"), namespace: "default", name: "p", options)
    #expect(gone.isGone)
    #expect(test.cluster.snapshot.count(.pods) == 0)
  }

  @Test func aNamespaceTerminates() async throws {
    let test = try await TestCluster()
    try await test.create("namespaces", "", ["metadata": ["name": "n"]])
    let pending = try await test.delete("namespaces", "", "n")
    #expect(pending.object.json.at("status", "phase") == "Terminating")
    #expect(pending.object.json.at("metadata", "deletionGracePeriodSeconds") == nil)
    let error = await #expect(throws: Status.self) {
      try await test.create("configmaps", "n", ["metadata": ["name": "cm"]])
    }
    #expect(error?.details?.causes.first?.reason == "NamespaceTerminating")
    try await test.update("namespaces", "", "n", "finalize", ["metadata": ["name": "n"], "spec": ["finalizers": []]])
    #expect(test.cluster.snapshot[Key(.namespaces, name: "n")] == nil)
    await #expect(throws: Status.self) { try await test.delete("namespaces", "", "default") }
  }

  @Test func jobsOrphanByDefault() async throws {
    let test = try await TestCluster()
    let job: JSON = [
      "metadata": ["name": "j"],
      "spec": ["template": ["spec": ["restartPolicy": "Never", "containers": [["name": "c", "image": "i"]]]]],
    ]
    let made = try await test.create("jobs.batch", "default", job)
    #expect(made.at("spec", "selector", "matchLabels", "batch.kubernetes.io/controller-uid")?.string == made.uid)
    let pending = try await test.delete("jobs.batch", "default", "j")
    #expect(pending.object.json.finalizers == ["orphan"])
  }

  @Test func aCollectionIsDeletedOneByOne() async throws {
    let test = try await TestCluster()
    for name in ["a", "b", "c"] {
      try await test.create(
        "configmaps", "default", ["metadata": ["name": .string(name), "labels": ["n": .string(name)]]])
    }
    let list = try await test.cluster.deleteCollection(
      test.kind("configmaps"), namespace: "default", ListOptions(labels: try LabelSelector(parsing: "n!=b")),
      test.deletion)
    #expect(list.objects.map(\.name) == ["a", "c"])
    #expect(test.cluster.snapshot.objects(GroupResource("", "configmaps")).map(\.name) == ["b"])
  }
}
