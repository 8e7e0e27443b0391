import JSONCore
import Objects
import Reconciling
import Values

/// Deletes finished Jobs when their time to live is over.
public struct FinishedJobController: Controller {
  public let name = "ttl-after-finished-controller"

  public init() {}

  public var watches: [Watch] { [.each(.jobs)] }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key] else { return .nothing }
    let json = object.json
    let conditions = Conditions(json["status"])
    guard !json.isBeingDeleted, let seconds = json.at("spec", "ttlSecondsAfterFinished")?.int,
      let end = [conditions["Complete"], conditions["Failed"]].compactMap({ $0 }).first(where: {
        $0.text("status") == "True"
      }),
      let finished = Instant(rfc3339: end.text("lastTransitionTime"))
    else { return .nothing }
    let left = finished + .seconds(seconds) - now
    if left > .zero { return Plan([], requeueAfter: left) }
    return Plan([.delete(key, Deletion(uid: object.uid, propagation: .foreground))])
  }
}
