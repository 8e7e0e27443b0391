import JSONCore
import Objects
import Reconciling
import Values

/// Deletes what lost its owners, and finishes foreground and orphaning deletions. Any object may be a key.
///
/// A dependent decides about itself, by its owners; an owner that waits only looks whether it still has to.
public struct GarbageCollector: Controller {
  public let name = "generic-garbage-collector"

  private static let foreground = "foregroundDeletion"
  private static let orphan = "orphan"

  public init() {}

  public var watches: [Watch] { [Watch(nil, keys: Self.keys)] }

  private static func keys(_ change: Change, _ snapshot: Snapshot) -> [Key] {
    let object = change.object
    let isWaiting = isWaiting(object)
    let isRetied = change.previous.map { ties($0) != ties(object) } ?? true
    var keys: [Key] = []
    switch change.kind {
    case .deleted: keys = snapshot.dependents(of: object.uid).map(\.key)
    case .added: if isWaiting || !object.owners.isEmpty { keys = [object.key] }
    case .modified:
      if isWaiting || isRetied { keys = [object.key] }
      // Those that it waits for are to know it.
      if isWaiting, change.previous.map({ !Self.isWaiting($0) }) ?? true {
        keys += snapshot.dependents(of: object.uid).map(\.key)
      }
    }
    // What has become of a dependent concerns the owner that waits for it; its other changes do not.
    guard change.kind == .deleted || isRetied || isWaiting else { return keys }
    for uid in Set(object.owners + (change.previous?.owners ?? [])).sorted() {
      if let owner = snapshot.object(uid: uid), Self.isWaiting(owner) { keys.append(owner.key) }
    }
    return keys
  }

  /// The owner references as they are written; nil when there are none.
  private static func ties(_ object: Object) -> String? {
    if object.owners.isEmpty { return nil }
    return object.metadata?.member("ownerReferences").map {
      String(decoding: $0.bytes, as: UTF8.self)
    }
  }

  /// It is being deleted and keeps a finalizer of ours.
  private static func isWaiting(_ object: Object) -> Bool {
    NamespaceController.isBeingDeleted(object) && (has(foreground, object) || has(orphan, object))
  }

  private static func isWaitingForDependents(_ object: Object) -> Bool {
    NamespaceController.isBeingDeleted(object) && has(foreground, object)
  }

