import JSONCore
import Objects
import Reconciling
import Values

/// Removes pods that nobody else can: those of nodes that are gone, those that end before they were placed, and the oldest
/// of very many that have run to their end.
public struct PodCollector: Controller {
  public let name = "pod-garbage-collector-controller"
  public let gathering = Duration.seconds(20)

  /// Finished pods beyond this many are removed.
  static let finishedLimit = 12_500
  /// A pod may be there before its node is.
  static let patience = Duration.seconds(60)
  /// How many finished pods one run removes.
  private static let batch = 500
  private static let outOfService = "node.kubernetes.io/out-of-service"
  /// The key under which finished pods are counted.
  private static let finished = Key(.pods, name: "")

  public init() {}

  public var watches: [Watch] {
    [
      Watch(.pods) { change, snapshot in
        if change.kind == .deleted { return [] }
        let pod = PodFacts(change.object)
        if pod.isTerminal { return [Self.finished, pod.key] }
        let isLost = !pod.nodeName.isEmpty && snapshot[Key(.nodes, name: pod.nodeName)] == nil
        return isLost || pod.isBeingDeleted ? [pod.key] : []
      },
      Watch(.nodes) { change, snapshot in
        guard change.kind == .deleted || Self.isOutOfService(change.object) else { return [] }
        return NodeLifecycleController.pods(on: change.object.name, snapshot).map(\.key)
      },
    ]
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    if key == Self.finished { return Self.removeOldest(snapshot) }
    guard let object = snapshot[key] else { return .nothing }
    let pod = PodFacts(object)
    if pod.nodeName.isEmpty {
      return pod.isBeingDeleted ? Plan([.delete(key, Deletion(uid: pod.uid, gracePeriodSeconds: 0))]) : .nothing
    }
    guard let node = snapshot[Key(.nodes, name: pod.nodeName)] else {
      let end = pod.createdAt + Self.patience
      if now < end { return Plan([], requeueAfter: end - now) }
      return Self.remove(pod, "PodGC: node no longer exists", now)
    }
    guard pod.isBeingDeleted, Self.isOutOfService(node), !NodeTaints.isReady(node) else { return .nothing }
    return Self.remove(pod, "PodGC: node is out of service", now)
  }

  private static func isOutOfService(_ node: Object) -> Bool {
    var result = false
    RawJSON(node.blob.bytes).member("spec")?.member("taints")?.forEachElement { taint in
      if taint.member("key")?.string == outOfService { result = true }
    }
    return result
  }

  private static func remove(_ pod: PodFacts, _ message: String, _ now: Instant) -> Plan {
    var plan = Plan()
    if !pod.isTerminal {
      let json = pod.object.json
      var status = json["status"] ?? .emptyObject
      status["phase"] = "Failed"
      var conditions = Conditions(status)
      conditions.set("DisruptionTarget", "True", reason: "DeletionByPodGC", message: message, at: now)
      conditions.write(to: &status)
      plan.then(Action.status(pod.object, from: json["status"], to: status))
    }
    plan.then([.delete(pod.key, Deletion(uid: pod.uid, gracePeriodSeconds: 0))])
    return plan
  }

  private static func removeOldest(_ snapshot: Snapshot) -> Plan {
    guard snapshot.count(.pods) > finishedLimit else { return .nothing }
    let pods = snapshot.objects(.pods).map(PodFacts.init).filter(\.isTerminal)
    let excess = pods.count - finishedLimit
    if excess <= 0 { return .nothing }
    let oldest = pods.sorted { ($0.createdAt, $0.name) < ($1.createdAt, $1.name) }.prefix(min(excess, batch))
    var plan = Plan(oldest.map { .delete($0.key, Deletion(uid: $0.uid, gracePeriodSeconds: 0)) })
    if excess > batch { plan.requeue(after: .seconds(20)) }
    return plan
  }
}
