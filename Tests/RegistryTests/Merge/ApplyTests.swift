import JSONCore
import Objects
import Testing

@testable import Registry

@Suite struct ApplyTests {
  @Test func twoManagersOwnDifferentFields() throws {
    var scene = try Scene("", "v1", "ConfigMap", "core.v1.ConfigMap")
    try scene.apply("m1", Samples.configMap(["a": "1"]))
    #expect(scene.owners == [#"m1 Apply: {"f:data":{"f:a":{}}}"#])
    try scene.apply("m2", Samples.configMap(["b": "2"]))
    #expect(scene.owners == [#"m1 Apply: {"f:data":{"f:a":{}}}"#, #"m2 Apply: {"f:data":{"f:b":{}}}"#])
    try scene.apply("m1", Samples.configMap([:]))
    #expect(scene.live?["data"] == ["b": "2"])
    #expect(Set(scene.owners) == [#"m1 Apply: {"f:data":{}}"#, #"m2 Apply: {"f:data":{"f:b":{}}}"#])
  }

  @Test func aSharedValueStaysUntilTheLastOwnerLetsGo() throws {
    var scene = try Scene("", "v1", "ConfigMap", "core.v1.ConfigMap")
    try scene.apply("m1", Samples.configMap(["a": "1"]))
    try scene.apply("m2", Samples.configMap(["a": "1"]))
    let second = try #require(ManagedFields(of: scene.live).entries.first { $0.manager == "m2" })
    #expect(second.time == nil)
    try scene.apply("m1", Samples.configMap([:]))
    #expect(scene.live?["data"] == ["a": "1"])
    try scene.apply("m2", Samples.configMap([:]))
    #expect(scene.live?["data"]?.object?.isEmpty ?? true)
    #expect(Set(scene.owners) == [#"m1 Apply: {"f:data":{}}"#, #"m2 Apply: {"f:data":{}}"#])
  }

  @Test func conflictsNameTheirOwners() throws {
    var scene = try Scene("", "v1", "ConfigMap", "core.v1.ConfigMap")
    try scene.apply("m1", Samples.configMap(["a": "1", "b": "1"]))
    let status = #expect(throws: Status.self) { try scene.apply("m2", Samples.configMap(["a": "2", "b": "3"])) }
    #expect(status?.code == 409)
    #expect(status?.message == "Apply failed with 2 conflicts: conflicts with \"m1\":\n- .data.a\n- .data.b")
    #expect(status?.details?.causes.map(\.field) == [".data.a", ".data.b"])
    #expect(status?.details?.causes.map(\.message) == ["conflict with \"m1\"", "conflict with \"m1\""])
    try scene.apply("m2", Samples.configMap(["a": "2"]), force: true)
    #expect(scene.live?["data"] == ["a": "2", "b": "1"])
    #expect(scene.owners == [#"m1 Apply: {"f:data":{"f:b":{}}}"#, #"m2 Apply: {"f:data":{"f:a":{}}}"#])
  }

  @Test func conflictsWithUpdatersNameTheVersion() throws {
    var scene = try Scene("", "v1", "ConfigMap", "core.v1.ConfigMap")
    try scene.update("creator", Samples.configMap(["a": "1"]))
    #expect(scene.owners == [#"creator Update: {"f:data":{".":{},"f:a":{}}}"#])
    let status = #expect(throws: Status.self) { try scene.apply("m1", Samples.configMap(["a": "2"])) }
    #expect(status?.message == #"Apply failed with 1 conflict: conflict with "creator" using v1: .data.a"#)
    try scene.apply("m1", Samples.configMap(["a": "2"]), force: true)
    #expect(scene.owners == [#"m1 Apply: {"f:data":{"f:a":{}}}"#, #"creator Update: {"f:data":{}}"#])
  }

