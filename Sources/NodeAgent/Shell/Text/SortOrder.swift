/// `sort -t: -k2,2n -r -u`
struct SortOrder {
  private var separator: Character?
  private var field: Int?
  private var lastField: Int?
  private var letters: Set<Character> = []
  private(set) var names: [String] = []

  init(_ arguments: [String]) {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument.hasPrefix("-t") {
        separator = (argument.count > 2 ? String(argument.dropFirst(2)) : rest.popFirst() ?? "").first
      } else if argument.hasPrefix("-k") {
        let key = argument.count > 2 ? String(argument.dropFirst(2)) : rest.popFirst() ?? ""
        let ends = key.split(separator: ",").map { Int($0.prefix { $0.isNumber }) ?? 1 }
        (field, lastField) = (ends.first, ends[safelyAt: 1])
        letters.formUnion(key.filter { "nrgh".contains($0) })
      } else if argument.hasPrefix("-"), argument.count > 1 {
        letters.formUnion(argument.dropFirst())
      } else {
        names.append(argument)
      }
    }
  }

  func sorted(_ lines: [String]) -> [String] {
    let isNumeric = !letters.isDisjoint(with: ["n", "g", "h"])
    let keyed = lines.map { (line: $0, key: key($0)) }
    var sorted = keyed.sorted { left, right in
      if isNumeric {
        let (first, second) = (Self.number(left.key), Self.number(right.key))
        if first != second { return first < second }
      } else if left.key != right.key {
        return letters.contains("f") ? left.key.lowercased() < right.key.lowercased() : left.key < right.key
      }
      return left.line < right.line
    }
    if letters.contains("r") { sorted.reverse() }
    guard letters.contains("u") else { return sorted.map(\.line) }
    return sorted.reduce(into: [(line: String, key: String)]()) { if $0.last?.key != $1.key { $0.append($1) } }.map(
      \.line)
  }

  private func key(_ line: String) -> String {
    guard let field, field > 0 else { return line }
    let fields =
      separator.map { line.split(separator: $0, omittingEmptySubsequences: false) } ?? line.split { $0.isWhitespace }
    let last = min(lastField ?? fields.count, fields.count)
    return field <= last ? fields[(field - 1)..<last].joined(separator: separator.map(String.init) ?? " ") : ""
  }

  /// The number that a text begins with, with its unit: `1.5K`.
  private static func number(_ text: String) -> Double {
    let plain = text.drop { $0.isWhitespace }
    let digits = plain.prefix { $0.isNumber || $0 == "." || $0 == "-" }
    let units: [Character: Double] = ["K": 1e3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12]
    return (Double(digits) ?? 0) * (plain.dropFirst(digits.count).first.flatMap { units[$0] } ?? 1)
  }
}
