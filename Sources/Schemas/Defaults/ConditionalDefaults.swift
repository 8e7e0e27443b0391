import JSONCore

/// Defaults that depend on the values of other fields.
enum ConditionalDefaults {
  /// Sees an object of its type with its parts already decoded and their defaults set.
  typealias Rule = @Sendable (inout JSON) -> Void

  /// By the published name of the type.
  static let table: [String: Rule] = [:]
}
