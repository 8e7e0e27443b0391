import JSONCore
import Objects
import Reconciling
import Values

/// A pod that was announced to be disrupted and is still there: the announcement is taken back.
enum StaleDisruption {
  /// Who announced it has so long to delete the pod.
  static let patience = Duration.seconds(120)

  /// Whether a change of a pod is worth a look; most pods are never announced.
  static func mayBeStale(_ change: Change) -> Bool {
    change.kind != .deleted && announcement(PodFacts(change.object)) != nil
  }

  static func plan(_ object: Object, _ json: JSON, _ now: Instant) -> Plan {
    guard let since = announcement(PodFacts(object)) else { return .nothing }
    if now < since + patience { return Plan([], requeueAfter: since + patience - now) }
    var status = json["status"] ?? .emptyObject
    var conditions = Conditions(status)
    conditions.set("DisruptionTarget", "False", at: now)
    conditions.write(to: &status)
    return Plan(Action.status(object, from: json["status"], to: status).map { [$0] } ?? [])
  }

  /// When the pod was announced; nil for those that are on their way, over, or announced by their kubelet, which may take
  /// as long as it likes.
  private static func announcement(_ pod: PodFacts) -> Instant? {
    pod.isBeingDeleted || pod.isTerminal ? nil : pod.disruptedSince
  }
}
