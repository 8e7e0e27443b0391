import JSONCore
import Objects
import Schemas
import Testing

@testable import Registry

@Suite struct StrategicMergeTests {
  private func pod(_ spec: JSON, patch: JSON) throws -> JSON? {
    try strategicMerge(["spec": spec], patch: ["spec": patch], schema: Samples.schema("core.v1.Pod"))["spec"]
  }

  private func named(_ names: String...) -> JSON { .array(names.map { ["name": .string($0)] }) }

  private func names(_ list: JSON?) -> [String] { list?.array?.map { $0.text("name") } ?? [] }

  /// An item that the object does not have comes before the next one that the patch does not name, as upstream.
  @Test func listsMergeByKey() throws {
    let spec: JSON = [
      "containers": [["name": "a", "image": "i:1", "env": [["name": "A", "value": "1"]]], ["name": "b"]]
    ]
    let result = try pod(
      spec, patch: ["containers": [["name": "a", "image": "i:2", "env": [["name": "B", "value": "2"]]]]])
    #expect(
      result?["containers"] == [
        ["name": "a", "image": "i:2", "env": [["name": "B", "value": "2"], ["name": "A", "value": "1"]]], ["name": "b"],
      ])
  }

  @Test func directivesInLists() throws {
    let spec: JSON = ["containers": named("a", "b")]
    #expect(
      try names(pod(spec, patch: ["containers": [["$patch": "replace"], ["name": "c"]]])?["containers"]) == ["c"])
    #expect(
      try names(pod(spec, patch: ["containers": [["$patch": "delete", "name": "a"]]])?["containers"]) == ["b"])
    #expect(
      try pod([:], patch: ["containers": [["$patch": "delete", "name": "a"], ["name": "b"]]]) == [
        "containers": named("b")
      ])
  }

  @Test func directivesInMaps() throws {
    let spec: JSON = ["securityContext": ["runAsUser": 1, "fsGroup": 2]]
    #expect(
      try pod(spec, patch: ["securityContext": ["$patch": "replace", "fsGroup": 3]])
        == ["securityContext": ["fsGroup": 3]])
    #expect(try pod(spec, patch: ["securityContext": ["$patch": "delete"]]) == ["securityContext": [:]])
    #expect(try pod(spec, patch: ["securityContext": .null]) == [:])
  }

  @Test func retainKeysDropsTheOthers() throws {
    let spec: JSON = ["volumes": [["name": "v", "emptyDir": [:]]]]
    let patch: JSON = ["volumes": [["$retainKeys": ["name", "hostPath"], "name": "v", "hostPath": ["path": "/x"]]]]
    #expect(try pod(spec, patch: patch) == ["volumes": [["name": "v", "hostPath": ["path": "/x"]]]])
    let wrong: JSON = ["volumes": [["$retainKeys": ["name"], "name": "v", "hostPath": ["path": "/x"]]]]
    #expect(throws: Status.badRequest("invalid patch format of retainKeys")) { try pod(spec, patch: wrong) }
  }

  @Test func theOrderOfElementsIsKept() throws {
    let spec: JSON = ["containers": named("a", "server", "b", "c")]
    let patch: JSON = [
      "$setElementOrder/containers": named("c", "b", "new", "a"), "containers": [["name": "new"]],
    ]
    #expect(try names(pod(spec, patch: patch)?["containers"]) == ["server", "c", "b", "new", "a"])
    let orderOnly: JSON = ["$setElementOrder/containers": named("b", "a")]
    #expect(try names(pod(["containers": named("a", "b")], patch: orderOnly)?["containers"]) == ["b", "a"])
    let wrong: JSON = ["$setElementOrder/containers": named("a"), "containers": named("x")]
    #expect(throws: Status.self) { try pod(spec, patch: wrong) }
  }

  @Test func primitiveListsMergeAndShrink() throws {
    let object: JSON = ["metadata": ["finalizers": ["a", "b"]]]
    func merged(_ patch: JSON) throws -> JSON? {
      try strategicMerge(object, patch: ["metadata": patch], schema: Samples.schema("core.v1.Pod")).at(
        "metadata", "finalizers")
    }
    #expect(try merged(["finalizers": ["b", "c"]]) == ["a", "b", "c"])
    #expect(try merged(["$deleteFromPrimitiveList/finalizers": ["a"]]) == ["b"])
    #expect(try merged(["$setElementOrder/finalizers": ["b", "a"]]) == ["b", "a"])
  }

  @Test func listsWithoutAStrategyAreReplaced() throws {
    let result = try pod(["tolerations": [["key": "a"]]], patch: ["tolerations": [["key": "b"]]])
    #expect(result?["tolerations"] == [["key": "b"]])
  }

  @Test func mistakesInThePatch() throws {
    let spec: JSON = ["containers": named("a")]
    func message(_ patch: JSON) -> String? {
      do {
        _ = try pod(spec, patch: patch)
        return nil
      } catch {
        return (error as? Status)?.message
      }
    }
    #expect(
      message(["containers": [["image": "x"]]])
        == "map: map[image:x] does not contain declared merge key: name")
    #expect(
      message(["containers": [["name": "a", "$patch": "explode"]]])
        == "unknown patch type: explode in map: map[$patch:explode name:a]")
    #expect(message(["containers": [1]]) == "list element types are not identical: [map[name:a]] [1]")
    #expect(throws: Status.self) { try strategicMerge([:], patch: [], schema: Samples.schema("core.v1.Pod")) }
    #expect(try strategicMerge(["a": 1], patch: .null, schema: Samples.schema("core.v1.Pod")) == ["a": 1])
  }
}
