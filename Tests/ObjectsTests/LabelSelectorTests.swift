import JSONCore
import Objects
import TestSupport
import Testing

@Suite struct LabelSelectorTests {
  static let labels = Labels([("app", "x"), ("e", ""), ("in", "a"), ("tier", "2")])

  @Test(arguments: [
    ("", true), ("app=x", true), ("app==x", true), ("app=y", false), ("app!=y", true), ("zone!=y", true),
    ("app in (x,y)", true), ("app in (y)", false), ("app notin (x)", false), ("zone notin (x)", true),
    ("tier", true), ("!tier", false), ("!zone", true), ("e=", true), ("e", true), ("app=", false),
    (" app = x , tier = 2 ", true), ("tier>1", true), ("tier>2", false), ("tier<3", true), ("app>1", false),
    ("app in (x,z),tier in (2,3),e", true), ("in=a", true), ("e in (,)", true), ("e in ()", nil),
    ("in in (in,a)", true),
  ])
  func matches(_ text: String, _ expected: Bool?) throws {
    guard let expected else {
      #expect(throws: SelectorError.self) { try LabelSelector(parsing: text) }
      return
    }
    #expect(try LabelSelector(parsing: text).matches(Self.labels) == expected)
  }

  @Test(arguments: [
    ("a=b=c", "found '=', expected: ',' or 'end of string'"),
    ("a in x", "unable to parse requirement: found 'x' expected: '('"),
    ("a in (", "unable to parse requirement: found '', expected: ',', ')' or identifier"),
    ("(a", "found '(', expected: !, identifier, or 'end of string'"),
    ("=x", "found '=', expected: !, identifier, or 'end of string'"),
    ("a notin", "unable to parse requirement: found '' expected: '('"),
    ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
    ("a=b c", "found 'c', expected: ',' or 'end of string'"),
    ("a,", "found '', expected: identifier after ','"),
    ("a in (b c)", "unable to parse requirement: found 'c', expected: ',' or ')'"),
    (
      "a>x",
      "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an "
        + "integer"
    ),
    (
      "a/b/c=d",
      "unable to parse requirement: <nil>: Invalid value: \"a/b/c\": a valid label key must consist of alphanumeric "
        + "characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or "
        + "'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an "
        + "optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
    ),
  ])
  func refuses(_ text: String, _ message: String) {
    #expect(throws: SelectorError(message)) { try LabelSelector(parsing: text) }
  }

  @Test(arguments: [
    ("b=1, a in (z,y,z) ,!c", "a in (y,z),b=1,!c"), ("a==b", "a==b"), ("x>1,x<5", "x>1,x<5"), ("k", "k"),
    ("a notin(b)", "a notin (b)"), ("", ""),
  ])
  func prints(_ text: String, _ canonical: String) throws {
    let selector = try LabelSelector(parsing: text)
    #expect(selector.description == canonical)
    #expect(try LabelSelector(parsing: canonical) == selector)
  }

  @Test func readsTheObjectForm() throws {
    let selector = try LabelSelector(json: [
      "matchLabels": ["app": "x"],
      "matchExpressions": [
        ["key": "tier", "operator": "In", "values": ["3", "2"]], ["key": "e", "operator": "Exists"],
        ["key": "zone", "operator": "DoesNotExist"], ["key": "app", "operator": "NotIn", "values": ["y"]],
      ],
    ])
    #expect(selector.matches(Self.labels))
    #expect(selector.description == "app=x,app notin (y),e,tier in (2,3),!zone")
    #expect(try !LabelSelector(json: nil).matches(Self.labels))
    #expect(try LabelSelector(json: [:]).isEmpty)
    #expect(throws: SelectorError("\"Near\" is not a valid label selector operator")) {
      try LabelSelector(json: ["matchExpressions": [["key": "a", "operator": "Near"]]])
    }
    #expect(throws: SelectorError("values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty"))
    {
      try LabelSelector(json: ["matchExpressions": [["key": "a", "operator": "In"]]])
    }
  }

  @Test func takesAnyBytesWithoutHarm() {
    var random = SeededRandom(seed: 7)
    let alphabet = Array("ab=!(),<> in notin\t\\/.-_\u{e9}\u{0}".unicodeScalars)
    for _ in 0..<20_000 {
      var text = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 0..<20, using: &random) { text.append(alphabet.randomElement(using: &random)!) }
      let string = String(text)
      if let selector = try? LabelSelector(parsing: string) {
        #expect((try? LabelSelector(parsing: selector.description)) == selector, "\(string)")
      }
      if let selector = try? FieldSelector(parsing: string) {
        #expect((try? FieldSelector(parsing: selector.description)) == selector, "\(string)")
      }
    }
  }
}
