/// A regular expression in the dialect of RE2, which may match anywhere in a text.
///
/// Users write them, in schemas and rules, and others write the texts, so a match takes time in proportion to the text
/// whatever the pattern is: all its states are followed at once, and none is tried twice at one place.
package final class TextPattern: Sendable {
  package let text: String
  /// nil where the expression cannot be read; it then matches nothing.
  private let program: PatternProgram?

  package init(_ text: String) {
    self.text = text
    do { program = try PatternParser.program(text) } catch { program = nil }
  }

  /// Whether the text is a regular expression at all.
  package var isValid: Bool { program != nil }

  package func matches(_ value: String) -> Bool {
    guard let program else { return false }
    return PatternMatcher(program, value).firstEnd(from: 0, isAnyGood: true) != nil
  }

  /// The parts of a text that match, from the left, each as long as the pattern prefers.
  func ranges(in value: String, limit: Int = .max) -> [Range<String.Index>] {
    guard let program else { return [] }
    let matcher = PatternMatcher(program, value)
    let scalars = value.unicodeScalars
    var result: [Range<String.Index>] = []
    var start = 0
    var index = scalars.startIndex
    while start <= matcher.count, result.count < limit {
      guard let end = matcher.end(at: start) else {
        if start < matcher.count { index = scalars.index(after: index) }
        start += 1
        continue
      }
      let upper = scalars.index(index, offsetBy: end - start)
      result.append(index..<upper)
      if end > start {
        (start, index) = (end, upper)
      } else {
        if start < matcher.count { index = scalars.index(after: index) }
        start += 1
      }
    }
    return result
  }
}

/// A pattern as steps of a small machine.
struct PatternProgram: Sendable {
  enum Step: Sendable {
    case scalar(ScalarSet)
    /// The first way is preferred.
    case split(Int, Int)
    case jump(Int)
    case assert(Assertion)
    case match
  }

  enum Assertion: Sendable {
    case textStart, textEnd, lineStart, lineEnd, wordEdge, noWordEdge
  }

  var steps: [Step] = []
}

/// A set of characters, as ranges.
struct ScalarSet: Sendable {
  var ranges: [ClosedRange<UInt32>]
  var isNegated = false

  func contains(_ scalar: UInt32) -> Bool {
    for range in ranges where range.contains(scalar) { return !isNegated }
    return isNegated
  }
}

/// Follows all states of a pattern through a text.
struct PatternMatcher {
  private let steps: [PatternProgram.Step]
  private let text: [UInt32]

  init(_ program: PatternProgram, _ value: String) {
    steps = program.steps
    text = value.unicodeScalars.map(\.value)
  }

  var count: Int { text.count }

  /// Where a match that starts at `start` ends; of several ends the one that the pattern prefers.
  func end(at start: Int) -> Int? { run(from: start, isAnchored: true, isAnyGood: false) }

  /// Whether there is a match at `start` or later: some end of one.
  func firstEnd(from start: Int, isAnyGood: Bool) -> Int? { run(from: start, isAnchored: false, isAnyGood: isAnyGood) }

  private func run(from start: Int, isAnchored: Bool, isAnyGood: Bool) -> Int? {
    var current = Threads(steps.count)
    var next = Threads(steps.count)
    var best: Int?
    var position = start
    while true {
      if best == nil, position == start || !isAnchored { add(0, position, &current) }
      if current.list.isEmpty, isAnchored || position >= text.count { return best }
      next.clear()
      threads: for index in current.list {
        switch steps[index] {
        case .match:
          best = position
          if isAnyGood { return best }
          // What comes behind is preferred less.
          break threads
        case .scalar(let set):
          if position < text.count, set.contains(text[position]) { add(index + 1, position + 1, &next) }
        default: continue
        }
      }
      if position >= text.count { return best }
      swap(&current, &next)
      position += 1
      if current.list.isEmpty, isAnchored || best != nil { return best }
    }
  }

  /// The states that a text is in at one place, in the order of preference, each once.
  private struct Threads {
    var list: [Int] = []
    private var seen: [Bool]

    init(_ count: Int) { seen = Array(repeating: false, count: count) }

    mutating func insert(_ index: Int) -> Bool {
      if seen[index] { return false }
      seen[index] = true
      return true
    }

    mutating func clear() {
      list.removeAll(keepingCapacity: true)
      for index in seen.indices { seen[index] = false }
    }
  }

  private func add(_ start: Int, _ position: Int, _ threads: inout Threads) {
    var open = [start]
    while let index = open.popLast() {
      guard threads.insert(index) else { continue }
      switch steps[index] {
      case .jump(let target): open.append(target)
      case .split(let first, let second):
        open.append(second)
        open.append(first)
      case .assert(let assertion): if holds(assertion, position) { open.append(index + 1) }
      case .scalar, .match: threads.list.append(index)
      }
    }
  }

  private func holds(_ assertion: PatternProgram.Assertion, _ position: Int) -> Bool {
    switch assertion {
    case .textStart: position == 0
    case .textEnd: position == text.count
    case .lineStart: position == 0 || text[position - 1] == 10
    case .lineEnd: position == text.count || text[position] == 10
    case .wordEdge: isWord(position - 1) != isWord(position)
    case .noWordEdge: isWord(position - 1) == isWord(position)
    }
  }

  private func isWord(_ position: Int) -> Bool {
    guard text.indices.contains(position) else { return false }
    return ScalarSet.word.contains(text[position])
  }
}

extension ScalarSet {
  static let digit = ScalarSet(ranges: [48...57])
  static let word = ScalarSet(ranges: [48...57, 65...90, 95...95, 97...122])
  static let space = ScalarSet(ranges: [9...10, 12...13, 32...32])
}
