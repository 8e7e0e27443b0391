/// Parts of values: `${X%.txt}`, `${X/a/b}`, `${X:1:3}`.
extension Shell {
  /// The longest text that is searched for a beginning or an end, in characters.
  private static let cutLimit = 4096
  /// How many characters may be compared for what counts as one step.
  private static let piecePerStep = 64

  /// `%`, `%%`, `#`, `##`: without the end or the beginning that matches, the shortest or the longest.
  mutating func cut(_ text: String, _ operation: String, _ pattern: String) -> String {
    let characters = Array(text.prefix(Self.cutLimit))
    let lengths = operation.count == 1 ? Array(0...characters.count) : Array((0...characters.count).reversed())
    let isEnd = operation.hasPrefix("%")
    // The plain character that every piece has at its inner end, by which most are told apart without a look at the rest.
    let mark = (isEnd ? pattern.first : pattern.last).flatMap { Glob.isSpecial($0) || $0 == "]" ? nil : $0 }
    for length in lengths {
      let piece = isEnd ? characters.suffix(length) : characters.prefix(length)
      if let mark, (isEnd ? piece.first : piece.last) != mark { continue }
      steps += length / Self.piecePerStep
      if Glob.matches(pattern, String(piece)) {
        return String(isEnd ? characters.dropLast(length) : characters.dropFirst(length))
      }
    }
    return text
  }

  /// `${X/PATTERN/TEXT}`: the first that matches, or with two slashes all of them.
  func replaced(_ text: String, _ operand: String, all: Bool) -> String {
    let parts = operand.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let pattern = parts.first, !pattern.isEmpty, text.count <= Self.cutLimit else { return text }
    let replacement = parts.count > 1 ? parts[1] : ""
    if !pattern.contains(where: Glob.isSpecial) {
      return text.replacing(pattern, with: replacement, maxReplacements: all ? .max : 1)
    }
    let characters = Array(text)
    var result = ""
    var position = 0
    var isDone = false
    while position < characters.count {
      // The longest that matches here; patterns are tried on short pieces only.
      let longest = min(characters.count, position + Self.piecePerStep)
      let end =
        isDone
        ? nil
        : stride(from: longest, to: position, by: -1).first { Glob.matches(pattern, String(characters[position..<$0])) }
      if let end {
        result += replacement
        position = end
        isDone = !all
      } else {
        result.append(characters[position])
        position += 1
      }
    }
    return result
  }

  /// `${X:OFFSET:LENGTH}`; negative ones count from the end.
  func piece(_ text: String, _ operand: String) -> String {
    let parts = operand.split(separator: ":", omittingEmptySubsequences: false).map {
      var arithmetic = Arithmetic(String($0), variables: variables)
      return arithmetic.value() ?? 0
    }
    let count = text.count
    let offset = parts.first ?? 0
    let start = offset < 0 ? max(0, count - Int(min(offset.magnitude, UInt(count)))) : min(offset, count)
    guard parts.count > 1 else { return String(text.dropFirst(start)) }
    let length = parts[1] < 0 ? max(0, count - start - Int(min(parts[1].magnitude, UInt(count)))) : parts[1]
    return String(text.dropFirst(start).prefix(length))
  }
}
