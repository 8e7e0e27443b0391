import JSONCore
import Objects
import Schemas
import Testing
import Values

@testable import APIServer

@Suite struct PieceTests {
  @Test(arguments: [
    (5, "5s"), (119, "119s"), (120, "2m"), (303, "5m3s"), (3600, "60m"), (3 * 3600, "3h"), (3 * 3600 + 300, "3h5m"),
    (24 * 3600, "24h"), (2 * 86400 + 3600, "2d1h"), (9 * 86400, "9d"), (730 * 86400, "2y"), (9 * 365 * 86400, "9y"),
    (-5, "<invalid>"),
  ])
  func agesAreShort(_ seconds: Int, _ text: String) {
    #expect(Age.human(.seconds(seconds)) == text)
  }

  @Test func queriesAreRead() {
    let query = Query(Array("watch=True&a=1&a=2&b=x%20y+z&bad=%zz&flag".utf8)[...])
    #expect(query.bool("watch") == true)
    #expect(query.all("a") == ["1", "2"])
    #expect(query["b"] == "x y z")
    #expect(query["bad"] == nil)
    #expect(query["flag"] == "")
    #expect(query.bool("flag") == true)
    #expect(Query(Array("watch=FALSE".utf8)[...]).bool("watch") == false)
  }

  @Test(arguments: ["1e300", "inf", "nan", "-1e300", "x", ""])
  func anyPreferenceIsRead(_ text: String) {
    #expect((0...1000).contains(MediaType("a/b;q=\(text)")?.quality ?? -1))
  }

  @Test func acceptIsTriedInOrder() {
    let clauses = MediaType.accepted("text/html;q=0.5, application/json;as=Table;v=v1;g=meta.k8s.io, */*;q=0.1")
    #expect(clauses.map(\.type) == ["application/json", "text/html", "*/*"])
    #expect(clauses[0]["as"] == "Table")
  }

  @Test func yamlIsReadAsKubernetesDoes() throws {
    let text = """
      name: y
      port: 0x1F
      mode: 0644
      ratio: 1.5
      quoted: "yes"
      nothing: ~
      list: [a, 1, true]
      base: &b {x: 1}
      more:
        <<: *b
        z: 2
      dup: 1
      dup: 2
      """
    let reading = try YAML.read(Array(text.utf8))
    #expect(reading.json["name"] == true)
    #expect(reading.json["port"] == 31)
    #expect(reading.json["mode"] == 420)
    #expect(reading.json["ratio"] == 1.5)
    #expect(reading.json["quoted"] == "yes")
    #expect(reading.json["nothing"] == .null)
    #expect(reading.json["list"] == ["a", 1, true])
    #expect(reading.json["more"] == ["x": 1, "z": 2])
    #expect(reading.duplicates == [#"line 13: key "dup" already set in map"#])
  }

  @Test func aliasBombsStop() {
    var text = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
    for level in 1...9 {
      let alias = "*a\(level - 1)"
      text += "a\(level): &a\(level) [\(Array(repeating: alias, count: 9).joined(separator: ","))]\n"
    }
    #expect(throws: Status.self) { try YAML.read(Array(text.utf8)) }
    #expect(throws: Status.self) { try YAML.read(Array(String(repeating: "[", count: 100_000).utf8)) }
    #expect(throws: Status.self) { try YAML.read(Array("a: *b".utf8)) }
  }

  /// Aliases add up to a depth that no single value has.
  @Test func aliasesDoNotNestDeeperThanValues() {
    let open = String(repeating: "[", count: 300)
    let close = String(repeating: "]", count: 300)
    let text = "a0: &a0 \(open)\(close)\na1: &a1 \(open)*a0 \(close)\n"
    #expect(throws: Status.badRequest("yaml: exceeded max depth of 500")) { try YAML.read(Array(text.utf8)) }
  }

  @Test func directivesAreFew() throws {
    let directives = (0..<50_000).map { "%TAG !a\($0)! tag:x\n" }.joined()
    #expect(throws: Status.badRequest("yaml: too many directives")) { try YAML.read(Array(directives.utf8)) }
    #expect(try YAML.read(Array("# text\n%YAML 1.1\n---\na: 1\n".utf8)).json == ["a": 1])
  }

  @Test func yamlIsWrittenSoThatItReadsBack() throws {
    let json: JSON = [
      "a": "yes", "b": "12", "c": "multi\nline\n", "d": ["x", ["y": 1]], "e": [:], "f": "", "g": "a: b", "h": " lead",
      "i": "null", "j": "2020-01-01T00:00:00Z", "k": 1.5, "l": "trail\n\n", "m": .null, "n": ["o": ["p": [1, 2]]],
    ]
    #expect(try YAML.read(Array(YAML.text(of: json).utf8)).json == json)
  }

  @Test func storedItemsLoseTheirKind() throws {
    for (stored, expected) in [
      (#"{"apiVersion":"v1","kind":"Pod","metadata":{"kind":"x"}}"#, #"{"metadata":{"kind":"x"}}"#),
      (
        #"{"apiVersion":"v1","data":{"kind":"Pod","s":"\"kind\":\"Pod\","},"kind":"Pod","metadata":{}}"#,
        #"{"data":{"kind":"Pod","s":"\"kind\":\"Pod\","},"metadata":{}}"#
      ),
      (#"{"action":"a","apiVersion":"v1","kind":"Pod","metadata":{}}"#, #"{"action":"a","metadata":{}}"#),
    ] {
      let kind = try #require(Catalog.builtIn.kind(group: "", version: "v1", kind: "Pod"))
      var chunks: [Blob] = []
      StoredItem(kind).append(Blob(stored), to: &chunks)
      #expect(chunks.map(\.text).joined() == expected)
    }
  }

  @Test func versionsAreRanked() {
    let ranked = ["v1beta1", "v2", "v1", "v10", "v1alpha1", "v2beta2", "foo"].sorted {
      VersionPriority($0) > VersionPriority($1)
    }
    #expect(ranked == ["v10", "v2", "v1", "v2beta2", "v1beta1", "v1alpha1", "foo"])
  }
}
