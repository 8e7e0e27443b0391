import JSONCore

extension JSON {
  /// An `IntOrString` such as `3` or `25%`, resolved against a total; nil when it is neither.
  public func resolved(of total: Int, roundingUp: Bool) -> Int? {
    if let int { return int }
    guard let text = string, text.hasSuffix("%"), let percent = Int(text.dropLast()) else { return nil }
    let (product, overflow) = percent.multipliedReportingOverflow(by: total)
    if overflow { return nil }
    return roundingUp ? (product + 99) / 100 : product / 100
  }
}
