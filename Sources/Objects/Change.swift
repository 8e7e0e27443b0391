/// One step of the cluster's history.
public struct Change: Sendable {
  public enum Kind: Sendable {
    case added, modified, deleted
  }

  public let kind: Kind
  /// The new state; of a deleted object its last state, with the revision of the delete as its resourceVersion.
  public let object: Object
  /// The state before; nil for `added`.
  public let previous: Object?

  public init(_ kind: Kind, _ object: Object, previous: Object? = nil) {
    self.kind = kind
    self.object = object
    self.previous = previous
  }

  public var revision: Int64 { object.revision }
  public var key: Key { object.key }
}
