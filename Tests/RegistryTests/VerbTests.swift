import JSONCore
import Objects
import Testing

@testable import Registry

@Suite struct VerbTests {
  @Test func aNewObjectHasWhatTheServerOwns() async throws {
    let test = try await TestCluster()
    let made = try await test.create("configmaps", "default", ["metadata": ["name": "cm"], "data": ["k": "v"]])
    #expect(made.uid.count == 36)
    #expect(made.at("metadata", "creationTimestamp") == "2026-01-31T09:05:00Z")
    #expect(made.at("metadata", "namespace") == "default")
    #expect(made.at("metadata", "generation") == nil)
    #expect(made == (try test.get("configmaps", "default", "cm")))
    #expect(made.at("metadata", "managedFields")?.array?.count == 1)
  }

  @Test func aTakenNameIsAConflict() async throws {
    let test = try await TestCluster()
    try await test.create("configmaps", "default", ["metadata": ["name": "cm"]])
    await #expect(throws: Status.alreadyExists(GroupResource("", "configmaps"), "cm")) {
      try await test.create("configmaps", "default", ["metadata": ["name": "cm"]])
    }
  }

  @Test func nothingIsMadeInAMissingNamespace() async throws {
    let test = try await TestCluster()
    await #expect(throws: Status.notFound(.namespaces, "nowhere")) {
      try await test.create("configmaps", "nowhere", ["metadata": ["name": "cm"]])
    }
  }

  @Test func aNameIsRequired() async throws {
    let test = try await TestCluster()
    let error = await #expect(throws: Status.self) { try await test.create("configmaps", "default", [:]) }
    #expect(
      error?.message
        == "ConfigMap \"\" is invalid: metadata.name: Required value: name or generateName is required")
  }

  @Test func generatedNamesDiffer() async throws {
    let test = try await TestCluster()
    var names = Set<String>()
    for _ in 0..<50 {
      names.insert(try await test.create("configmaps", "default", ["metadata": ["generateName": "cm-"]]).name)
    }
    #expect(names.count == 50)
    #expect(names.allSatisfy { $0.hasPrefix("cm-") && $0.count == 8 })
  }

  @Test func aStaleVersionIsAConflict() async throws {
    let test = try await TestCluster()
    let first = try await test.create("configmaps", "default", ["metadata": ["name": "cm"], "data": ["k": "1"]])
    var second = first
    second["data"] = ["k": "2"]
    try await test.update("configmaps", "default", "cm", second)
    await #expect(throws: Status.stale(GroupResource("", "configmaps"), "cm")) {
      try await test.update("configmaps", "default", "cm", second)
    }
  }

  @Test func anUpdateWithoutChangeStoresNothing() async throws {
    let test = try await TestCluster()
    let body: JSON = ["metadata": ["name": "cm"], "data": ["k": "1"]]
    try await test.create("configmaps", "default", body)
    let before = test.cluster.snapshot.revision
    try await test.update("configmaps", "default", "cm", body)
    try await test.patch("configmaps", "default", "cm", [:])
    #expect(test.cluster.snapshot.revision == before)
  }

  @Test func statusAndSpecAreWrittenApart() async throws {
    let test = try await TestCluster()
    let made = try await test.create("deployments.apps", "default", TestCluster.deployment("web"))
    #expect(made.at("metadata", "generation") == 1)
    #expect(made["status"] == [:])
    let status = try await test.patch(
      "deployments.apps", "default", "web", "status", ["spec": ["replicas": 7], "status": ["replicas": 1]])
    #expect(status.at("spec", "replicas") == 1)
    #expect(status.at("status", "replicas") == 1)
    #expect(status.at("metadata", "generation") == 1)
    let spec = try await test.patch(
      "deployments.apps", "default", "web", ["spec": ["replicas": 3], "status": ["replicas": 9]])
    #expect(spec.at("spec", "replicas") == 3)
    #expect(spec.at("status", "replicas") == 1)
    #expect(spec.at("metadata", "generation") == 2)
    let labelled = try await test.patch("deployments.apps", "default", "web", ["metadata": ["labels": ["a": "b"]]])
    #expect(labelled.at("metadata", "generation") == 2)
    let annotated = try await test.patch(
      "deployments.apps", "default", "web", ["metadata": ["annotations": ["a": "b"]]])
    #expect(annotated.at("metadata", "generation") == 3)
  }

  @Test func concurrentPatchesAllCount() async throws {
    let test = try await TestCluster()
    try await test.create("configmaps", "default", ["metadata": ["name": "cm"]])
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<64 {
        group.addTask { try await test.patch("configmaps", "default", "cm", ["data": ["k\(number)": "v"]]) }
      }
      try await group.waitForAll()
    }
    #expect(try test.get("configmaps", "default", "cm")["data"]?.object?.count == 64)
  }

  @Test func aPutCreatesWhereTheKindSaysSo() async throws {
    let test = try await TestCluster()
    try await test.update("leases.coordination.k8s.io", "default", "x", ["metadata": ["name": "x"]])
    await #expect(throws: Status.notFound(GroupResource("", "configmaps"), "x")) {
      try await test.update("configmaps", "default", "x", ["metadata": ["name": "x"]])
    }
  }

  @Test func someKindsCannotBeOverwrittenBlindly() async throws {
    let test = try await TestCluster()
    let body: JSON = ["metadata": ["name": "pdb"], "spec": ["minAvailable": 1]]
    try await test.create("poddisruptionbudgets.policy", "default", body)
    let error = await #expect(throws: Status.self) {
      try await test.update("poddisruptionbudgets.policy", "default", "pdb", body)
    }
    #expect(
      error?.message
        == "poddisruptionbudgets.policy \"pdb\" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified "
        + "for an update")
    try await test.patch("poddisruptionbudgets.policy", "default", "pdb", ["spec": ["minAvailable": 2]])
  }

  @Test func aDryRunStoresNothing() async throws {
    let test = try await TestCluster()
    var options = test.options
    options.isDryRun = true
    let before = test.cluster.snapshot.revision
    let written = try await test.cluster.create(
      test.kind("services"), namespace: "default",
      ["metadata": ["name": "svc"], "spec": ["ports": [["port": 80]]]], options)
    #expect(written.object.json.at("spec", "clusterIP")?.string?.hasPrefix("10.96.") == true)
    #expect(test.cluster.snapshot.revision == before)
  }

  @Test func unknownFieldsWarnOrFail() async throws {
    let test = try await TestCluster()
    var options = test.options
    options.fieldValidation = .warn
    let body: JSON = ["metadata": ["name": "cm", "nope": 1], "bogus": 1]
    let written = try await test.cluster.create(test.kind("configmaps"), namespace: "default", body, options)
    #expect(Set(written.warnings) == ["unknown field \"bogus\"", "unknown field \"metadata.nope\""])
    // They are told of an object that is refused, too.
    let invalid: JSON = ["metadata": ["name": "No Name"], "bogus": 1]
    let refusal = await #expect(throws: Status.self) {
      try await test.cluster.create(test.kind("configmaps"), namespace: "default", invalid, options)
    }
    #expect(refusal?.code == 422)
    #expect(refusal?.warnings == ["unknown field \"bogus\""])
    let labels: JSON = ["metadata": ["labels": ["a": "no label"]], "bogus": 1]
    let patchRefusal = await #expect(throws: Status.self) {
      try await test.cluster.patch(
        test.kind("configmaps"), namespace: "default", name: "cm", Patch(.merge, labels), options)
    }
    #expect(patchRefusal?.code == 422)
    #expect(patchRefusal?.warnings == ["unknown field \"bogus\""])
    options.fieldValidation = .strict
    let error = await #expect(throws: Status.self) {
      try await test.cluster.create(test.kind("configmaps"), namespace: "default", body, options)
    }
    #expect(error?.code == 400)
    let patchError = await #expect(throws: Status.self) {
      try await test.cluster.patch(
        test.kind("configmaps"), namespace: "default", name: "cm", Patch(.merge, ["bogus": 2]), options)
    }
    #expect(patchError?.code == 422)
    #expect(patchError?.details?.causes.first?.field == "patch")
  }

  @Test func applyCreatesThenMerges() async throws {
    let test = try await TestCluster()
    let first: JSON = ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "cm"], "data": ["a": "1"]]
    try await test.patch("configmaps", "default", "cm", nil, .apply, first)
    try await test.patch("configmaps", "default", "cm", ["data": ["b": "2"]])
    var second = first
    second["data"] = ["c": "3"]
    let applied = try await test.patch("configmaps", "default", "cm", nil, .apply, second)
    #expect(applied["data"] == ["b": "2", "c": "3"])
    let before = test.cluster.snapshot.revision
    try await test.patch("configmaps", "default", "cm", nil, .apply, second)
    #expect(test.cluster.snapshot.revision == before)
  }
}
