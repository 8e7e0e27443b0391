import JSONCore
import Objects
import Reconciling
import Values

/// Removes pods that nobody else can: those of nodes that are gone, those that end before they were placed, those of nodes
/// out of service, and the oldest of very many that have run to their end. Keys are pods and nodes.
public struct PodCollector: Controller {
  public let name = "pod-garbage-collector-controller"
  public let gathering = Duration.seconds(20)

  /// Finished pods beyond this many are removed.
  static let finishedLimit = 12_500
  /// A node may come back, or come to be known, for so long.
  static let quarantine = Duration.seconds(40)
  /// How often finished pods are counted.
  private static let interval = Duration.seconds(20)
  /// How many finished pods one run removes.
  private static let batch = 500
  private static let outOfService = "node.kubernetes.io/out-of-service"
  /// The key under which finished pods are counted.
  private static let finished = Key(.pods, name: "")

  private let missing = Sightings()

  public init() {}

  public var watches: [Watch] {
    [
      Watch(.pods) { change, snapshot in
        if change.kind == .deleted { return [] }
        let pod = PodFacts(change.object)
        let node = Key(.nodes, name: pod.nodeName)
        var keys: [Key] = []
        if pod.isTerminal { keys.append(Self.finished) }
        if !pod.nodeName.isEmpty, snapshot[node] == nil { keys.append(node) }
        if pod.isBeingDeleted { keys.append(pod.key) }
        return keys
      },
      Watch(.nodes) { change, snapshot in
        var keys = change.kind == .modified ? [] : [change.object.key]
        if Self.isOutOfService(change.object) {
          keys += NodeLifecycleController.pods(on: change.object.name, snapshot).map(\.key)
        }
        return keys
      },
    ]
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    if key == Self.finished { return Self.removeOldest(snapshot) }
    if key.resource == .nodes { return orphans(of: key, snapshot, now) }
    guard let object = snapshot[key] else { return .nothing }
    let pod = PodFacts(object)
    guard pod.isBeingDeleted else { return .nothing }
    if pod.nodeName.isEmpty { return Self.remove([pod], announcing: nil, now) }
    guard let node = snapshot[Key(.nodes, name: pod.nodeName)], Self.isOutOfService(node), !NodeTaints.isReady(node)
    else { return .nothing }
    return Self.remove([pod], announcing: nil, now)
  }

  static func isOutOfService(_ node: Object) -> Bool {
    var result = false
    node.spec?.member("taints")?.forEachElement { taint in
      if taint.member("key")?.string == outOfService { result = true }
    }
    return result
  }

  /// The pods of a node that is not there, once it has not been there for a while.
  private func orphans(of node: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    let pods = snapshot[node] == nil ? NodeLifecycleController.pods(on: node.name, snapshot) : []
    if pods.isEmpty {
      missing.forget(node.name)
      return .nothing
    }
    let end = missing.first(node.name, at: now) + Self.quarantine
    if now < end { return Plan([], requeueAfter: end - now) }
    return Self.remove(pods, announcing: "PodGC: node no longer exists", now)
  }

  /// Nobody else will say that they have ended: they have failed.
  private static func remove(_ pods: [PodFacts], announcing message: String?, _ now: Instant) -> Plan {
    var plan = Plan()
    plan.then(
      pods.filter { !$0.isTerminal }.compactMap { pod in
        let json = pod.object.json
        var status = json["status"] ?? .emptyObject
        status["phase"] = "Failed"
        var conditions = Conditions(status)
        if let message {
          conditions.set("DisruptionTarget", "True", reason: "DeletionByPodGC", message: message, at: now)
        }
        conditions.write(to: &status)
        return Action.status(pod.object, from: json["status"], to: status)
      })
    plan.then(pods.map { .delete($0.key, Deletion(uid: $0.uid, gracePeriodSeconds: 0)) })
    return plan
  }

  private static func removeOldest(_ snapshot: Snapshot) -> Plan {
    guard snapshot.count(.pods) > finishedLimit else { return .nothing }
    let pods = snapshot.objects(.pods).map(PodFacts.init).filter(\.isTerminal)
    let excess = pods.count - finishedLimit
    if excess <= 0 { return .nothing }
    let oldest = pods.map { (pod: $0, isEvicted: isEvicted($0)) }.sorted { left, right in
      if left.isEvicted != right.isEvicted { return left.isEvicted }
      return (left.pod.createdAt, left.pod.name) < (right.pod.createdAt, right.pod.name)
    }.prefix(min(excess, batch)).map(\.pod)
    var plan = Plan(oldest.map { .delete($0.key, Deletion(uid: $0.uid, gracePeriodSeconds: 0)) })
    if excess > batch { plan.requeue(after: interval) }
    return plan
  }

  /// Their owners make new ones for them, so they are missed least.
  private static func isEvicted(_ pod: PodFacts) -> Bool {
    pod.phase == "Failed"
      && pod.object.status?.member("reason")?.isString("Evicted") == true
  }
}
