import JSONCore
import Objects
import Reconciling
import Values

/// Watches over the nodes: one that no longer reports becomes Unknown, and the state of a node shows in its taints.
public struct NodeLifecycleController: Controller {
  public let name = "node-lifecycle-controller"
  public let eventSource = "node-controller"

  /// How long a node may be silent.
  static let grace = Duration.seconds(50)
  /// How long a new node may take for its first word.
  static let startupGrace = Duration.seconds(60)
  static let leaseNamespace = "kube-node-lease"
  private static let watched = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"]
  /// How often a node that is not well is looked at again.
  private static let interval = Duration.seconds(5)
  /// The older label, kept equal to the newer.
  private static let labels = [
    ("kubernetes.io/arch", "beta.kubernetes.io/arch"), ("kubernetes.io/os", "beta.kubernetes.io/os"),
  ]

  private let known = Sightings()
  private let unwell = Sightings()

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
    lease.spec?.member("renewTime").flatMap { Instant(rfc3339: $0.string) }
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key] else { return farewell(key, snapshot) }
    let json = object.json
    var plan = Plan()
    if known.note(key.name, at: now) {
      plan.then([.record(Self.note(Reference(object, json), "RegisteredNode", "Registered Node \(key.name) in"))])
    }
    var conditions = Conditions(json["status"])
    let heard = Self.lastHeard(object, conditions, snapshot)
    let deadline = (heard ?? Self.creation(json)) + (heard == nil ? Self.startupGrace : Self.grace)
    if now <= deadline {
      plan.requeue(after: deadline - now + .seconds(1))
    } else if conditions.status("Ready") != "Unknown" {
      Self.markUnknown(&conditions, hasReported: heard != nil, now)
      var status = json["status"] ?? .emptyObject
      conditions.write(to: &status)
      plan.then(Action.status(object, from: json["status"], to: status))
      // That write wakes this key again, for all that follows from it.
      return plan
    }
    if conditions.isTrue("Ready") {
      unwell.forget(key.name)
    } else if !conditions.status("Ready").isEmpty, unwell.note(key.name, at: now) {
      plan.then([
        .record(
          EventNote(
            Reference(object, json).asInvolved, "NodeNotReady", "Node \(key.name) status is now: NodeNotReady"))
      ])
    }
    plan.append(Self.consequences(object, json, conditions, snapshot, now))
    return plan
  }

  /// What follows for pods and taints.
  private static func consequences(
    _ node: Object, _ json: JSON, _ conditions: Conditions, _ snapshot: Snapshot, _ now: Instant
  ) -> Plan {
    var plan = Plan()
    var evicts = true
    if !conditions.isTrue("Ready"), !conditions.status("Ready").isEmpty {
      plan.then(markPodsNotReady(on: node.name, since: conditions, snapshot, now))
      let time = NodeZones(snapshot).evictionTime(of: node, at: now)
      evicts = time.map { $0 <= now } ?? false
      if !evicts {
        // Many nodes that are down must not keep each other busy.
        let pause = max(interval, .milliseconds(snapshot.count(.nodes) * 10))
        plan.requeue(after: time.map { min($0 - now, pause) } ?? pause)
      }
    }
    if let change = NodeTaints.change(of: json, conditions, evicts: evicts, at: now) {
      plan.then([.patch(node.key, change)])
    }
    plan.then(labelPatch(node))
    return plan
  }

  private static func labelPatch(_ node: Object) -> Action? {
    var labels = JSON.emptyObject
    for (newer, older) in Self.labels {
      if let value = node.labels[newer], node.labels[older] != value { labels[older] = .string(value) }
    }
    return labels == .emptyObject ? nil : .patch(node.key, ["metadata": ["labels": labels]])
  }

  private func farewell(_ key: Key, _ snapshot: Snapshot) -> Plan {
    unwell.forget(key.name)
    guard known.forget(key.name) else { return .nothing }
    let node: JSON = ["apiVersion": "v1", "kind": "Node"]
    let reference = Reference(node, key: key, uid: key.name)
    return Plan([.record(Self.note(reference, "RemovingNode", "Removing Node \(key.name) from"))])
  }

  private static func note(_ node: Reference, _ reason: String, _ text: String) -> EventNote {
    EventNote(node.asInvolved, reason, "Node \(node.name) event: \(text) Controller")
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

  /// Pods that were ready when their node ceased to be are so no more; what the node says of them later is its word.
  private static func markPodsNotReady(
    on node: String, since nodeConditions: Conditions, _ snapshot: Snapshot, _ now: Instant
  ) -> [Action] {
    let change = Instant(rfc3339: nodeConditions["Ready"]?.text("lastTransitionTime") ?? "") ?? now
    return pods(on: node, snapshot).filter { $0.isReady && ($0.readySince ?? .epoch) <= change }.compactMap { pod in
      let json = pod.object.json
      var status = json["status"] ?? .emptyObject
      var conditions = Conditions(status)
      // Why it is so stands in the event; what the kubelet said of the pod stays.
      let before = conditions["Ready"]
      conditions.set(
        "Ready", "False", reason: before?.text("reason") ?? "", message: before?.text("message") ?? "", at: now)
      conditions.write(to: &status)
      let note = EventNote(
        Reference(pod.object, json).asInvolved, .warning, "NodeNotReady", "Node is not ready")
      return Action.status(pod.object, from: json["status"], to: status, event: note)
    }
  }

  static func pods(on node: String, _ snapshot: Snapshot) -> [PodFacts] {
    snapshot.objects(.pods).map(PodFacts.init).filter { $0.nodeName == node }
  }
}
