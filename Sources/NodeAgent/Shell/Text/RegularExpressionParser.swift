/// Reads regular expressions. In basic ones `\(`, `\|`, `\+`, `\?` and `\{` mean what in extended ones stands without `\`.
struct RegularExpressionParser {
  typealias Node = RegularExpression.Node

  private static let depthLimit = 50
  /// The largest number in braces.
  private static let countLimit = 255

  private let characters: [Character]
  private let isExtended: Bool
  private var position = 0
  private var depth = 0
  private(set) var groupCount = 0

  init(_ pattern: String, isExtended: Bool) {
    characters = Array(pattern)
    self.isExtended = isExtended
  }

  mutating func whole() -> [[Node]]? {
    guard let alternatives = alternatives(), position == characters.count else { return nil }
    return alternatives
  }

  private func peek(_ offset: Int = 0) -> Character? { characters[safelyAt: position + offset] }

  /// Takes a sign that means something, written as this sort of expression has it.
  private mutating func take(sign: Character) -> Bool {
    if isExtended, peek() == sign {
      position += 1
      return true
    }
    if !isExtended, peek() == "\\", peek(1) == sign {
      position += 2
      return true
    }
    return false
  }

  private func isAt(sign: Character) -> Bool {
    isExtended ? peek() == sign : peek() == "\\" && peek(1) == sign
  }

  private mutating func alternatives() -> [[Node]]? {
    depth += 1
    defer { depth -= 1 }
    if depth > Self.depthLimit { return nil }
    var result: [[Node]] = []
    repeat {
      guard let nodes = sequence() else { return nil }
      result.append(nodes)
    } while take(sign: "|")
    return result
  }

  private mutating func sequence() -> [Node]? {
    var nodes: [Node] = []
    while position < characters.count, !isAt(sign: "|"), !(depth > 1 && isAt(sign: ")")) {
      guard let atom = atom(isFirst: nodes.isEmpty), let node = repeated(atom) else { return nil }
      nodes.append(node)
    }
    return nodes
  }

  private mutating func atom(isFirst: Bool) -> Node? {
    if take(sign: "(") {
      groupCount += 1
      let number = groupCount
      guard let inner = alternatives(), take(sign: ")") else { return nil }
      return .group(inner, number: number)
    }
    guard let character = peek() else { return nil }
    position += 1
    switch character {
    case ".": return .any
    case "[": return set()
    case "^" where isExtended || isFirst: return .start
    case "$" where isExtended || position == characters.count || isAt(sign: ")") || isAt(sign: "|"): return .end
    case "*" where isFirst: return .character("*")
    case "\\": return escaped()
    default: return .character(character)
    }
  }

  private mutating func escaped() -> Node? {
    guard let character = peek() else { return nil }
    position += 1
    switch character {
    case "n": return .character("\n")
    case "t": return .character("\t")
    case "b", "<", ">": return .edgeOfWord
    case "w", "W": return named("word", isNegated: character == "W")
    case "s", "S": return named("space", isNegated: character == "S")
    case "d", "D": return named("digit", isNegated: character == "D")
    case "1"..."9": return .back(character.wholeNumberValue ?? 0)
    default: return .character(character)
    }
  }

  private func named(_ name: String, isNegated: Bool) -> Node? {
    CharacterRanges.named[name].map { .set(CharacterRanges(classes: [$0], isNegated: isNegated)) }
  }

  /// After `[`, up to and with `]`.
  private mutating func set() -> Node? {
    var set = CharacterRanges()
    if peek() == "^" {
      set.isNegated = true
      position += 1
    }
    var isFirst = true
    while let low = peek(), low != "]" || isFirst {
      isFirst = false
      if low == "[", peek(1) == ":" {
        position += 2
        let name = String(characters[position...].prefix { $0 != ":" })
        position += name.count + 2
        guard let known = CharacterRanges.named[name], position <= characters.count else { return nil }
        set.classes.append(known)
      } else if peek(1) == "-", let high = peek(2), high != "]" {
        position += 3
        if low <= high { set.ranges.append(low...high) }
      } else {
        position += 1
        set.ranges.append(low...low)
      }
    }
    guard peek() == "]" else { return nil }
    position += 1
    return .set(set)
  }

  private mutating func repeated(_ atom: Node) -> Node? {
    var node = atom
    while true {
      if peek() == "*" {
        position += 1
        node = .repeated(node, least: 0, most: .max)
      } else if take(sign: "+") {
        node = .repeated(node, least: 1, most: .max)
      } else if take(sign: "?") {
        node = .repeated(node, least: 0, most: 1)
      } else if isAt(sign: "{"), let bounds = bounds() {
        node = .repeated(node, least: bounds.least, most: bounds.most)
      } else {
        return node
      }
    }
  }

  /// `{2}`, `{2,}`, `{2,5}`; nil when the brace stands for itself.
  private mutating func bounds() -> (least: Int, most: Int)? {
    let start = position
    guard take(sign: "{") else { return nil }
    let text = String(characters[position...].prefix { $0.isNumber || $0 == "," })
    position += text.count
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard take(sign: "}"), let least = parts.first.flatMap({ Int($0) }), parts.count <= 2, least <= Self.countLimit
    else {
      position = start
      return nil
    }
    if parts.count == 1 { return (least, least) }
    let most = parts[1].isEmpty ? Int.max : min(Int(parts[1]) ?? least, Self.countLimit)
    return (least, max(least, most))
  }
}
