/// Shell patterns: `*`, `?`, `[abc]`.
enum Glob {
  static func isSpecial(_ character: Character) -> Bool { character == "*" || character == "?" || character == "[" }

  static func matches(_ pattern: String, _ text: String) -> Bool {
    matches(Array(pattern)[...], Array(text)[...])
  }

  /// Goes back to the last star only, which is enough and never slow.
  private static func matches(_ pattern: ArraySlice<Character>, _ text: ArraySlice<Character>) -> Bool {
    var (pattern, text) = (pattern, text)
    var afterStar: ArraySlice<Character>?
    var retry = text
    while let character = text.first {
      if pattern.first == "*" {
        pattern = pattern.dropFirst()
        (afterStar, retry) = (pattern, text)
      } else if let rest = single(pattern, character) {
        (pattern, text) = (rest, text.dropFirst())
      } else if let star = afterStar {
        retry = retry.dropFirst()
        (pattern, text) = (star, retry)
      } else {
        return false
      }
    }
    return pattern.allSatisfy { $0 == "*" }
  }

  /// The pattern after its first element, when that matches the character.
  private static func single(_ pattern: ArraySlice<Character>, _ character: Character) -> ArraySlice<Character>? {
    guard let first = pattern.first else { return nil }
    if first == "?" { return pattern.dropFirst() }
    guard first == "[", let close = pattern.dropFirst(2).firstIndex(of: "]") else {
      return first == character ? pattern.dropFirst() : nil
    }
    var set = pattern[(pattern.startIndex + 1)..<close]
    let isNegated = set.first == "!" || set.first == "^"
    if isNegated { set = set.dropFirst() }
    var isIn = false
    while let low = set.first {
      if set.count >= 3, set[set.startIndex + 1] == "-" {
        if low <= character, character <= set[set.startIndex + 2] { isIn = true }
        set = set.dropFirst(3)
      } else {
        if low == character { isIn = true }
        set = set.dropFirst()
      }
    }
    return isIn != isNegated ? pattern[(close + 1)...] : nil
  }
}

/// `{1..5}` and `{a,b}` in a bare word.
enum Braces {
  private static let limit = 1000

  static func expanded(_ text: String) -> [String] {
    guard let open = text.firstIndex(of: "{"), let close = text[open...].firstIndex(of: "}") else { return [text] }
    let inner = text[text.index(after: open)..<close]
    let (before, after) = (text[..<open], text[text.index(after: close)...])
    let items: [String]
    if inner.contains(",") {
      items = inner.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    } else {
      let ends = inner.components(separatedBy: "..").compactMap { Int($0) }
      guard ends.count == 2 else { return [text] }
      let (difference, isTooLarge) = ends[0].subtractingReportingOverflow(ends[1])
      if isTooLarge || difference.magnitude >= limit { return [text] }
      let numbers = Array(min(ends[0], ends[1])...max(ends[0], ends[1]))
      items = (ends[0] <= ends[1] ? numbers : numbers.reversed()).map(String.init)
    }
    return items.map { before + $0 + after }
  }
}
