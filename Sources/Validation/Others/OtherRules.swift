import Objects

extension Validation {
  /// All other groups.
  static let otherRules: [GroupResource: Rule] = [:]
}
