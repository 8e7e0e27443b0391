import JSONCore
import Synchronization
import Values

/// A stored object: its encoded bytes, and what of its metadata the store and the selectors need without decoding them.
///
/// The bytes are the body of a GET, an element of a LIST and the object of a watch event, as they are.
public final class Object: Sendable {
  public let key: Key
  public let uid: String
  /// `metadata.resourceVersion`: the revision of the cluster that this state began with.
  public let revision: Int64
  public let labels: Labels
  /// The UIDs in `metadata.ownerReferences`.
  public let owners: [String]
  /// Compact JSON with sorted keys, `apiVersion` and `kind` included.
  public let blob: Blob
  private let derived = AtomicLazyReference<Derived>()

  /// Reads what it keeps from the bytes, which must be JSON that we encoded; only the metadata is looked at.
  public init(key: Key, revision: Int64, blob: Blob) {
    var uid = ""
    var labels = Labels([])
    var owners: [String] = []
    RawJSON(blob.bytes).member("metadata")?.forEachMember { name, value in
      if name.isString("labels") {
        labels = Labels(raw: value)
      } else if name.isString("uid") {
        uid = value.string
      } else if name.isString("ownerReferences") {
        value.forEachElement { owners.append($0.member("uid")?.string ?? "") }
      }
    }
    self.key = key
    self.revision = revision
    self.blob = blob
    self.uid = uid
    self.labels = labels
    self.owners = owners
  }

  /// From one who has the parts at hand.
  init(key: Key, revision: Int64, blob: Blob, uid: String, labels: Labels, owners: [String]) {
    self.key = key
    self.revision = revision
    self.blob = blob
    self.uid = uid
    self.labels = labels
    self.owners = owners
  }

  /// The object, decoded anew at each call; keep it while you work on it. Its parts are read when they are asked for.
  public var json: JSON {
    do { return try JSON.parse(storedObject: blob) } catch {
      preconditionFailure("stored bytes of \(key) are not JSON: \(error)")
    }
  }

  /// What readers of this kind of object ask for again and again, made once from its bytes and shared by all of them.
  /// - Parameter make: must be the same for all objects of the kind.
  public func derived<Facts: Sendable>(_ make: (Object) -> Facts) -> Facts {
    if let facts = derived.load()?.facts as? Facts { return facts }
    let facts = make(self)
    _ = derived.storeIfNil(Derived(facts))
    return facts
  }

  public var namespace: String { key.namespace }
  public var name: String { key.name }
}

private final class Derived: Sendable {
  let facts: any Sendable

  init(_ facts: any Sendable) { self.facts = facts }
}
