import Objects

extension Validation {
  /// Pods and what makes pods.
  static let workloadRules: [GroupResource: Rule] = [:]
}
