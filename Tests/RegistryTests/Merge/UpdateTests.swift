import JSONCore
import Objects
import Testing
import Values

@testable import Registry

@Suite struct UpdateTests {
  @Test func aCreationOwnsWhatItSet() throws {
    var scene = try Scene("", "v1", "ConfigMap", "core.v1.ConfigMap")
    var object = Samples.configMap(["a": "1"])
    object["metadata"] = ["name": "cm", "labels": ["x": "y"], "annotations": ["m": "n"]]
    try scene.update("me", object)
    #expect(
      scene.owners == [
        #"me Update: {"f:data":{".":{},"f:a":{}},"f:metadata":{"f:annotations":{".":{},"f:m":{}},"#
          + #""f:labels":{".":{},"f:x":{}}}}"#
      ])
  }

  @Test func structsThatAreAlwaysThereAreNotOwned() throws {
    var scene = try Scene("apps", "v1", "Deployment", "apps.v1.Deployment")
    try scene.update("me", Samples.deployment([["name": "a", "image": "i:1", "ports": [["containerPort": 80]]]]))
    let owners = try #require(scene.owners.first)
    #expect(owners.hasPrefix(#"me Update: {"f:spec":{"f:progressDeadlineSeconds":{},"f:replicas":{}"#))
    #expect(owners.contains(#""f:rollingUpdate":{".":{},"#))
    #expect(owners.contains(#""f:strategy":{"f:rollingUpdate""#))
    #expect(
      owners.contains(#""f:template":{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:containers":{"k:"#))
    #expect(owners.contains(#""f:ports":{".":{},"k:"#))
    #expect(owners.contains(#""f:resources":{},"#))
    #expect(!owners.contains("f:status"))
  }

  @Test func aChangeMovesTheOwnership() throws {
    var scene = try Scene("", "v1", "ConfigMap", "core.v1.ConfigMap")
    try scene.apply("m1", Samples.configMap(["a": "1", "b": "1"]))
    try scene.update("editor", Samples.configMap(["a": "9", "b": "1"]))
    #expect(scene.owners == [#"m1 Apply: {"f:data":{"f:b":{}}}"#, #"editor Update: {"f:data":{"f:a":{}}}"#])
    try scene.update("editor", Samples.configMap(["a": "9"]))
    #expect(scene.owners == [#"editor Update: {"f:data":{"f:a":{}}}"#])
  }

  @Test func aWriteWithoutChangesKeepsEverything() throws {
    var scene = try Scene("", "v1", "ConfigMap", "core.v1.ConfigMap")
    try scene.update("a", Samples.configMap(["a": "1"]))
    let before = scene.live
    try scene.update("b", Samples.configMap(["a": "1"]))
    #expect(scene.live == before)
  }

  @Test func clientsCanEmptyManagedFields() throws {
    for reset in [JSON.array([]), [[:]]] {
      var scene = try Scene("", "v1", "ConfigMap", "core.v1.ConfigMap")
      try scene.update("a", Samples.configMap(["a": "1"]))
      var object = Samples.configMap(["a": "2"])
      object["metadata", default: [:]]["managedFields"] = reset
      scene.live = ManagedFields.recorded(old: scene.live, new: object, by: Samples.writer("b"), scene.schema)
      #expect(scene.owners.isEmpty)
    }
  }

  @Test func brokenManagedFieldsOfAClientAreIgnored() throws {
    var scene = try Scene("", "v1", "ConfigMap", "core.v1.ConfigMap")
    try scene.update("a", Samples.configMap(["a": "1"]))
    var object = try #require(scene.live)
    object["metadata", default: [:]]["managedFields"] = [
      ["manager": "x", "operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": ["bad": [:]]]
    ]
    let before = scene.owners
    scene.live = ManagedFields.recorded(old: scene.live, new: object, by: Samples.writer("b"), scene.schema)
    #expect(scene.owners == before)
  }

  @Test func statusIsNotOwnedByMainWrites() throws {
    let schema = try Samples.schema("core.v1.Pod")
    let old: JSON = [
      "metadata": [
        "name": "p",
        "managedFields": [
          ["manager": "a", "operation": "Update", "apiVersion": "v1", "fieldsV1": ["f:spec": ["f:nodeName": [:]]]]
        ],
      ], "spec": ["nodeName": "n"], "status": [:],
    ]
    var new = old
    new["status"] = ["phase": "Running"]
    let written = ManagedFields.recorded(
      old: old, new: new, by: Samples.writer("b"), schema, reset: FieldSet(fields: ["status"]))
    #expect(ManagedFields(of: written).entries.map(\.manager) == ["a"])
  }

  @Test func oldUpdatersAreMergedIntoOne() throws {
    var scene = try Scene("", "v1", "ConfigMap", "core.v1.ConfigMap")
    var data: JSON = [:]
    for index in 0..<14 {
      data["k\(index)"] = "v"
      try scene.update("manager-\(index)", Samples.configMap(data))
    }
    let entries = ManagedFields(of: scene.live).entries
    #expect(entries.count == 10)
    let ancient = try #require(entries.first { $0.manager == "ancient-changes" })
    #expect(ancient.fields.paths == [".data", ".data.k0", ".data.k1", ".data.k2", ".data.k3", ".data.k4"])
  }

  @Test func theScaleTakesTheReplicas() throws {
    var scene = try Scene("apps", "v1", "Deployment", "apps.v1.Deployment")
    try scene.apply("m1", Samples.deployment([["name": "a", "image": "i:1"]]))
    let parent = ManagedFields(of: scene.live)
    var scale = parent.forScale(replicas: ["spec", "replicas"])
    #expect(scale.entries.map(\.manager) == ["m1"])
    let schema = try Samples.schema("autoscaling.v1.Scale")
    var writer = Samples.writer("scaler", "autoscaling/v1")
    writer.subresource = "scale"
    scale.recordUpdate(
      old: ["spec": ["replicas": 0]], new: ["spec": ["replicas": 2]], by: writer, schema)
    let after = parent.takingScale(scale, replicas: ["spec", "replicas"], apiVersion: "apps/v1")
    let scaler = try #require(after.entries.first { $0.manager == "scaler" })
    #expect(scaler.fields.paths == [".spec.replicas"])
    #expect(scaler.shown == #""scaler" with subresource "scale" using apps/v1"#)
    #expect(after.entries.first { $0.manager == "m1" }?.fields.contains(["spec", "replicas"]) == false)
  }
}
