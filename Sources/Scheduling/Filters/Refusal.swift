/// Why a node cannot take a pod.
public struct Refusal: Sendable, Hashable {
  /// The words of the message: `Insufficient cpu`.
  public let reason: String
  /// Whether removing pods from the node could change it.
  public let mayPreempt: Bool
  /// The plugin that refused.
  public let filter: String

  init(_ filter: String, _ reason: String, mayPreempt: Bool) {
    self.filter = filter
    self.reason = reason
    self.mayPreempt = mayPreempt
  }
}
