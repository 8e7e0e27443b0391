import JSONCore
import Objects

/// What reconcilers need of the cluster: its newest state, and somebody who performs their writes.
public protocol Peer: Sendable {
  var snapshot: Snapshot { get }

  /// - Parameter caller: the name of the component, `deployment-controller`.
  /// - Returns: the written object; nil where there is none to show.
  func perform(_ verb: Action.Verb, as caller: String) async throws(Status) -> Object?
}
