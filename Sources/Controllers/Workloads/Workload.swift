import JSONCore
import Objects
import Reconciling
import Values

/// An object that keeps others by a selector, at one look: how every reconciliation of such an object begins.
struct Workload {
  let object: Object
  let json: JSON
  let spec: JSON
  let reference: Reference
  let selector: LabelSelector
  let snapshot: Snapshot
  let now: Instant

  /// Nil when the object is gone, or when its selector is not one that could tell its own from others.
  init?(
    _ key: Key, _ snapshot: Snapshot, _ now: Instant, selector: (JSON) -> LabelSelector? = Workload.selector
  ) {
    guard let object = snapshot[key] else { return nil }
    let json = object.json
    guard let selector = selector(json), !selector.isEmpty else { return nil }
    self.object = object
    self.json = json
    self.selector = selector
    self.snapshot = snapshot
    self.now = now
    spec = json["spec"] ?? .emptyObject
    reference = Reference(object, json)
  }

  @Sendable static func selector(_ json: JSON) -> LabelSelector? {
    try? LabelSelector(json: json.at("spec", "selector"))
  }

  /// The watches of a controller of `owner`: the objects themselves, and what they own or could adopt.
  static func watches(
    _ owner: GroupResource, of resource: GroupResource = .pods,
    selector: @escaping @Sendable (JSON) -> LabelSelector? = selector
  ) -> [Watch] {
    [.each(owner), .ownedOrAdoptable(resource, by: owner) { selector($0.json) }]
  }

  func claim(_ resource: GroupResource) -> Claim {
    Claim(of: resource, for: reference, isOwnerBeingDeleted: json.isBeingDeleted, matching: selector, in: snapshot)
  }

  var name: String { object.name }
  var namespace: String { object.namespace }
  var template: JSON { spec["template"] ?? .emptyObject }
  var replicas: Int { max(0, spec["replicas"]?.int ?? 1) }
  var status: JSON { json["status"] ?? .emptyObject }

  func writeStatus(_ status: JSON) -> Action? { Action.status(object, from: json["status"], to: status) }
}

/// When pods count as available.
extension Workload {
  var minReadySeconds: Int { spec["minReadySeconds"]?.int ?? 0 }

  func isAvailable(_ pod: PodFacts) -> Bool { pod.isAvailable(minReadySeconds: minReadySeconds, at: now) }

  /// When the next of the ready pods becomes available, of which no event tells.
  func nextAvailability(_ pods: [PodFacts]) -> Duration? {
    if minReadySeconds == 0 { return nil }
    return pods.filter { $0.isReady && !isAvailable($0) && !$0.isBeingDeleted }
      .compactMap { pod in pod.readySince.map { $0 + .seconds(minReadySeconds) - now } }.min()
  }
}

/// What most controllers of pods do, and say, in the same way.
extension Workload {
  func note(_ reason: String, _ message: String) -> EventNote { EventNote(reference.asInvolved, reason, message) }

  func warning(_ reason: String, _ message: String) -> EventNote {
    EventNote(reference.asInvolved, .warning, reason, message)
  }

  func creation(of pod: JSON) -> Action {
    .create(.pods, pod, event: note("SuccessfulCreate", "Created pod: {name}"))
  }

  func deletion(of pod: PodFacts) -> Action {
    .delete(pod.key, Deletion(uid: pod.uid), event: note("SuccessfulDelete", "Deleted pod: \(pod.name)"))
  }

  /// Reason and message for a pod that could not be made or deleted; nil for a failure of another kind.
  static func explain(_ failure: Failure) -> (reason: String, message: String)? {
    switch failure.action.verb {
    case .create: ("FailedCreate", "Error creating: \(failure.status.message)")
    case .delete: ("FailedDelete", "Error deleting: \(failure.status.message)")
    default: nil
    }
  }
}
