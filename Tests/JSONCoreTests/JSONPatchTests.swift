import JSONCore
import TestSupport
import Testing

@Suite struct JSONPatchTests {
  private func patched(_ document: String, _ patch: String) throws -> String {
    try JSONPatch(JSON.parse(patch)).applied(to: JSON.parse(document)).text
  }

  @Test(arguments: [
    (#"{"a":"1","b":"2"}"#, #"[{"op":"test","path":"/a","value":"1"},{"op":"remove","path":"/b"}]"#, #"{"a":"1"}"#),
    (
      #"{"a":"1"}"#, #"[{"op":"copy","from":"/a","path":"/d"},{"op":"move","from":"/a","path":"/e"}]"#,
      #"{"d":"1","e":"1"}"#
    ),
    (
      #"{"x/y":1,"m~n":2}"#, #"[{"op":"replace","path":"/x~1y","value":3},{"op":"remove","path":"/m~0n"}]"#,
      #"{"x/y":3}"#
    ),
    (
      #"{"l":[1,2]}"#, #"[{"op":"add","path":"/l/-","value":3},{"op":"add","path":"/l/0","value":0}]"#,
      #"{"l":[0,1,2,3]}"#
    ),
    (#"{"l":[1,2]}"#, #"[{"op":"replace","path":"/l/1","value":5},{"op":"remove","path":"/l/0"}]"#, #"{"l":[5]}"#),
    (#"{"l":[1,2]}"#, #"[{"op":"remove","path":"/l/-1"},{"op":"add","path":"/l/-1","value":9}]"#, #"{"l":[1,9]}"#),
    (#"{"a":{}}"#, #"[{"op":"replace","path":"/a/new","value":1}]"#, #"{"a":{"new":1}}"#),
    (#"{"a":1}"#, #"[{"op":"replace","path":"","value":{"b":2}}]"#, #"{"b":2}"#),
    (#"{"":1}"#, #"[{"op":"test","path":"/","value":1}]"#, #"{"":1}"#),
    (#"{"a":1.0}"#, #"[{"op":"test","path":"/a","value":1}]"#, #"{"a":1}"#),
    (#"{"a":1}"#, #"[{"op":"test","path":"/b","value":null}]"#, #"{"a":1}"#),
    (#"{"a":{"b":1}}"#, #"[{"op":"add","path":"/a","value":null}]"#, #"{"a":null}"#),
  ])
  func operations(document: String, patch: String, expected: String) throws {
    #expect(try patched(document, patch) == expected)
  }

  @Test(arguments: [
    #"[{"op":"explode","path":"/a"}]"#, #"[{"path":"/a"}]"#, #"[{"op":"add","path":"/x/y","value":1}]"#,
    #"[{"op":"remove","path":"/nope"}]"#, #"[{"op":"test","path":"/a","value":"2"}]"#,
    #"[{"op":"add","path":"a","value":1}]"#,
    #"[{"op":"remove","path":""}]"#, #"[{"op":"add","path":"/l/7","value":1}]"#,
    #"[{"op":"replace","path":"/l/x","value":1}]"#,
    #"[{"op":"move","from":"/nope","path":"/b"}]"#, #"[{"op":"add","path":"/b"}]"#, #"[null]"#,
    #"[{"op":"remove","path":"/l/-9"}]"#, #"[{"op":"add","path":"/l/99999999999999999999","value":1}]"#,
  ])
  func operationsThatDoNotFit(patch: String) throws {
    do {
      _ = try patched(#"{"a":"1","l":[1]}"#, patch)
      Issue.record("it was applied")
    } catch let error as JSONPatchError {
      guard case .failed = error else { throw error }
    }
  }

  @Test func bodiesThatAreNoPatch() throws {
    for text in ["{}", "1", "[1]", "null"] {
      do {
        _ = try JSONPatch(JSON.parse(text))
        Issue.record("it was read")
      } catch {
        guard case .malformed = error as? JSONPatchError else { throw error }
      }
    }
    let many = JSON.array(Array(repeating: [:], count: JSONPatch.maximumOperations + 1))
    #expect(throws: JSONPatchError.tooManyOperations(10_001)) { try JSONPatch(many) }
  }

  @Test func copiesAreBounded() throws {
    let document: JSON = ["a": .string(String(repeating: "x", count: 1 << 20))]
    let copies = JSON.array((0..<4).map { ["op": "copy", "from": "/a", "path": .string("/c\($0)")] })
    let patch = try JSONPatch(copies)
    #expect(throws: JSONPatchError.self) { try patch.applied(to: document) }
  }

  /// Each copy into itself doubles the depth.
  @Test(arguments: ["copy", "add"])
  func depthIsBounded(operation: String) throws {
    let operations = (0..<300).map { step -> JSON in
      let path = String(repeating: "/a", count: step * 2 + 1)
      return ["op": .string(operation), "from": "", "path": .string(path), "value": ["a": ["a": [:]]]]
    }
    let patch = try JSONPatch(.array(operations))
    #expect(throws: JSONPatchError.failed("exceeded max depth")) { try patch.applied(to: ["a": [:]]) }
  }

  @Test(arguments: [
    (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
    (#"{"a":"b"}"#, #"{"a":null}"#, #"{}"#), (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
    (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#), (#"{"a":"foo"}"#, #""bar""#, #""bar""#),
    (#"{"e":null}"#, #"{"a":1}"#, #"{"a":1,"e":null}"#), (#"[1,2]"#, #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
    (#"{}"#, #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
  ])
  func mergePatches(document: String, patch: String, expected: String) throws {
    #expect(try JSON.parse(document).merging(JSON.parse(patch)).text == expected)
  }
}

@Suite struct RandomPatchTests {
  @Test func randomPatchesNeverCrash() {
    var random = SeededRandom(seed: 4)
    let kinds: [JSON] = ["add", "remove", "replace", "move", "copy", "test", "x", 1]
    let paths: [JSON] = ["", "/", "/a", "/a/b", "/a/0", "/a/-", "/a/-1", "/b/1/c", "/name/spec", "/~0~1", "/é", "a", 3]
    for _ in 0..<5_000 {
      var document = RandomJSON.value(&random, depth: 4)
      for _ in 0..<4 {
        let patch: JSON = [
          [
            "op": kinds.randomElement(using: &random) ?? "add", "path": paths.randomElement(using: &random) ?? "",
            "from": paths.randomElement(using: &random) ?? "", "value": RandomJSON.value(&random, depth: 2),
          ]
        ]
        if let changed = try? JSONPatch(patch).applied(to: document) { document = changed }
      }
      let patch = RandomJSON.value(&random, depth: 4)
      let merged = document.merging(patch)
      #expect(merged.merging(patch) == merged)
    }
  }
}
