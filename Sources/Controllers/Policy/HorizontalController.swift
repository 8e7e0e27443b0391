import JSONCore
import Objects
import Reconciling
import Values

/// Keeps what HorizontalPodAutoscalers scale within their bounds. Nothing measures pods here, so what would follow from
/// metrics is not computed, and the status says so.
public struct HorizontalController: Controller {
  public let name = "horizontal-pod-autoscaler"

  private static let interval = Duration.seconds(15)

  public init() {}

  public var watches: [Watch] { [.each(.horizontalPodAutoscalers)] }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key] else { return .nothing }
    let json = object.json
    if json.isBeingDeleted { return .nothing }
    var plan = Plan([], requeueAfter: Self.interval)
    var status = json["status"] ?? .emptyObject
    var conditions = Conditions(status)
    if let target = Self.target(json, key.namespace, snapshot) {
      let current = target.json.at("spec", "replicas")?.int ?? 1
      let wanted = Self.bounded(current, json)
      conditions.set(
        "AbleToScale", "True", reason: "SucceededGetScale",
        message: "the HPA controller was able to get the target's current scale", at: now)
      Self.noteActivity(&conditions, current, json, now)
      status["currentReplicas"] = JSON(current)
      status["desiredReplicas"] = JSON(current == 0 ? 0 : wanted)
      if wanted != current {
        plan.then([.patch(target.key, ["spec": ["replicas": JSON(wanted)]], event: Self.rescaled(object, json, wanted))]
        )
        status["lastScaleTime"] = .string(now.rfc3339)
      }
    } else {
      let message = "the HPA controller was unable to get the target's current scale: not found"
      conditions.set("AbleToScale", "False", reason: "FailedGetScale", message: message, at: now)
      status["desiredReplicas"] = status["desiredReplicas"] ?? 0
    }
    conditions.write(to: &status)
    plan.then(Action.status(object, from: json["status"], to: status))
    return plan
  }

  private static func noteActivity(_ conditions: inout Conditions, _ current: Int, _ json: JSON, _ now: Instant) {
    if current == 0 {
      return conditions.set(
        "ScalingActive", "False", reason: "ScalingDisabled",
        message: "scaling is disabled since the replica count of the target is zero", at: now)
    }
    let metric = json["spec"]?.list("metrics").first?["resource"]?.text("name") ?? "cpu"
    conditions.set(
      "ScalingActive", "False", reason: "FailedGetResourceMetric",
      message: "the HPA was unable to compute the replica count: failed to get \(metric) utilization: unable to get "
        + "metrics for resource \(metric): unable to fetch metrics from resource metrics API: the server could not find "
        + "the requested resource (get pods.metrics.k8s.io)", at: now)
  }

  /// A target without replicas is left alone.
  private static func bounded(_ current: Int, _ json: JSON) -> Int {
    if current == 0 { return 0 }
    let most = json.at("spec", "maxReplicas")?.int ?? current
    let least = json.at("spec", "minReplicas")?.int ?? 1
    return max(min(current, most), min(least, most))
  }

  private static func rescaled(_ object: Object, _ json: JSON, _ size: Int) -> EventNote {
    EventNote(
      Reference(object, json).asInvolved, "SuccessfulRescale",
      "New size: \(size); reason: Current number of replicas outside of the limits of Spec")
  }

  private static func target(_ json: JSON, _ namespace: String, _ snapshot: Snapshot) -> (key: Key, json: JSON)? {
    let reference = json.at("spec", "scaleTargetRef")
    let resources: [String: GroupResource] = [
      "Deployment": .deployments, "ReplicaSet": .replicaSets, "StatefulSet": .statefulSets,
      "ReplicationController": .replicationControllers,
    ]
    guard let resource = resources[reference?.text("kind") ?? ""] else { return nil }
    let key = Key(resource, namespace: namespace, name: reference?.text("name") ?? "")
    return snapshot[key].map { (key, $0.json) }
  }
}