  private static func has(_ finalizer: String, _ object: Object) -> Bool {
    var found = false
    object.metadata?.member("finalizers")?.forEachElement {
      found = found || $0.string == finalizer
    }
    return found
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key] else { return .nothing }
    if NamespaceController.isBeingDeleted(object) {
      if Self.has(Self.orphan, object) { return Self.orphanDependents(of: object, snapshot) }
      if Self.has(Self.foreground, object) { return Self.release(object, snapshot) }
      return .nothing
    }
    return object.owners.isEmpty ? .nothing : Self.collect(object, snapshot)
  }

  // MARK: Owners that are being deleted

  private static func orphanDependents(of object: Object, _ snapshot: Snapshot) -> Plan {
    var plan = Plan(snapshot.dependents(of: object.uid).map { dropOwners([object.uid], of: $0) })
    plan.then(dropFinalizer(orphan, of: object))
    return plan
  }

  /// Lets an owner go when nothing blocks it any more.
  private static func release(_ object: Object, _ snapshot: Snapshot) -> Plan {
    let dependents = snapshot.dependents(of: object.uid)
    let blocking = dependents.lazy.filter { blocks($0, object) }
    if blocking.isEmpty { return Plan([dropFinalizer(foreground, of: object)]) }
    if blocking.contains(where: { !isWaitingForDependents($0) }) { return .nothing }
    // All of them wait in their turn. Those that wait for this very object, however indirectly, would wait for ever.
    return Plan(blocking.filter { waits($0, for: object, snapshot) }.map(unblock))
  }

  private static func blocks(_ dependent: Object, _ owner: Object) -> Bool {
    var found = false
    dependent.metadata?.member("ownerReferences")?.forEachElement {
      found = found || $0.member("blockOwnerDeletion")?.isTrue == true && $0.member("uid")?.string == owner.uid
    }
    return found
  }

  private static func waits(_ dependent: Object, for object: Object, _ snapshot: Snapshot) -> Bool {
    var seen: Set<String> = []
    var rest = [dependent]
    while let next = rest.popLast() {
      if next.uid == object.uid { return true }
      guard seen.insert(next.uid).inserted, isWaitingForDependents(next) else { continue }
      rest += snapshot.dependents(of: next.uid)
    }
    return false
  }

  // MARK: Objects with owners

  private enum Tie { case solid, dangling, waiting }

  /// Deletes an object none of whose owners is left; drops the references to those that are gone.
  private static func collect(_ object: Object, _ snapshot: Snapshot) -> Plan {
    let json = object.json
    var ties: [(uid: String, tie: Tie)] = []
    var notes: [Action] = []
    for reference in json["metadata"]?.list("ownerReferences") ?? [] {
      let uid = reference.text("uid")
      if let owner = snapshot.object(uid: uid), Self.isMeant(owner, by: reference) {
        if owner.namespace.isEmpty || owner.namespace == object.namespace {
          ties.append((uid, isWaitingForDependents(owner) ? .waiting : .solid))
        } else {
          ties.append((uid, .dangling))
          notes.append(wrongNamespace(object, json, reference))
        }
      } else {
        // Nobody can say whether an owner of a kind that is not served is there: it counts as if it were.
        ties.append((uid, isServed(reference, snapshot) ? .dangling : .solid))
      }
    }
    let lost = ties.filter { $0.tie != .solid }.map(\.uid)
    if lost.isEmpty { return Plan(notes) }
    if lost.count < ties.count { return Plan(notes + [dropOwners(Set(lost), of: object)]) }
    let isWaitedFor = ties.contains { $0.tie == .waiting } && !snapshot.dependents(of: object.uid).isEmpty
    let propagation: Deletion.Propagation =
      isWaitedFor ? .foreground : has(orphan, object) ? .orphan : has(foreground, object) ? .foreground : .background
    let deletion = Deletion(uid: object.uid, revision: object.revision, propagation: propagation)
    return Plan(notes + [.delete(object.key, deletion)])
  }

  private static func isMeant(_ owner: Object, by reference: JSON) -> Bool {
    owner.name == reference.text("name")
      && RawJSON(owner.blob.bytes).member("kind")?.string == reference.text("kind")
  }

  /// Whether the kind of the reference is one of the built-in groups, or has a definition.
  private static func isServed(_ reference: JSON, _ snapshot: Snapshot) -> Bool {
    guard let slash = reference.text("apiVersion").firstIndex(of: "/") else { return true }
    let group = reference.text("apiVersion")[..<slash]
    if !group.contains(".") || group.hasSuffix(".k8s.io") { return true }
    return snapshot.objects(.customResourceDefinitions).contains { definition in
      let spec = definition.json["spec"] ?? .emptyObject
      return spec.text("group") == group && spec["names"]?.text("kind") == reference.text("kind")
    }
  }

  private static func wrongNamespace(_ object: Object, _ json: JSON, _ reference: JSON) -> Action {
    let shown =
      "[\(reference.text("apiVersion"))/\(reference.text("kind")), namespace: \(object.namespace), "
      + "name: \(reference.text("name")), uid: \(reference.text("uid"))]"
    return .record(
      EventNote(
        Reference(object, json).asInvolved, .warning, "OwnerRefInvalidNamespace",
        "ownerRef \(shown) does not exist in namespace \"\(object.namespace)\""))
  }

  // MARK: Changes

  private static func dropOwners(_ uids: Set<String>, of object: Object) -> Action {
    let rest = (object.json["metadata"]?.list("ownerReferences") ?? []).filter { !uids.contains($0.text("uid")) }
    return patch(object, "ownerReferences", rest)
  }

  /// A cycle would never be the first to go: the dependent stops blocking its owners.
  private static func unblock(_ object: Object) -> Action {
    let owners = (object.json["metadata"]?.list("ownerReferences") ?? []).map { owner in
      var owner = owner
      if owner["blockOwnerDeletion"] != nil { owner["blockOwnerDeletion"] = false }
      return owner
    }
    return patch(object, "ownerReferences", owners)
  }

  private static func dropFinalizer(_ finalizer: String, of object: Object) -> Action {
    patch(object, "finalizers", object.json.finalizers.filter { $0 != finalizer }.map { .string($0) })
  }

  private static func patch(_ object: Object, _ field: String, _ list: [JSON]) -> Action {
    var metadata: JSON = ["uid": .string(object.uid), "resourceVersion": .string(String(object.revision))]
    metadata[field] = list.isEmpty ? .null : .array(list)
    return .patch(object.key, ["metadata": metadata])
  }
}
