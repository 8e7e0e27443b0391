import JSONCore
import Objects
import Reconciling
import Values

/// Sizes workloads by what their pods use (HorizontalPodAutoscaler). Each look is a pure function of the object, the
/// snapshot, the usage, the time, and what earlier looks recommended.
public struct HorizontalController: Controller {
  public let name = "horizontal-pod-autoscaler-controller"
  public let eventSource = "horizontal-pod-autoscaler"

  /// Between two looks, and before the first one.
  static let interval = Duration.seconds(15)

  private let usage: (any UsageSource)?
  private let memory = ScalingMemory()

  /// - Parameter usage: nil where nobody measures pods; the status of every autoscaler then says so.
  public init(usage: (any UsageSource)? = nil) { self.usage = usage }

  public var watches: [Watch] { [.each(.horizontalPodAutoscalers)] }

  /// What changes shortly after a look waits for the next.
  public var gathering: Duration { Self.interval }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key] else {
      memory.forget(key)
      return .nothing
    }
    let json = object.json
    if json.isBeingDeleted { return .nothing }
    let created = Instant(rfc3339: json["metadata"]?.text("creationTimestamp") ?? "") ?? .epoch
    if now < created + Self.interval { return Plan([], requeueAfter: created + Self.interval - now) }
    return memory.update(object) { history in
      var look = ScalingLook(object: object, json: json, usage: usage, snapshot: snapshot, now: now, history: history)
      let plan = look.plan()
      history = look.history
      return plan
    }
  }

  public func recover(_ key: Key, from failure: Failure, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key], case .patch(_, "scale", let patch) = failure.action.verb else { return .nothing }
    let json = object.json
    var status = json["status"] ?? .emptyObject
    var conditions = Conditions(status)
    conditions.set(
      "AbleToScale", "False", reason: "FailedUpdateScale",
      message: "the HPA controller was unable to update the target scale: \(failure.status.message)", at: now)
    conditions.write(to: &status)
    let size = patch.at("spec", "replicas")?.int ?? 0
    let reason = failure.action.event?.message.split(separator: ";").last.map(String.init) ?? ""
    let note = EventNote(
      Reference(object, json).asInvolved, .warning, "FailedRescale",
      "New size: \(size);\(reason); error: \(failure.status.message)")
    return Plan([Action.status(object, from: json["status"], to: status, event: note)].compactMap { $0 })
  }
}
