import JSONCore

/// A choice of objects by their labels: all of its requirements must hold.
public struct LabelSelector: Sendable, Hashable {
  /// Sorted by key.
  public let requirements: [LabelRequirement]
  /// True for a selector that no object fits, which is what a missing one often means.
  public let matchesNothing: Bool
  /// The label bits that every matching object has: what a scan tests before it looks at the labels themselves.
  public let requiredMask: UInt64
  /// Where a label may have several values: of each row an object has one mask whole.
  private let alternativeMasks: [[UInt64]]

  public static let everything = LabelSelector(requirements: [])
  public static let nothing = LabelSelector(requirements: [], matchesNothing: true)

  public init(requirements: [LabelRequirement]) { self.init(requirements: requirements, matchesNothing: false) }

  /// The objects that have all these labels; none given means every object.
  public init(labels: [String: String]) {
    self.init(requirements: labels.map { LabelRequirement(checkedKey: $0.key, value: $0.value) })
  }

  private init(requirements: [LabelRequirement], matchesNothing: Bool) {
    // Equal keys keep their order, so that a selector prints as it was written.
    self.requirements = requirements.enumerated()
      .sorted { ($0.element.key, $0.offset) < ($1.element.key, $1.offset) }
      .map(\.element)
    self.matchesNothing = matchesNothing
    let masks = requirements.map(\.masks)
    self.requiredMask = masks.reduce(0) { $1.count == 1 ? $0 | $1[0] : $0 }
    self.alternativeMasks = masks.filter { $0.count > 1 && $0.count <= Self.alternativesLimit }
  }

  /// Beyond so many values the masks are no cheaper than the labels.
  private static let alternativesLimit = 16

  /// Whether it matches every object.
  public var isEmpty: Bool { requirements.isEmpty && !matchesNothing }

  /// Whether an object whose labels have this mask may match; false is certain.
  func mayMatch(_ mask: UInt64) -> Bool {
    mask & requiredMask == requiredMask
      && (alternativeMasks.isEmpty || alternativeMasks.allSatisfy { $0.contains { mask & $0 == $0 } })
  }

  public func matches(_ labels: Labels) -> Bool {
    if matchesNothing || !mayMatch(labels.mask) { return false }
    return requirements.allSatisfy { $0.matches(labels) }
  }
}

extension LabelSelector: CustomStringConvertible {
  /// The canonical text: `app=x,tier in (a,b)`.
  public var description: String { requirements.map(\.description).joined(separator: ",") }
}

extension LabelSelector {
  /// Reads a `metav1.LabelSelector`: nil matches nothing, `{}` everything.
  public init(json: JSON?) throws(SelectorError) {
    guard let json, !json.isNull else {
      self = .nothing
      return
    }
    var requirements: [LabelRequirement] = []
    for (key, value) in json["matchLabels"]?.object ?? Members() {
      requirements.append(try LabelRequirement(key, .equals, [value.string ?? ""]))
    }
    for expression in json.list("matchExpressions") {
      let `operator` = try Self.operator(named: expression.text("operator"))
      let values = expression.list("values").compactMap(\.string)
      requirements.append(try LabelRequirement(expression.text("key"), `operator`, values))
    }
    self.init(requirements: requirements)
  }

  private static func `operator`(named name: String) throws(SelectorError) -> LabelRequirement.Operator {
    switch name {
    case "In": .isIn
    case "NotIn": .notIn
    case "Exists": .exists
    case "DoesNotExist": .doesNotExist
    default: throw SelectorError("\(Status.quoted(name)) is not a valid label selector operator")
    }
  }
}
