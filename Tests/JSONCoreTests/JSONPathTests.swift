import JSONCore
import Testing

@Suite struct JSONPathTests {
  static let document = """
    {"status":{"conditions":[{"type":"Synced","status":"False","age":1},{"type":"Ready","status":"True","age":5}],
    "phase":"Up","ports":[80,443,8080],"nothing":null,"labels":{"a.b/c":"x","d":"y"},"empty":[]}}
    """

  private func found(_ path: String) throws -> String? {
    let path = try #require(JSONPath(path))
    return path.values(in: try JSON.parse(Self.document)).map { JSON.array($0).text }
  }

  @Test(arguments: [
    (".status.phase", #"["Up"]"#), ("$.status.phase", #"["Up"]"#), (".status['phase']", #"["Up"]"#),
    (#".status.labels.a\.b/c"#, #"["x"]"#), (".status.labels['a.b/c']", #"["x"]"#), (".status.labels.*", #"["x","y"]"#),
    (".status.missing.deeper", "[]"), (".status.nothing[0]", "[]"), (".status.phase.deeper", "[]"),
    (".status.ports[0]", "[80]"), (".status.ports[-1]", "[8080]"), (".status.ports[*]", "[80,443,8080]"),
    (".status.ports[1:]", "[443,8080]"), (".status.ports[:-1]", "[80,443]"), (".status.ports[::2]", "[80,8080]"),
    (".status.ports[0,2]", "[80,8080]"), (".status['phase','missing']", #"["Up"]"#), (".status.empty[*]", "[]"),
    (#".status.conditions[?(@.type=="Ready")].status"#, #"["True"]"#),
    (".status.conditions[?(@.type == 'Ready')].age", "[5]"),
    (".status.conditions[?(@.age>1)].type", #"["Ready"]"#), (".status.conditions[?(@.age<=1)].type", #"["Synced"]"#),
    (".status.conditions[?(@.type!=@.status)].age", "[1,5]"), (".status.conditions[?(@.missing)].age", "[]"),
    (".status.conditions[?(@.age)].age", "[1,5]"), (".status.ports[?(@>=443)]", "[443,8080]"),
    ("..type", #"["Synced","Ready"]"#), (".status.conditions[*].type", #"["Synced","Ready"]"#),
  ])
  func leadsTo(_ path: String, _ values: String) throws { #expect(try found(path) == values) }

  @Test(arguments: [".status.ports[7]", ".status.phase[0]", ".status[?(@.a)]", ".status.conditions[?(@.age>'x')]"])
  func asksForWhatCannotBe(_ path: String) throws { #expect(try found(path) == nil) }

  @Test(arguments: ["status", ".a[", ".a[x]", ".a[?(@.b==)]", ".a[?(@.b=1)]", ".a[?@.b]", #".a\"#, ".a[1:2:3:4]"])
  func isNoPath(_ text: String) { #expect(JSONPath(text) == nil) }

  @Test func isFollowedWithinLimits() throws {
    #expect(JSONPath(String(repeating: "[?(@", count: 50) + String(repeating: ")]", count: 50)) == nil)
    let deep = try #require(JSONPath(String(repeating: "..", count: 40) + "a"))
    let wide = JSON.array((0..<50).map { JSON.array([.int(Int64($0)), ["a": 1]]) })
    #expect(deep.values(in: wide) == nil)
  }
}
