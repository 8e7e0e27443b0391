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
  /// Who owns it: the UIDs in `metadata.ownerReferences`.
  public let owners: [String]
  /// The UID of the owner that says `controller: true`; "" when there is none.
  public let controller: String
  /// Compact JSON with sorted keys, `apiVersion` and `kind` included.
  public let blob: Blob
  let sections: Sections
  private let derived = AtomicLazyReference<Derived>()

  /// Reads what it keeps from the bytes, which must be JSON that we encoded; only the metadata is looked at.
  public init(key: Key, revision: Int64, blob: Blob) {
    var uid = ""
    var labels = Labels([])
    var owners: [String] = []
    var controller = ""
    let sections = Sections(of: blob)
    sections.text(sections.metadata, in: blob)?.forEachMember { name, value in
      if name.isString("labels") {
        labels = Labels(raw: value)
      } else if name.isString("uid") {
        uid = value.string
      } else if name.isString("ownerReferences") {
        value.forEachElement { owner in
          owners.append(owner.member("uid")?.string ?? "")
          if owner.member("controller")?.isTrue == true { controller = owners[owners.count - 1] }
        }
      }
    }
    self.key = key
    self.revision = revision
    self.blob = blob
    self.uid = uid
    self.labels = labels
    self.owners = owners
    self.controller = controller
    self.sections = sections
  }

  /// From one who has the parts at hand.
  init(_ draft: Draft, revision: Int64, blob: Blob, _ sections: Sections) {
    key = draft.key
    self.revision = revision
    self.blob = blob
    uid = draft.uid
    labels = draft.labels
    owners = draft.owners
    controller = draft.controller
    self.sections = sections
  }

  /// The text of `metadata`, found without a look at what comes before it.
  public var metadata: RawJSON? { sections.text(sections.metadata, in: blob) }
  public var spec: RawJSON? { sections.text(sections.spec, in: blob) }
  public var status: RawJSON? { sections.text(sections.status, in: blob) }

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
