/// A POSIX regular expression, basic or extended, as grep and sed take it.
struct RegularExpression {
  indirect enum Node {
    case character(Character)
    case any
    case set(CharacterRanges)
    case start
    case end
    case edgeOfWord
    /// The same text as a group before.
    case back(Int)
    case group([[Node]], number: Int)
    case repeated(Node, least: Int, most: Int)

    /// It takes exactly one character.
    var isSingle: Bool {
      switch self {
      case .character, .any, .set: true
      default: false
      }
    }
  }

  struct Match {
    var range: Range<Int>
    /// What the groups took; 0 is the whole.
    var groups: [Range<Int>?]
  }

  /// The longest pattern, in characters.
  static let lengthLimit = 1000

  let alternatives: [[Node]]
  let groupCount: Int
  let ignoresCase: Bool

  /// nil when it cannot be read.
  init?(_ pattern: String, isExtended: Bool = false, ignoresCase: Bool = false) {
    var parser = RegularExpressionParser(pattern, isExtended: isExtended)
    guard pattern.count <= Self.lengthLimit, let alternatives = parser.whole() else { return nil }
    self.alternatives = alternatives
    self.ignoresCase = ignoresCase
    groupCount = parser.groupCount
  }

  /// The first match from a place on; nil also when looking for it takes too long.
  func firstMatch(in text: [Character], from start: Int = 0) -> Match? {
    var matcher = RegularExpressionMatcher(text, groupCount: groupCount, ignoresCase: ignoresCase)
    for position in start...max(start, text.count) {
      if let end = matcher.end(of: alternatives, from: position) {
        return Match(range: position..<end, groups: [position..<end] + matcher.groups.dropFirst())
      }
    }
    return nil
  }

  func matches(_ text: String) -> Bool { firstMatch(in: Array(text)) != nil }
}

/// `[a-z0-9_]`, `[^[:space:]]`
struct CharacterRanges {
  var ranges: [ClosedRange<Character>] = []
  var classes: [@Sendable (Character) -> Bool] = []
  var isNegated = false

  static let named: [String: @Sendable (Character) -> Bool] = [
    "alpha": { $0.isLetter }, "digit": { $0.isASCII && $0.isNumber }, "alnum": { $0.isLetter || $0.isNumber },
    "space": { $0.isWhitespace }, "blank": { $0 == " " || $0 == "\t" }, "upper": { $0.isUppercase },
    "lower": { $0.isLowercase }, "punct": { $0.isPunctuation || $0.isSymbol }, "xdigit": { $0.isHexDigit },
    "word": { isOfWord($0) },
  ]

  static func isOfWord(_ character: Character) -> Bool { character.isLetter || character.isNumber || character == "_" }

  func contains(_ character: Character) -> Bool {
    (ranges.contains { $0.contains(character) } || classes.contains { $0(character) }) != isNegated
  }
}
