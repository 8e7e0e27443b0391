import JSONCore
import Testing

@testable import Expressions

/// What expressions come to: the language's own rules, and Kubernetes' libraries.
@Suite struct ExpressionTests {
  static let object = ObjectType(
    name: "Test",
    fields: [
      "size": ObjectType.Field(key: "size", type: .int), "name": ObjectType.Field(key: "name", type: .string),
      "tags": ObjectType.Field(key: "tags", type: .list(.string)),
      "labels": ObjectType.Field(key: "labels", type: .map(.string, .string)),
      "when": ObjectType.Field(key: "when", type: .timestamp), "any": ObjectType.Field(key: "any", type: .dynamic),
      "a__dash__b": ObjectType.Field(key: "a-b", type: .int), "ratio": ObjectType.Field(key: "ratio", type: .double),
    ])

  static let value: JSON = [
    "size": 3, "name": "web", "tags": ["a", "b"], "labels": ["k": "v"], "when": "2026-01-31T09:05:00Z", "a-b": 7,
    "any": ["x": [1, 2]], "ratio": 2,
  ]

  static func result(_ text: String) throws -> Value {
    let program = try Program(text, variables: ["self": .object(object)])
    var budget = 100_000
    return try program.value(["self": Value(value, .object(object))], budget: &budget)
  }

  static let truths = [
    "1 + 2 * 3 == 7", "-7 / 2 == -3", "-7 % 2 == -1", "1.5 + 1.5 == 3.0", "'a' + \"b\" == 'ab'", "[1] + [2] == [1, 2]",
    "!false && (true || false)", "1 < 2 && 'a' < 'b' && 2 >= 2", "true ? 1 == 1 : false", "0x10 == 16", "1u + 2u == 3u",
    "r'\\d' == '\\\\d'", "'\\u0041' == 'A'", "'''a'b''' == \"a'b\"", "b'ab' == bytes('ab')", "1e3 == 1000.0",
    "self.size == 3", "self.name.startsWith('w')", "has(self.size) && !has(self.any.y)", "self.a__dash__b == 7",
    "self.ratio / 2.0 == 1.0", "'k' in self.labels && self.labels['k'] == 'v' && self.labels.k == 'v'",
    "'a' in self.tags", "self.tags.all(t, t.size() == 1)", "self.tags.exists(t, t == 'b')",
    "self.tags.exists_one(t, t == 'b')", "self.tags.map(t, t + '!') == ['a!', 'b!']",
    "self.tags.filter(t, t != 'a') == ['b']", "self.labels.all(k, self.labels[k] == 'v')",
    "self.tags.all(i, t, i < 2 && t != '')", "[3, 1, 2].sortBy(x, -x) == [3, 2, 1]",
    "self.any.x[1] == 2", "size({'a': 1, 'b': 2}) == 2", "{'a': 1}.a == 1", "type(1) == int", "dyn(1) == 1.0",
    "self.when.getFullYear() == 2026 && self.when.getMonth() == 0 && self.when.getDayOfWeek() == 6",
    "self.when + duration('1h') > self.when", "duration('90m').getHours() == 1",
    "timestamp('2026-01-31T09:05:00Z') == self.when",
    "self.when.getHours('+02:00') == 11", "int('12') + int(1.9) == 13", "string(1.0) == '1'",
    "false || (1 / 0 > 0 || true)", "[0, 1].exists(x, 1 / x == 1)",
    "'a,b'.split(',') == ['a', 'b']", "'abc'.substring(1) == 'bc' && 'abc'.substring(0, 1) == 'a'",
    "'Ab'.lowerAscii() == 'ab' && 'Ab'.upperAscii() == 'AB'",
    "'abcb'.indexOf('b') == 1 && 'abcb'.lastIndexOf('b') == 3",
    "'aXbX'.replace('X', '-') == 'a-b-' && 'aXbX'.replace('X', '-', 1) == 'a-bX'", "' a '.trim() == 'a'",
    "['a', 'b'].join('-') == 'a-b'", "'%s has %d, %.1f'.format(['x', 2, 1.25]) == 'x has 2, 1.3'",
    "'abc'.matches('^a.c$') && !matches('abc', 'd')", "'a1b22'.find('[0-9]+') == '1'",
    "'a1b22'.findAll('[0-9]+') == ['1', '22']", "[1, 2].sum() == 3 && [2, 1].min() == 1 && [2, 1].max() == 2",
    "[1, 2, 2].isSorted() && ![2, 1].isSorted()", "[1, 2, 1].lastIndexOf(1) == 2", "sets.contains([1, 2], [2])",
    "math.greatest(1, 3, 2) == 3 && math.abs(-2) == 2", "self.?any.?y.orValue(5) == 5", "self.?size.value() == 3",
    "optional.none().hasValue() == false", "[?self.?size, 4] == [3, 4]", "cel.bind(x, self.size, x * x == 9)",
    "quantity('1Gi').isGreaterThan(quantity('1G'))", "quantity('500m').add(quantity('1500m')).asInteger() == 2",
    "isIP('10.0.0.1') && ip('::1').isLoopback() && ip('10.0.0.1').family() == 4",
    "cidr('10.0.0.0/8').containsIP('10.1.2.3') && !cidr('10.0.0.0/8').containsCIDR('11.0.0.0/16')",
    "url('https://example.com:8080/a?b=c').getHost() == 'example.com:8080'",
    "url('https://h/p?b=c').getQuery()['b'] == ['c']",
    "semver('1.2.3-beta').isLessThan(semver('1.2.3'))", "!format.dns1123Label().validate('web').hasValue()",
    "format.dns1123Label().validate('Web').hasValue()", "self == self", "[1, 'a', null] != [1, 'b', null]",
  ]

