/// How many values fell below each of some bounds, and their sum.
public struct Histogram: Sendable {
  /// In rising order; what is beyond the last counts as well.
  public let bounds: [Double]
  /// By the first bound that holds the value; one more than there are bounds.
  public private(set) var counts: [Int]
  public private(set) var sum = 0.0

  public init(bounds: [Double]) { self.init(bounds: bounds, counts: [], sum: 0) }

  /// From counts that were kept elsewhere; missing ones are zero.
  public init(bounds: [Double], counts: [Int], sum: Double) {
    self.bounds = bounds
    self.counts = (0...bounds.count).map { counts.indices.contains($0) ? counts[$0] : 0 }
    self.sum = sum
  }

  /// Bounds that grow by a factor.
  public static func bounds(from first: Double, times factor: Double, count: Int) -> [Double] {
    (0..<count).reduce(into: []) { bounds, _ in bounds.append(bounds.last.map { $0 * factor } ?? first) }
  }

  public var count: Int { counts.reduce(0, +) }

  public mutating func observe(_ value: Double) {
    counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
    sum += value
  }
}