  @Test func objectsThatNobodyTrackedBelongToBeforeFirstApply() throws {
    var scene = try Scene("", "v1", "ConfigMap", "core.v1.ConfigMap")
    scene.live = try Samples.decoded(Samples.configMap(["a": "1"]), scene.schema)
    try scene.apply("m2", Samples.configMap(["b": "1"]))
    #expect(
      scene.owners == [
        #"m2 Apply: {"f:data":{"f:b":{}}}"#, #"before-first-apply Update: {"f:data":{".":{},"f:a":{}}}"#,
      ])
  }

  @Test func metadataThatIsNoLongerSentGoes() throws {
    var scene = try Scene("", "v1", "ConfigMap", "core.v1.ConfigMap")
    var object = Samples.configMap([:])
    object["metadata"] = [
      "name": "cm", "labels": ["a": "b"], "annotations": ["c": "d"], "finalizers": ["x.io/f"],
    ]
    try scene.apply("m1", object)
    #expect(
      scene.owners == [
        #"m1 Apply: {"f:data":{},"f:metadata":{"f:annotations":{"f:c":{}},"#
          + #""f:finalizers":{"v:\"x.io/f\"":{}},"f:labels":{"f:a":{}}}}"#
      ])
    try scene.apply("m1", Samples.configMap([:]))
    #expect(scene.owners == [#"m1 Apply: {"f:data":{}}"#])
    #expect(scene.live?["metadata"]?["labels"] == nil)
    #expect(scene.live?["metadata"]?["finalizers"] == nil)
    #expect(scene.live?["metadata"]?["name"] == "cm")
  }

  @Test func emptyMapsAreOwnedAndMayConflict() throws {
    var scene = try Scene("", "v1", "ConfigMap", "core.v1.ConfigMap")
    var first = Samples.configMap([:])
    first["metadata"] = ["name": "cm", "finalizers": ["x.io/a"]]
    try scene.apply("m1", first)
    var second = first
    second["metadata"] = ["name": "cm", "finalizers": ["x.io/b"]]
    let status = #expect(throws: Status.self) { try scene.apply("m2", second) }
    #expect(status?.message == #"Apply failed with 1 conflict: conflict with "m1": .data"#)
  }

  @Test func deploymentsMergeContainersAndPorts() throws {
    var scene = try Scene("apps", "v1", "Deployment", "apps.v1.Deployment")
    try scene.apply("m1", Samples.deployment([["name": "a", "image": "i:1", "ports": [["containerPort": 80]]]]))
    let container =
      #"{".":{},"f:image":{},"f:name":{},"f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":"#
      + #"{".":{},"f:containerPort":{}}}}"#
    #expect(
      scene.owners == [
        #"m1 Apply: {"f:spec":{"f:replicas":{},"f:selector":{},"f:template":{"f:metadata":{"f:labels":{"f:app":{}}},"#
          + #""f:spec":{"f:containers":{"k:{\"name\":\"a\"}":"# + container + "}}}}}"
      ])
    try scene.apply(
      "m2",
      [
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "web"],
        "spec": ["template": ["spec": ["containers": [["name": "b", "image": "j:1"]]]]],
      ])
    try scene.apply(
      "m1",
      Samples.deployment([
        ["name": "a", "image": "i:2", "ports": [["containerPort": 80, "protocol": "UDP"]]]
      ]))
    let containers = scene.live?.at("spec", "template", "spec", "containers")
    #expect(containers?.array?.map { $0.text("name") + $0.text("image") } == ["ai:2", "bj:1"])
    #expect(containers?[0]?["ports"]?[0]?["protocol"] == "UDP")
    #expect(containers?[0]?["ports"]?.array?.count == 1)
  }

  @Test func aConflictInsideAListNamesTheItem() throws {
    var scene = try Scene("apps", "v1", "Deployment", "apps.v1.Deployment")
    try scene.apply("m1", Samples.deployment([["name": "a", "image": "i:1"]]))
    let status = #expect(throws: Status.self) {
      try scene.apply("m2", Samples.deployment([["name": "a", "image": "i:9"]]))
    }
    #expect(status?.details?.causes.map(\.field) == [#".spec.template.spec.containers[name="a"].image"#])
  }

  @Test func atomicMapsConflictAsAWhole() throws {
    var scene = try Scene("", "v1", "Service", "core.v1.Service")
    var object: JSON = [
      "apiVersion": "v1", "kind": "Service", "metadata": ["name": "svc"],
      "spec": ["selector": ["app": "web"], "ports": [["port": 80]]],
    ]
    try scene.apply("m1", object)
    #expect(
      scene.owners == [
        #"m1 Apply: {"f:spec":{"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:port":{}}},"f:selector":{}}}"#
      ])
    object["spec", default: [:]]["selector"] = ["app": "web", "x": "y"]
    let status = #expect(throws: Status.self) { try scene.apply("m2", object) }
    #expect(status?.details?.causes.map(\.field) == [".spec.selector"])
  }

  @Test func configurationsThatTheSchemaRefuses() throws {
    var scene = try Scene("", "v1", "ConfigMap", "core.v1.ConfigMap")
    var object = Samples.configMap([:])
    object["bogus"] = 1
    expect(
      scene, object,
      "failed to create typed patch object (/cm; /v1, Kind=ConfigMap): .bogus: field not declared in schema")
    scene = try Scene("apps", "v1", "Deployment", "apps.v1.Deployment")
    expect(
      scene,
      Samples.deployment([["name": "a", "ports": [["containerPort": 80], ["containerPort": 80]]]]),
      "failed to create typed patch object (/web; apps/v1, Kind=Deployment): "
        + #".spec.template.spec.containers[name="a"].ports: duplicate entries for key [containerPort=80,protocol="TCP"]"#
    )
    expect(
      scene, Samples.deployment([["name": "a"], ["name": "a"]]),
      "failed to create typed patch object (/web; apps/v1, Kind=Deployment): "
        + #".spec.template.spec.containers: duplicate entries for key [name="a"]"#)
  }

  private func expect(_ scene: Scene, _ object: JSON, _ message: String) {
    var scene = scene
    let status = #expect(throws: Status.self) { try scene.apply("m1", object) }
    #expect(status?.code == 500)
    #expect(status?.message == message)
  }

  @Test func configurationsOfAnotherKind() throws {
    var scene = try Scene("", "v1", "ConfigMap", "core.v1.ConfigMap")
    #expect(throws: Status.badRequest("invalid object type: /, Kind=")) { try scene.apply("m1", [:]) }
    #expect(throws: Status.badRequest("invalid object type: /v1, Kind=Secret")) {
      try scene.apply("m1", ["apiVersion": "v1", "kind": "Secret"])
    }
    var object = Samples.configMap([:])
    object["metadata", default: [:]]["managedFields"] = [["manager": "x"]]
    #expect(throws: Status.badRequest("metadata.managedFields must be nil")) { try scene.apply("m1", object) }
  }

  @Test func applyingAgainChangesNothing() throws {
    var scene = try Scene("apps", "v1", "Deployment", "apps.v1.Deployment")
    let object = Samples.deployment([["name": "a", "image": "i:1", "ports": [["containerPort": 80]]]])
    try scene.apply("m1", object)
    let before = scene.live
    try scene.apply("m1", object)
    #expect(scene.live == before)
  }

  @Test func kubectlTakesOverWhatItAppliedFromTheClient() throws {
    var scene = try Scene("", "v1", "ConfigMap", "core.v1.ConfigMap")
    var object = Samples.configMap(["a": "1"])
    object["metadata", default: [:]]["annotations"] = .object(Members([(LastApplied.annotation, .string(object.text))]))
    try scene.update("kubectl-client-side-apply", object)
    try scene.apply("kubectl", Samples.configMap(["a": "2"]))
    #expect(scene.live?["data"] == ["a": "2"])
    let annotation = try #require(scene.live.flatMap { LastApplied.text(of: $0) })
    #expect(try JSON.parse(annotation)["data"] == ["a": "2"])
  }
}
