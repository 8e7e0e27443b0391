import JSONCore
import Objects

/// Who owns what: a controller keeps the objects that its selector matches, adopts those without an owner and releases
/// its own that no longer match.
public struct Claim: Sendable {
  /// The objects that are the owner's, adopted ones included.
  public private(set) var objects: [Object] = []
  /// The adoptions and releases.
  public private(set) var actions: [Action] = []

  public init(
    of resource: GroupResource, for owner: Reference, isOwnerBeingDeleted: Bool, matching selector: LabelSelector,
    in snapshot: Snapshot
  ) {
    let own = snapshot.dependents(of: owner.uid).filter { $0.key.resource == resource }
    for object in own where object.namespace == owner.namespace && object.controller == owner.uid {
      if selector.matches(object.labels) || isOwnerBeingDeleted {
        objects.append(object)
      } else {
        actions.append(Self.release(object, from: owner))
      }
    }
    if isOwnerBeingDeleted || selector.isEmpty && resource == .pods { return }
    for object in snapshot.objects(resource, namespace: owner.namespace, matching: selector)
    where Self.isAdoptable(object) {
      objects.append(object)
      actions.append(Self.adopt(object, by: owner))
    }
  }

  private static func isAdoptable(_ object: Object) -> Bool {
    object.controller.isEmpty && object.metadata?.member("deletionTimestamp") == nil
  }

  private static func adopt(_ object: Object, by owner: Reference) -> Action {
    let others = object.json["metadata"]?.list("ownerReferences") ?? []
    return .patch(
      object.key,
      ["metadata": ["uid": .string(object.uid), "ownerReferences": .array(others + [owner.asController])]])
  }

  private static func release(_ object: Object, from owner: Reference) -> Action {
    let others = (object.json["metadata"]?.list("ownerReferences") ?? []).filter { $0.text("uid") != owner.uid }
    return .patch(
      object.key,
      ["metadata": ["uid": .string(object.uid), "ownerReferences": others.isEmpty ? .null : .array(others)]])
  }
}
