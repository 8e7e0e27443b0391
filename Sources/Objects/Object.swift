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

  /// The object, decoded; its parts are read when they are asked for.
  public var json: JSON { DecodedObjects.recent.json(of: self) }

  /// Decoded anew.
  fileprivate func decoded() -> JSON {
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

/// What was decoded last. A new state goes through many hands within a moment (scheduler, node, controllers, the next
/// write), and they all look at the same; to keep every object decoded would take several times the memory.
private final class DecodedObjects: Sendable {
  static let recent = DecodedObjects()

  private static let bits = 8
  /// Larger states are not kept: 256 of them would take more than all that is stored, and few look at them twice.
  private static let sizeLimit = 32 << 10

  private struct Entry {
    var object: Object
    var json: JSON
  }

  private let entries = Mutex([Entry?](repeating: nil, count: 1 << bits))

  func json(of object: Object) -> JSON {
    if object.blob.count > Self.sizeLimit { return object.decoded() }
    let place = Self.place(of: object)
    if let known = entries.withLock({ $0[place].flatMap { $0.object === object ? $0.json : nil } }) { return known }
    let entry = Entry(object: object, json: object.decoded())
    // What gives way ends outside of the lock.
    _ = entries.withLock { entries in
      defer { entries[place] = entry }
      return entries[place]
    }
    return entry.json
  }

  /// Each object has one place, by its address.
  private static func place(of object: Object) -> Int {
    let address = UInt64(UInt(bitPattern: Unmanaged.passUnretained(object).toOpaque()))
    return Int((address &* 0x9E37_79B9_7F4A_7C15) >> (64 - UInt64(bits)))
  }
}
