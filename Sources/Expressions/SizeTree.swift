/// How large the values of a place can become, for who reckons beforehand what an expression may cost.
public final class SizeTree: Sendable {
  /// The most elements, entries or bytes there may be; 0 for what has none.
  public let most: UInt64
  /// The bytes that the smallest value takes as JSON.
  public let smallest: UInt64
  /// Of a list's elements or a map's entries.
  public let element: SizeTree?
  /// Of an object, by the names that expressions use.
  public let fields: [String: SizeTree]
  let isMap: Bool

  private init(
    most: UInt64, smallest: UInt64, element: SizeTree? = nil, fields: [String: SizeTree] = [:], isMap: Bool = false
  ) {
    self.most = most
    self.smallest = smallest
    self.element = element
    self.fields = fields
    self.isMap = isMap
  }

  /// - Parameters:
  ///   - most: in bytes.
  ///   - smallest: in bytes of JSON.
  public static func plain(most: UInt64 = 0, smallest: UInt64) -> SizeTree { SizeTree(most: most, smallest: smallest) }

  public static func list(_ element: SizeTree, most: UInt64) -> SizeTree {
    SizeTree(most: most, smallest: 2, element: element)
  }

  public static func map(_ element: SizeTree, most: UInt64) -> SizeTree {
    SizeTree(most: most, smallest: 2, element: element, isMap: true)
  }

  public static func object(_ fields: [String: SizeTree], smallest: UInt64) -> SizeTree {
    SizeTree(most: 0, smallest: smallest, fields: fields)
  }
}

/// A cost or a size that is known between bounds; what is too large to count is the largest number.
struct Span: Equatable, Sendable {
  var least: UInt64
  var most: UInt64

  init(_ least: UInt64, _ most: UInt64) {
    self.least = least
    self.most = most
  }

  init(_ exactly: UInt64) { self.init(exactly, exactly) }

  static let zero = Span(0)
  static let unknown = Span(0, .max)

  static func + (left: Span, right: Span) -> Span {
    Span(left.least.addingOrMost(right.least), left.most.addingOrMost(right.most))
  }

  static func * (left: Span, right: Span) -> Span {
    Span(left.least.timesOrMost(right.least), left.most.timesOrMost(right.most))
  }

  /// Rounded up.
  func times(_ factor: Double) -> Span { Span(Self.times(least, factor), Self.times(most, factor)) }

  private static func times(_ number: UInt64, _ factor: Double) -> UInt64 {
    UInt64(exactly: (Double(number) * factor).rounded(.up)) ?? .max
  }

  func union(_ other: Span) -> Span { Span(min(least, other.least), max(most, other.most)) }
}

extension UInt64 {
  public func timesOrMost(_ other: UInt64) -> UInt64 {
    let (result, overflows) = multipliedReportingOverflow(by: other)
    return overflows ? .max : result
  }

  public func addingOrMost(_ other: UInt64) -> UInt64 {
    let (result, overflows) = addingReportingOverflow(other)
    return overflows ? .max : result
  }
}
