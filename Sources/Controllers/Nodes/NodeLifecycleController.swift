import JSONCore
import Objects
import Reconciling
import Values

/// Watches over the nodes: one that no longer reports becomes Unknown, and the state of a node shows in its taints.
public struct NodeLifecycleController: Controller {
  public let name = "node-controller"

  /// How long a node may be silent.
  static let grace = Duration.seconds(50)
  /// How long a new node may take for its first word.
  static let startupGrace = Duration.seconds(60)
  static let leaseNamespace = "kube-node-lease"
  private static let watched = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"]

  public init() {}

  public var watches: [Watch] {
    [
      .each(.nodes),
      // Renewals come all the time; only one after a long silence is news.
      Watch(.leases) { change, _ in
        guard change.object.namespace == Self.leaseNamespace else { return [] }
        let before = change.previous.flatMap(Self.renewal)
        let after = Self.renewal(change.object)
        if change.kind == .modified, let before, let after, after - before < .seconds(40) { return [] }
        return [Key(.nodes, name: change.object.name)]
      },
    ]
  }

  static func renewal(_ lease: Object) -> Instant? {
    RawJSON(lease.blob.bytes).member("spec")?.member("renewTime").flatMap { Instant(rfc3339: $0.string) }
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key] else { return Self.removePods(of: key.name, snapshot, now) }
    let json = object.json
    var plan = Plan()
    var conditions = Conditions(json["status"])
    let heard = Self.lastHeard(object, conditions, snapshot)
    let deadline = (heard ?? Self.creation(json)) + (heard == nil ? Self.startupGrace : Self.grace)
    if now > deadline {
      if conditions.status("Ready") != "Unknown" {
        Self.markUnknown(&conditions, hasReported: heard != nil, now)
        var status = json["status"] ?? .emptyObject
        conditions.write(to: &status)
        plan.then(Action.status(object, from: json["status"], to: status))
        plan.then([
          .record(
            EventNote(
              Reference(object, json).asInvolved, "NodeNotReady", "Node \(key.name) status is now: NodeNotReady"))
        ])
        plan.then(Self.markPodsNotReady(on: key.name, snapshot, now))
      }
    } else {
      plan.requeue(after: deadline - now + .seconds(1))
    }
    let isAnyReady = snapshot.objects(.nodes).contains { NodeTaints.isReady($0) }
    if let change = NodeTaints.change(of: json, conditions, evicts: isAnyReady, at: now) {
      plan.then([.patch(key, change)])
    }
    return plan
  }

  private static func creation(_ json: JSON) -> Instant {
    Instant(rfc3339: json["metadata"]?.text("creationTimestamp") ?? "") ?? .epoch
  }

  /// The latest of lease and heartbeats.
  private static func lastHeard(_ node: Object, _ conditions: Conditions, _ snapshot: Snapshot) -> Instant? {
    let lease = snapshot[Key(.leases, namespace: leaseNamespace, name: node.name)].flatMap(renewal)
    let beats = conditions.list.compactMap { Instant(rfc3339: $0.text("lastHeartbeatTime")) }
    return (beats + (lease.map { [$0] } ?? [])).max()
  }

  private static func markUnknown(_ conditions: inout Conditions, hasReported: Bool, _ now: Instant) {
    for type in watched {
      conditions.set(
        type, "Unknown", reason: hasReported ? "NodeStatusUnknown" : "NodeStatusNeverUpdated",
        message: hasReported ? "Kubelet stopped posting node status." : "Kubelet never posted node status.", at: now)
    }
  }

  private static func markPodsNotReady(on node: String, _ snapshot: Snapshot, _ now: Instant) -> [Action] {
    pods(on: node, snapshot).filter(\.isReady).compactMap { pod in
      let json = pod.object.json
      var status = json["status"] ?? .emptyObject
      var conditions = Conditions(status)
      conditions.set("Ready", "False", reason: "NodeNotReady", message: "Node is not ready", at: now)
      conditions.write(to: &status)
      return Action.status(pod.object, from: json["status"], to: status)
    }
  }

  static func pods(on node: String, _ snapshot: Snapshot) -> [PodFacts] {
    snapshot.objects(.pods).map(PodFacts.init).filter { $0.nodeName == node }
  }

  /// The pods of a node that is gone can neither run nor end.
  private static func removePods(of node: String, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    var plan = Plan()
    let pods = pods(on: node, snapshot)
    plan.then(
      pods.filter { !$0.isTerminal }.compactMap { pod in
        let json = pod.object.json
        var status = json["status"] ?? .emptyObject
        status["phase"] = "Failed"
        var conditions = Conditions(status)
        conditions.set(
          "DisruptionTarget", "True", reason: "DeletionByPodGC", message: "PodGC: node no longer exists", at: now)
        conditions.write(to: &status)
        return Action.status(pod.object, from: json["status"], to: status)
      })
    plan.then(pods.map { .delete($0.key, Deletion(uid: $0.uid, gracePeriodSeconds: 0)) })
    return plan
  }
}
