import JSONCore
import Objects
import Reconciling
import Values

/// Deletes what lost its owners, and finishes foreground and orphaning deletions. Any object may be a key.
public struct GarbageCollector: Controller {
  public let name = "generic-garbage-collector"

  private static let foreground = "foregroundDeletion"
  private static let orphan = "orphan"

  public init() {}

  public var watches: [Watch] { [Watch(nil, keys: Self.keys)] }

  private static func keys(_ change: Change, _ snapshot: Snapshot) -> [Key] {
    let object = change.object
    var keys: [Key] = []
    if change.kind == .deleted {
      keys = snapshot.dependents(of: object.uid).map(\.key)
    } else if !object.owners.isEmpty && change.previous?.owners != object.owners || isWaiting(object) {
      // Its owners come and go by themselves; what else changes of it is none of our business.
      keys.append(object.key)
    }
    // An owner that waits for its dependents looks again at each of them that changes.
    for uid in Set(object.owners + (change.previous?.owners ?? [])) {
      if let owner = snapshot.object(uid: uid), isWaiting(owner) { keys.append(owner.key) }
    }
    if change.kind == .modified, isWaiting(object) { keys += snapshot.dependents(of: object.uid).map(\.key) }
    return keys
  }

  /// It is being deleted and keeps a finalizer of ours.
  private static func isWaiting(_ object: Object) -> Bool {
    guard NamespaceController.isBeingDeleted(object),
      let finalizers = RawJSON(object.blob.bytes).member("metadata")?.member("finalizers")
    else { return false }
    var found = false
    finalizers.forEachElement { finalizer in
      found = found || finalizer.isString("foregroundDeletion") || finalizer.isString("orphan")
    }
    return found
  }

  private static func has(_ finalizer: String, _ object: Object) -> Bool {
    object.json.isBeingDeleted && object.json.finalizers.contains(finalizer)
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key] else { return .nothing }
    let json = object.json
    if json.isBeingDeleted {
      if json.finalizers.contains(Self.orphan) { return orphanDependents(of: object, json, snapshot) }
      if json.finalizers.contains(Self.foreground) { return deleteDependents(of: object, json, snapshot) }
      return .nothing
    }
    return object.owners.isEmpty ? .nothing : collect(object, json, snapshot)
  }

  private func orphanDependents(of object: Object, _ json: JSON, _ snapshot: Snapshot) -> Plan {
    var plan = Plan(snapshot.dependents(of: object.uid).map { Self.dropOwners([object.uid], of: $0) })
    plan.then(Self.dropFinalizer(Self.orphan, of: object, json))
    return plan
  }

  private func deleteDependents(of object: Object, _ json: JSON, _ snapshot: Snapshot) -> Plan {
    let dependents = snapshot.dependents(of: object.uid)
    let blocking = dependents.filter { dependent in
      dependent.json["metadata"]?.list("ownerReferences").contains {
        $0.text("uid") == object.uid && $0["blockOwnerDeletion"]?.bool == true
      } ?? false
    }.filter { !Self.waits($0, for: object, snapshot) }
    if blocking.isEmpty { return Plan([Self.dropFinalizer(Self.foreground, of: object, json)]) }
    let actions = dependents.filter { !NamespaceController.isBeingDeleted($0) }.map { dependent in
      let others = dependent.owners.filter { uid in
        uid != object.uid && snapshot.object(uid: uid).map { !Self.has(Self.foreground, $0) } ?? false
      }
      if !others.isEmpty { return Self.dropOwners([object.uid], of: dependent) }
      let isOwner = !snapshot.dependents(of: dependent.uid).isEmpty
      return Action.delete(
        dependent.key, Deletion(uid: dependent.uid, propagation: isOwner ? .foreground : .background))
    }
    return Plan(actions)
  }

  /// Whether the dependent waits in its turn, however indirectly, for the object: none of them would ever be the first.
  private static func waits(_ dependent: Object, for object: Object, _ snapshot: Snapshot) -> Bool {
    var seen: Set<String> = []
    var rest = [dependent]
    while let next = rest.popLast() {
      if next.uid == object.uid { return true }
      guard seen.insert(next.uid).inserted, has(foreground, next) else { continue }
      rest += snapshot.dependents(of: next.uid)
    }
    return false
  }

  private enum Tie { case solid, dangling, waiting }

  /// Deletes an object none of whose owners is left; drops the references to those that are gone.
  private func collect(_ object: Object, _ json: JSON, _ snapshot: Snapshot) -> Plan {
    var ties: [(uid: String, tie: Tie)] = []
    var notes: [Action] = []
    for reference in json["metadata"]?.list("ownerReferences") ?? [] {
      let uid = reference.text("uid")
      guard let owner = snapshot.object(uid: uid), owner.name == reference.text("name") else {
        ties.append((uid, .dangling))
        continue
      }
      if !owner.namespace.isEmpty, owner.namespace != object.namespace {
        ties.append((uid, .dangling))
        notes.append(Self.wrongNamespace(object, json, reference))
      } else {
        ties.append((uid, Self.has(Self.foreground, owner) ? .waiting : .solid))
      }
    }
    let lost = ties.filter { $0.tie != .solid }.map(\.uid)
    if lost.isEmpty { return Plan(notes) }
    if ties.contains(where: { $0.tie == .solid }) { return Plan(notes + [Self.dropOwners(Set(lost), of: object)]) }
    let isWaitedFor = ties.contains { $0.tie == .waiting } && !snapshot.dependents(of: object.uid).isEmpty
    let propagation: Deletion.Propagation =
      json.finalizers.contains(Self.orphan)
      ? .orphan : json.finalizers.contains(Self.foreground) || isWaitedFor ? .foreground : .background
    let deletion = Deletion(uid: object.uid, revision: object.revision, propagation: propagation)
    return Plan(notes + [.delete(object.key, deletion)])
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

  private static func dropOwners(_ uids: Set<String>, of object: Object) -> Action {
    let rest = (object.json["metadata"]?.list("ownerReferences") ?? []).filter { !uids.contains($0.text("uid")) }
    return .patch(
      object.key,
      [
        "metadata": [
          "uid": .string(object.uid), "resourceVersion": .string(String(object.revision)),
          "ownerReferences": rest.isEmpty ? .null : .array(rest),
        ]
      ])
  }

  private static func dropFinalizer(_ finalizer: String, of object: Object, _ json: JSON) -> Action {
    let rest = json.finalizers.filter { $0 != finalizer }
    return .patch(
      object.key,
      [
        "metadata": [
          "uid": .string(object.uid), "resourceVersion": .string(String(object.revision)),
          "finalizers": rest.isEmpty ? .null : JSON(rest),
        ]
      ])
  }
}
