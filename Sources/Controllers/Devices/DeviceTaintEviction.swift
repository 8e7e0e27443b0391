import JSONCore
import Objects
import Reconciling
import Values

/// Drives pods from devices that their driver has tainted with NoExecute, as soon as their claims no longer tolerate it.
/// Keys are resource claims.
public struct DeviceTaintEviction: Controller {
  public let name = "device-taint-eviction-controller"
  public let eventSource = "device-taint-eviction"

  public init() {}

  public var watches: [Watch] {
    [
      Watch(.resourceClaims) { change, _ in change.kind == .deleted ? [] : [change.object.key] },
      Watch(.resourceSlices) { change, snapshot in
        let isTainted = [change.object, change.previous].contains { $0.map { !Self.tainted($0).isEmpty } ?? false }
        return isTainted ? snapshot.objects(.resourceClaims).map(\.key) : []
      },
    ]
  }

  private struct Identity: Hashable {
    let driver: String
    let pool: String
    let device: String
  }

  /// The NoExecute taints of the devices of a slice.
  private static func tainted(_ slice: Object) -> [Identity: [JSON]] {
    guard let spec = slice.spec?.decoded() else { return [:] }
    var result: [Identity: [JSON]] = [:]
    for device in spec.list("devices") {
      let taints = device.list("taints").filter { $0.text("effect") == "NoExecute" }
      if taints.isEmpty { continue }
      let id = Identity(
        driver: spec.text("driver"), pool: spec["pool"]?.text("name") ?? "", device: device.text("name"))
      result[id] = taints
    }
    return result
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let claim = snapshot[key]?.json, let allocation = claim["status"]?["allocation"] else { return .nothing }
    let users = (claim["status"]?.list("reservedFor") ?? []).filter { $0.text("resource") == "pods" }
    guard !users.isEmpty, let deadline = Self.deadline(allocation, snapshot, now) else { return .nothing }
    if deadline > now { return Plan([], requeueAfter: deadline - now) }
    var plan = Plan()
    for user in users {
      guard let pod = snapshot[Key(.pods, namespace: key.namespace, name: user.text("name"))],
        pod.uid == user.text("uid"), PodFacts(pod).isActive
      else { continue }
      plan.append(Self.eviction(pod, pod.json, now))
    }
    return plan
  }

  /// When the pods of a claim must go; nil when they may stay for ever.
  private static func deadline(_ allocation: JSON, _ snapshot: Snapshot, _ now: Instant) -> Instant? {
    let results = (allocation["devices"]?.list("results") ?? []).filter { $0["adminAccess"]?.bool != true }
    if results.isEmpty { return nil }
    var taints: [Identity: [JSON]] = [:]
    for slice in snapshot.objects(.resourceSlices) { taints.merge(tainted(slice)) { $0 + $1 } }
    return results.compactMap { result -> Instant? in
      let id = Identity(driver: result.text("driver"), pool: result.text("pool"), device: result.text("device"))
      return (taints[id] ?? []).compactMap { end(of: $0, result.list("tolerations"), now) }.min()
    }.min()
  }

  /// When a taint is not tolerated any more: at once, after the shortest time that a toleration gives, or never.
  private static func end(of taint: JSON, _ tolerations: [JSON], _ now: Instant) -> Instant? {
    let start = Instant(rfc3339: taint.text("timeAdded")) ?? now
    let fitting = tolerations.filter { TaintEvictionController.tolerates($0, taint) }
    if fitting.isEmpty { return start }
    let seconds = fitting.compactMap { $0["tolerationSeconds"]?.int }.min()
    return seconds.map { start + .seconds(min(max(0, $0), Int(Int32.max))) }
  }

  private static func eviction(_ pod: Object, _ json: JSON, _ now: Instant) -> Plan {
    let involved = Reference(pod, json).asInvolved
    var plan = Plan([.record(EventNote(involved, "DeviceTaintManagerEviction", "Marking for deletion"))])
    var status = json["status"] ?? .emptyObject
    var conditions = Conditions(status)
    conditions.set(
      "DisruptionTarget", "True", reason: "DeletionByDeviceTaintManager",
      message: "Device Taint manager: deleting due to NoExecute taint", at: now)
    conditions.write(to: &status)
    plan.then(Action.status(pod, from: json["status"], to: status))
    plan.then([.delete(pod.key, Deletion(uid: pod.uid))])
    return plan
  }
}
