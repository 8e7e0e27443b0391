/// Texts that were met already. Most lists are short, and a look at each text costs less than a hash of one.
struct SeenTexts {
  private static let shortest = 32

  private var few: [String] = []
  private var many = Set<String>()

  /// - Returns: whether the text was not met before.
  mutating func insert(_ text: String) -> Bool {
    if few.contains(text) { return false }
    if few.count == Self.shortest { return many.insert(text).inserted }
    few.append(text)
    return true
  }
}
