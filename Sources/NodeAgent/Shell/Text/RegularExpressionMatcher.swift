/// Tries one way after another, within a bound of steps for a whole text.
struct RegularExpressionMatcher {
  private static let stepLimit = 20_000
  private static let depthLimit = 1000

  /// What is still to be matched.
  private indirect enum Rest {
    case done
    case nodes(ArraySlice<RegularExpression.Node>, Rest)
    /// Rounds of a group, the last of which began at a place.
    case again(RegularExpression.Node, least: Int, most: Int, from: Int, Rest)
    case close(group: Int, from: Int, Rest)
  }

  private let text: [Character]
  private let ignoresCase: Bool
  private(set) var groups: [Range<Int>?]
  private var steps = 0
  private var depth = 0

  init(_ text: [Character], groupCount: Int, ignoresCase: Bool) {
    self.text = text
    self.ignoresCase = ignoresCase
    groups = Array(repeating: nil, count: groupCount + 1)
  }

  /// Where a match that begins at a place ends.
  mutating func end(of alternatives: [[RegularExpression.Node]], from position: Int) -> Int? {
    groups = groups.map { _ in nil }
    for nodes in alternatives {
      if let end = run(.nodes(nodes[...], .done), position) { return end }
    }
    return nil
  }

  private mutating func run(_ rest: Rest, _ position: Int) -> Int? {
    steps += 1
    depth += 1
    defer { depth -= 1 }
    if steps > Self.stepLimit || depth > Self.depthLimit { return nil }
    switch rest {
    case .done: return position
    case .close(let group, let start, let next):
      let old = groups[group]
      groups[group] = start..<position
      if let end = run(next, position) { return end }
      groups[group] = old
      return nil
    case .again(let node, let least, let most, let from, let next):
      // A round that took nothing would go on for ever.
      if most > 0, position > from {
        let further = Rest.again(node, least: max(0, least - 1), most: most - 1, from: position, next)
        if let end = run(.nodes([node][...], further), position) { return end }
      }
      return least <= 0 || position == from ? run(next, position) : nil
    case .nodes(let nodes, let next):
      guard let node = nodes.first else { return run(next, position) }
      return run(node, .nodes(nodes.dropFirst(), next), position)
    }
  }

  private mutating func run(_ node: RegularExpression.Node, _ rest: Rest, _ position: Int) -> Int? {
    switch node {
    case .start: return position == 0 ? run(rest, position) : nil
    case .end: return position == text.count ? run(rest, position) : nil
    case .edgeOfWord:
      let before = position > 0 && CharacterRanges.isOfWord(text[position - 1])
      let after = position < text.count && CharacterRanges.isOfWord(text[position])
      return before != after ? run(rest, position) : nil
    case .back(let number):
      guard number < groups.count, let range = groups[number], position + range.count <= text.count,
        text[range] == text[position..<position + range.count]
      else { return nil }
      return run(rest, position + range.count)
    case .group(let alternatives, let number):
      for nodes in alternatives {
        if let end = run(.nodes(nodes[...], .close(group: number, from: position, rest)), position) { return end }
      }
      return nil
    case .repeated(let inner, let least, let most) where inner.isSingle:
      var count = 0
      while count < most, position + count < text.count, takes(inner, text[position + count]) { count += 1 }
      steps += count
      while count >= least {
        if let end = run(rest, position + count) { return end }
        count -= 1
      }
      return nil
    case .repeated(let inner, let least, let most):
      return run(.again(inner, least: least, most: most, from: -1, rest), position)
    case .character, .any, .set:
      return position < text.count && takes(node, text[position]) ? run(rest, position + 1) : nil
    }
  }

  private func takes(_ node: RegularExpression.Node, _ character: Character) -> Bool {
    switch node {
    case .any: return true
    case .character(let wanted):
      return character == wanted || ignoresCase && character.lowercased() == wanted.lowercased()
    case .set(let set):
      if !ignoresCase { return set.contains(character) }
      return (character.lowercased() + character.uppercased()).contains(where: set.contains)
    default: return false
    }
  }
}
