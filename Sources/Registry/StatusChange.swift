import JSONCore
import Objects

/// A status as a whole, by one who knows what it was.
public struct StatusChange: Sendable, Equatable {
  public let key: Key
  /// Of the object that is meant; a namesake is left alone.
  public let uid: String
  /// The state that the status was made from.
  public let revision: Int64
  public let old: JSON
  public let new: JSON
  /// Nobody may have written to the object since.
  public let isExact: Bool

  public init(of object: Object, from old: JSON, to new: JSON, isExact: Bool) {
    key = object.key
    uid = object.uid
    revision = object.revision
    self.old = old
    self.new = new
    self.isExact = isExact
  }

  /// The same as a merge patch.
  public var patch: JSON {
    var metadata: JSON = ["uid": .string(uid)]
    if isExact { metadata["resourceVersion"] = .string(String(revision)) }
    return ["metadata": metadata, "status": JSON.mergeDifference(from: old, to: new) ?? .emptyObject]
  }
}
