import JSONCore
import Objects
import Reconciling
import Values

/// Writes into a claim which devices it has, and that a pod uses it.
enum DeviceReservation {
  private static let finalizer = "resource.kubernetes.io/delete-protection"

  /// Keeps a claim from being deleted while it has devices.
  static func protection(_ key: Key, _ snapshot: Snapshot) -> Action? {
    guard let object = snapshot[key] else { return nil }
    let finalizers = object.json.finalizers
    if finalizers.contains(finalizer) { return nil }
    return .patch(key, ["metadata": ["uid": .string(object.uid), "finalizers": JSON(finalizers + [finalizer])]])
  }

  /// Fails when anybody has written since: pods that share a claim must not lose each other's reservation.
  static func reservation(
    _ key: Key, _ allocation: DeviceAllocation?, for pod: PodNeeds, _ snapshot: Snapshot, at now: Instant
  ) -> Action? {
    guard let object = snapshot[key] else { return nil }
    let json = object.json
    var status = json["status"] ?? .emptyObject
    if let allocation { status["allocation"] = allocation.json(at: now) }
    var users = status.list("reservedFor")
    if !users.contains(where: { $0.text("uid") == pod.uid }) {
      users.append(["resource": "pods", "name": .string(pod.key.name), "uid": .string(pod.uid)])
      status["reservedFor"] = .array(users)
    }
    return Action.status(object, from: json["status"], to: status, isExact: true)
  }
}
