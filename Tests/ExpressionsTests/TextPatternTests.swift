import Testing

@testable import Expressions

/// Regular expressions as RE2 reads them, in time that a text cannot stretch.
@Suite struct TextPatternTests {
  static let matches: [(String, String, Bool)] = [
    ("abc", "xabcx", true), ("^abc$", "xabc", false), ("^a.c$", "abc", true), ("^a.c$", "a\nc", false),
    ("(?s)^a.c$", "a\nc", true), ("^(a|bc)+$", "abca", true), ("^(a|bc)+$", "abb", false), ("^a{2,3}$", "aaa", true),
    ("^a{2,3}$", "aaaa", false), ("^a{2}$", "aa", true), ("^a{2,}$", "aaaaa", true), ("^[a-c]+$", "abcb", true),
    ("^[^a-c]+$", "xyz", true), ("^[^a-c]+$", "xaz", false), (#"^\d+\.\w*$"#, "12.a_9", true), (#"^\D$"#, "1", false),
    ("(?i)^web$", "WeB", true), ("^(?i:we)b$", "WEb", true), ("^(?i:we)b$", "WEB", false),
    (#"\bweb\b"#, "a web b", true),
    (#"\bweb\b"#, "cobweb", false), ("^[[:alpha:]_]+$", "ab_", true), ("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "a-b", true),
    ("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "a-", false), ("^$", "", true), ("", "anything", true), ("^a?$", "", true),
    (#"^[\d.-]+$"#, "1.2-3", true), (#"^\x41\x{42}$"#, "AB", true), (#"^\Qa.b\E$"#, "a.b", true),
    ("^(?P<x>a)$", "a", true),
    ("(?m)^b$", "a\nb\nc", true), (#"^\p{L}+$"#, "Grüße", true), ("^[]a]+$", "]a", true), ("a{,2}", "a{,2}", true),
  ]

  @Test(arguments: matches) func match(_ pattern: String, _ text: String, _ matches: Bool) {
    #expect(TextPattern(pattern).matches(text) == matches)
  }

  @Test(arguments: ["(", "a)", "[a", "a**", "*a", #"\"#, "a{2,1}", "a{1001}", "[z-a]", #"(?=a)"#, #"(a)\1"#, "(?P<>a)"])
  func noPattern(_ text: String) { #expect(!TextPattern(text).isValid) }

  @Test func theFirstAndLongestIsFound() {
    func found(_ pattern: String, _ text: String) -> [String] {
      TextPattern(pattern).ranges(in: text).map { String(text[$0]) }
    }
    #expect(found("[0-9]+", "a1b22c") == ["1", "22"])
    #expect(found("a|ab", "ab") == ["a"])
    #expect(found("a+?", "aaa") == ["a", "a", "a"])
    #expect(found("ä", "xäyä") == ["ä", "ä"])
  }

  @Test func noTextTakesLong() {
    let text = String(repeating: "a", count: 20_000) + "!"
    for pattern in ["^(a+)+$", "^(a|a)*$", "^(.*)*x$", "(a?){50}a{50}b"] {
      #expect(!TextPattern(pattern).matches(text))
    }
    #expect(!TextPattern("((((a{100}){100}){100}){100})").isValid)
  }

  @Test func noExpressionIsTooDeep() {
    for text in [
      "1" + String(repeating: "+1", count: 40_000), "a" + String(repeating: ".a", count: 40_000),
      String(repeating: ".", count: 90_000) + "a", "true" + String(repeating: "||true", count: 15_000),
      String(repeating: "!", count: 90_000) + "true", String(repeating: "1", count: 100_001),
    ] {
      #expect(throws: CompileError.self) { try Program(text, variables: ["a": .dynamic]) }
    }
  }
}
