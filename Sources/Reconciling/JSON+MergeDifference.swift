import JSONCore

extension JSON {
  /// The JSON merge patch that makes `new` of `old`; nil when they are equal.
  public static func mergeDifference(from old: JSON, to new: JSON) -> JSON? {
    if old == new { return nil }
    guard let before = old.object, let after = new.object else { return new }
    var patch = Members()
    for (key, _) in before where after[key] == nil { patch[key] = .null }
    for (key, value) in after {
      guard let former = before[key] else {
        patch[key] = value
        continue
      }
      if let difference = mergeDifference(from: former, to: value) { patch[key] = difference }
    }
    return .object(patch)
  }

  /// Writes a number that stands for nothing when it is 0, as most counters of a status do.
  public mutating func setCount(_ key: String, _ value: Int) {
    self[key] = value == 0 ? nil : JSON(value)
  }
}