  @Test(arguments: truths) func holds(_ text: String) throws { #expect(try Self.result(text).isTrue, "\(text)") }

  static let mistakes: [(String, String)] = [
    ("self.nope > 1", "ERROR: <input>:1:5: undefined field 'nope'\n | self.nope > 1\n | ....^"),
    (
      "self.size > 'a'",
      "ERROR: <input>:1:11: found no matching overload for '_>_' applied to '(int, string)'\n | self.size > 'a'\n | ..........^"
    ),
    ("other", "ERROR: <input>:1:1: undeclared reference to 'other' (in container '')\n | other\n | ^"),
    ("self.size >", "ERROR: <input>:1:12: Syntax error: mismatched input '<EOF>'\n | self.size >\n | ...........^"),
    (
      "self.name.nope()",
      "ERROR: <input>:1:15: undeclared reference to 'nope' (in container '')\n | self.name.nope()\n | ..............^"
    ),
  ]

  @Test(arguments: mistakes) func mistakesAreFoundBeforehand(_ text: String, _ message: String) {
    let error = #expect(throws: CompileError.self) {
      try Program(text, variables: ["self": .object(Self.object)])
    }
    #expect(error?.description(in: text) == message)
  }

  static let failures: [(String, String)] = [
    ("1 / 0 == 1", "division by zero"), ("self.any.y == 1", "no such key: y"),
    ("self.tags[9] == ''", "index out of bounds: 9"),
    ("9223372036854775807 + 1 > 0", "integer overflow"),
    ("int('x') == 1", "strconv.ParseInt: parsing \"x\": invalid syntax"),
  ]

  @Test(arguments: failures) func somethingHasNoValue(_ text: String, _ message: String) {
    let error = #expect(throws: EvaluationError.self) { try Self.result(text) }
    #expect(error?.message == message)
  }

  static let texts = SizeTree.list(.plain(most: 64, smallest: 2), most: 100)
  static let sizes = SizeTree.object(
    [
      "tags": texts, "name": .plain(most: 20, smallest: 2), "size": .plain(smallest: 1),
      "labels": .map(.plain(most: 10, smallest: 2), most: 5),
    ], smallest: 2)

  /// What cel-go reckons: a name and a field cost one each, a text a tenth of its bytes, a macro once for each element.
  static let costs: [(String, UInt64)] = [
    ("true", 0), ("self.size == 1", 2), ("self.name == 'web'", 3), ("self.name == self.name", 6),
    ("self.name.contains('gpu')", 4), ("self.name.startsWith('gpu')", 3), ("self.name.matches('a.*b')", 5),
    ("self.tags.all(t, t.contains('gpu'))", 1103), ("self.tags.exists(t, t == 'gpu')", 603),
    ("self.tags.map(t, t).size() > 0", 1315), ("self.tags.filter(t, t == 'a').size() == 1", 1515),
    ("self.tags.all(a, self.tags.all(b, a == b))", 120_603), ("self.labels.all(k, self.labels[k] == 'v')", 43),
    ("has(self.name) && self.size > 1", 4), ("self.size > 1 ? self.name == 'a' : true", 6), ("[1, 2].size() == 2", 12),
    ("self.name + self.name == 'a'", 9), ("'a' in self.tags", 102), ("[1, 2].sum() + [3].max() == 6", 25),
  ]

  @Test(arguments: costs) func whatItMayCostIsKnownBeforehand(_ text: String, _ cost: UInt64) throws {
    let program = try Program(text, variables: ["self": .object(Self.object)])
    #expect(try program.worstCost(["self": Self.sizes]) == cost, "\(text)")
  }

  @Test func whatHasNoBoundCostsTooMuch() throws {
    let program = try Program("'it is ' + string(self.size) == ''", variables: ["self": .object(Self.object)])
    #expect(try program.worstCost(["self": Self.sizes]) > 1_000_000_000)
  }

  @Test func anExpressionCannotRunForLong() throws {
    let many = "[1,2,3,4,5,6,7,8,9,10]"
    let text = "\(many).all(a, \(many).all(b, \(many).all(c, \(many).all(d, \(many).all(e, \(many).all(f, a > 0))))))"
    let program = try Program(text, variables: [:])
    var budget = 10_000
    let error = #expect(throws: EvaluationError.self) { try program.value([:], budget: &budget) }
    #expect(error?.message == Evaluator.exhausted.message)
    #expect(throws: CompileError.self) { try Program(String(repeating: "(", count: 10_000), variables: [:]) }
  }
}
