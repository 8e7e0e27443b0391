import JSONCore

extension JSON {
  /// An `IntOrString` such as `3` or `25%`, resolved against a total; nil when it is neither.
  /// What is out of the range of an `int32` is cut to it, so that sums of a few stay in range.
  public func resolved(of total: Int, roundingUp: Bool) -> Int? {
    if let int { return Int(Int32(clamping: int)) }
    guard let text = string, text.hasSuffix("%"), let percent = Int(text.dropLast()) else { return nil }
    let (product, overflow) = percent.multipliedReportingOverflow(by: total)
    if overflow { return nil }
    let share = product / 100 + (roundingUp && product % 100 > 0 ? 1 : 0)
    return Int(Int32(clamping: share))
  }
}
