import JSONCore
import Testing

@testable import Registry

@Suite struct FieldSetTests {
  private func randomSet(_ random: inout some RandomNumberGenerator, depth: Int = 4) -> FieldSet {
    FieldSet(root: node(&random, depth).children)
  }

  private func node(_ random: inout some RandomNumberGenerator, _ depth: Int) -> FieldNode {
    var result = FieldNode(isMember: Bool.random(using: &random))
    guard depth > 0 else { return .leaf }
    for key in ["f:a", "f:b", "i:1", #"k:{"name":"x"}"#, #"v:"y""#] where Int.random(in: 0..<3, using: &random) == 0 {
      result.append(key, node(&random, depth - 1))
    }
    return result
  }

  @Test func theAlgebraHoldsItsLaws() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<500 {
      let (a, b, c) = (randomSet(&random), randomSet(&random), randomSet(&random))
      #expect(Set(a.union(b).paths) == Set(a.paths).union(b.paths))
      #expect(Set(a.intersection(b).paths) == Set(a.paths).intersection(b.paths))
      #expect(Set(a.subtracting(b).paths) == Set(a.paths).subtracting(b.paths))
      #expect(a.union(b) == b.union(a))
      #expect(a.union(b).union(c) == a.union(b.union(c)))
      #expect(a.intersection(b.union(c)) == a.intersection(b).union(a.intersection(c)))
      #expect(a.subtracting(b).union(a.intersection(b)) == a)
      #expect(a.subtracting(a).isEmpty)
      #expect(a.subtractingTrees(a).isEmpty)
      #expect((try? FieldSet(decoding: a.json)) == a)
    }
  }

  @Test func treesGoAsAWhole() throws {
    let set = try FieldSet(decoding: JSON.parse(#"{"f:spec":{"f:a":{}},"f:status":{".":{},"f:b":{"f:c":{}}}}"#))
    #expect(set.subtractingTrees(FieldSet(fields: ["status"])).paths == [".spec.a"])
    #expect(set.subtracting(FieldSet(fields: ["status"])).paths == [".spec.a", ".status.b.c"])
  }

  @Test func keysAreBroughtIntoOneForm() throws {
    let set = try FieldSet(decoding: JSON.parse(#"{"f:l":{"k:{ \"b\": 1, \"a\" : \"x\" }":{}}}"#))
    #expect(set.json.text == #"{"f:l":{"k:{\"a\":\"x\",\"b\":1}":{}}}"#)
    #expect(set.paths == [#".l[a="x",b=1]"#])
  }

  @Test(arguments: [
    "1", "[]", #"{"a":{}}"#, #"{"f:a":1}"#, #"{"k:x":{}}"#, #"{"k:{}":{}}"#, #"{"i:x":{}}"#, #"{"v:":{}}"#, #"{"":{}}"#,
  ])
  func whatIsNoSet(text: String) throws {
    let json = try JSON.parse(text)
    #expect(throws: FieldSetError.self) { try FieldSet(decoding: json) }
  }

  @Test func storedNonsenseDoesNoHarm() throws {
    let schema = try Samples.schema("core.v1.ConfigMap")
    for fields in ["{}", #"{"":1,"f:data":[],"x":{".":1}}"#, #"{"f:data":{"":{},"f:a":3}}"#] {
      let entry: JSON = ["manager": "x", "operation": "Update", "apiVersion": "v1", "fieldsV1": try JSON.parse(fields)]
      var live = Samples.configMap(["a": "1"])
      live["metadata"] = ["name": "cm", "managedFields": [entry, 1, "x", [:]]]
      let new = ManagedFields.recorded(old: live, new: Samples.configMap(["a": "2"]), by: Samples.writer("b"), schema)
      #expect(ManagedFields(of: new).entries.contains { $0.manager == "b" })
    }
  }
}
