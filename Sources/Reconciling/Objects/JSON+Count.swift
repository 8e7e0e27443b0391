import JSONCore

extension JSON {
  /// Writes a number that stands for nothing when it is 0, as most counters of a status do.
  public mutating func setCount(_ key: String, _ value: Int) {
    self[key] = value == 0 ? nil : JSON(value)
  }
}
