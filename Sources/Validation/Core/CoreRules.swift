import Objects

extension Validation {
  /// The rest of the core group.
  static let coreRules: [GroupResource: Rule] = [:]
}
