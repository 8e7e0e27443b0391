extension JSONPath {
  /// How many filters may stand inside each other: whoever reads or follows the path does so by recursion.
  private static let maximumDepth = 8

  /// - Returns: nil for what is no path.
  public init?(_ text: String) {
    do throws(Failure) { self.init(steps: try Self.steps(text[...], depth: 0)) } catch { return nil }
  }

  private static func steps(_ text: Substring, depth: Int) throws(Failure) -> [Step] {
    guard depth <= maximumDepth else { throw Failure() }
    var rest = text
    // The value itself, which is where every path begins.
    if let first = rest.first, "@$".contains(first) { rest = rest.dropFirst() }
    var steps: [Step] = []
    while let first = rest.first {
      rest = rest.dropFirst()
      switch first {
      case ".":
        if rest.first == "." {
          rest = rest.dropFirst()
          steps.append(.descent)
        }
        if rest.first == "[" { continue }
        let name = try takeName(&rest)
        if !name.isEmpty { steps.append(name == "*" ? .everyField : .field(name)) }
      case "[": steps.append(try bracket(try takeBracket(&rest), depth))
      default: throw Failure()
      }
    }
    return steps
  }

  /// A backslash makes any character part of the name.
  private static func takeName(_ rest: inout Substring) throws(Failure) -> String {
    var name = ""
    while let next = rest.first, !".[], \t".contains(next) {
      rest = rest.dropFirst()
      if next != "\\" {
        name.append(next)
      } else if let escaped = rest.popFirst() {
        name.append(escaped)
      } else {
        throw Failure()
      }
    }
    return name
  }

  /// What stands between the bracket that is open and the one that closes it.
  private static func takeBracket(_ rest: inout Substring) throws(Failure) -> Substring {
    guard let end = position(in: rest, where: { $0 == "]" }) else { throw Failure() }
    defer { rest = rest[rest.index(after: end)...] }
    return rest[..<end]
  }

  /// The first character that `holds` is true of and that stands in no quotes and no brackets.
  private static func position(in text: Substring, where holds: (Character) -> Bool) -> Substring.Index? {
    var quote: Character?
    var depth = 0
    for (index, character) in zip(text.indices, text) {
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "'" || character == "\"" {
        quote = character
      } else if depth == 0, holds(character) {
        return index
      } else if "[(".contains(character) {
        depth += 1
      } else if "])".contains(character) {
        depth -= 1
      }
    }
    return nil
  }

  private static func bracket(_ text: Substring, _ depth: Int) throws(Failure) -> Step {
    if text.hasPrefix("?(") {
      guard text.hasSuffix(")") else { throw Failure() }
      return .filter(try filter(text.dropFirst(2).dropLast(), depth + 1))
    }
    var parts: [Step] = []
    var rest = text
    while let comma = position(in: rest, where: { $0 == "," }) {
      parts.append(try part(rest[..<comma]))
      rest = rest[rest.index(after: comma)...]
    }
    let last = try part(rest)
    return parts.isEmpty ? last : .union(parts + [last])
  }

  private static func part(_ text: Substring) throws(Failure) -> Step {
    let text = trimmed(text)
    if let name = quoted(text) { return .field(name) }
    if text == "*" { return .slice(from: nil, to: nil, stride: 1) }
    let numbers = text.split(separator: ":", omittingEmptySubsequences: false)
    func number(_ place: Int) throws(Failure) -> Int? {
      guard place < numbers.count, !numbers[place].isEmpty else { return nil }
      guard let number = Int(numbers[place]) else { throw Failure() }
      return number
    }
    switch numbers.count {
    case 1:
      guard let index = try number(0) else { throw Failure() }
      return .index(index)
    case 2, 3: return .slice(from: try number(0), to: try number(1), stride: try number(2) ?? 1)
    default: throw Failure()
    }
  }

  private static func filter(_ text: Substring, _ depth: Int) throws(Failure) -> Filter {
    let isSign: (Character) -> Bool = { "=!<>".contains($0) }
    guard let start = position(in: text, where: isSign) else {
      return Filter(left: try operand(text, depth), comparison: nil)
    }
    let sign = text[start...].prefix(while: isSign)
    guard let known = Sign(rawValue: String(sign)) else { throw Failure() }
    return Filter(
      left: try operand(text[..<start], depth),
      comparison: Comparison(sign: known, right: try operand(text[sign.endIndex...], depth)))
  }

  private static func operand(_ text: Substring, _ depth: Int) throws(Failure) -> Operand {
    let text = trimmed(text)
    if let string = quoted(text) { return .literal(.string(string)) }
    if let first = text.first, "@.$".contains(first) { return .path(JSONPath(steps: try steps(text, depth: depth))) }
    switch text {
    case "true": return .literal(true)
    case "false": return .literal(false)
    default:
      if let number = Int64(text) { return .literal(.int(number)) }
      guard let number = Double(text), number.isFinite else { throw Failure() }
      return .literal(.double(number))
    }
  }

  private static func quoted(_ text: Substring) -> String? {
    guard text.count > 1, let quote = text.first, "'\"".contains(quote), text.last == quote else { return nil }
    return String(text.dropFirst().dropLast())
  }

  private static func trimmed(_ text: Substring) -> Substring {
    let start = text.drop { $0 == " " }
    return start.lastIndex { $0 != " " }.map { start[...$0] } ?? ""
  }
}
