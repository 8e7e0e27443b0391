import JSONCore
import Objects
import Values

/// What reconcilers need of the cluster: its newest state, and somebody who performs their writes.
public protocol Peer: Sendable {
  var snapshot: Snapshot { get }

  /// - Parameter caller: the name of the component, `deployment-controller`.
  /// - Returns: the written object; nil where there is none to show.
  func perform(_ verb: Action.Verb, as caller: String) async throws(Status) -> Object?

  /// Sets the time of many leases at once.
  /// - Returns: those that are not there, or not as their holders left them.
  func renew(_ leases: [Key], at now: Instant) async -> [Key]
}
