import JSONCore

/// One condition on one label; a selector is the conjunction of several.
public struct LabelRequirement: Sendable, Hashable {
  public enum Operator: String, Sendable {
    case equals = "="
    case doubleEquals = "=="
    case notEquals = "!="
    case isIn = "in"
    case notIn = "notin"
    case exists
    case doesNotExist = "!"
    case greaterThan = "gt"
    case lessThan = "lt"
  }

  public let key: String
  public let `operator`: Operator
  /// Sorted, without repetitions.
  public let values: [String]

  /// - Throws: when key, values or their number do not fit the operator.
  public init(_ key: String, _ operator: Operator, _ values: [String] = []) throws(SelectorError) {
    self.key = key
    self.operator = `operator`
    self.values = Self.sortedUnique(values)
    let errors = faults
    if errors.count == 1 { throw SelectorError(errors[0]) }
    if errors.count > 1 { throw SelectorError("[\(errors.joined(separator: ", "))]") }
  }

  /// `key=value` of an object that has passed validation.
  init(checkedKey key: String, value: String) {
    self.key = key
    self.operator = .equals
    self.values = [value]
  }

  public func matches(_ labels: Labels) -> Bool {
    let value = labels[key]
    switch `operator` {
    case .equals, .doubleEquals, .isIn: return value.map(values.contains) ?? false
    case .notEquals, .notIn: return !(value.map(values.contains) ?? false)
    case .exists: return value != nil
    case .doesNotExist: return value == nil
    case .greaterThan, .lessThan:
      guard let number = value.flatMap({ Int64($0) }), let bound = Int64(values[0]) else { return false }
      return `operator` == .greaterThan ? number > bound : number < bound
    }
  }

  /// The masks of which a matching object must have one whole; empty when the labels' mask says nothing.
  var masks: [UInt64] {
    switch `operator` {
    case .equals, .doubleEquals, .isIn: values.map { Labels.mask(key: key, value: $0) }
    default: []
    }
  }

  private var faults: [String] {
    var errors = LabelSyntax.keyErrors(key).isEmpty ? [] : [Self.keyFault(key, path: "key")]
    func values(_ rule: String) -> String { "values: Invalid value: \(JSON(self.values).text): \(rule)" }
    switch `operator` {
    case .isIn, .notIn:
      if self.values.isEmpty { errors.append(values("for 'in', 'notin' operators, values set can't be empty")) }
    case .equals, .doubleEquals, .notEquals:
      if self.values.count != 1 { errors.append(values("exact-match compatibility requires one single value")) }
    case .exists, .doesNotExist:
      if !self.values.isEmpty { errors.append(values("values set must be empty for exists and does not exist")) }
    case .greaterThan, .lessThan:
      if self.values.count != 1 { errors.append(values("for 'Gt', 'Lt' operators, exactly one value is required")) }
      for (index, value) in self.values.enumerated() where Int64(value) == nil {
        errors.append(
          "values[\(index)]: Invalid value: \(Status.quoted(value)): "
            + "for 'Gt', 'Lt' operators, the value must be an integer")
      }
    }
    for (index, value) in self.values.enumerated() {
      let rules = LabelSyntax.valueErrors(value)
      if rules.isEmpty { continue }
      errors.append(
        "values[\(index)][\(key)]: Invalid value: \(Status.quoted(value)): \(rules.joined(separator: "; "))")
    }
    return errors
  }

  static func keyFault(_ key: String, path: String) -> String {
    "\(path): Invalid value: \(Status.quoted(key)): \(LabelSyntax.keyErrors(key).joined(separator: "; "))"
  }

  private static func sortedUnique(_ values: [String]) -> [String] {
    if values.count < 2 { return values }
    return values.sorted().reduce(into: []) { result, value in
      if result.last != value { result.append(value) }
    }
  }
}

extension LabelRequirement: CustomStringConvertible {
  /// `a=b`, `a in (x,y)`, `!a`: as selectors are published in scale statuses.
  public var description: String {
    switch `operator` {
    case .exists: key
    case .doesNotExist: "!\(key)"
    case .greaterThan: "\(key)>\(list)"
    case .lessThan: "\(key)<\(list)"
    case .isIn, .notIn: "\(key) \(`operator`.rawValue) (\(list))"
    case .equals, .doubleEquals, .notEquals: "\(key)\(`operator`.rawValue)\(list)"
    }
  }

  private var list: String { values.joined(separator: ",") }
}
