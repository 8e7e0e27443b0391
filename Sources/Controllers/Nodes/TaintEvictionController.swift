import JSONCore
import Objects
import Reconciling
import Values

/// Drives pods from nodes with NoExecute taints, as soon as they no longer tolerate them. Its keys are nodes.
public struct TaintEvictionController: Controller {
  public let name = "taint-eviction-controller"

  /// Nodes some of whose pods wait for their end.
  private let waiting = Sightings()
  /// Pods, by UID: since when they wait, which taints that people put on do not say.
  private let since = Sightings()

  public init() {}

  public var watches: [Watch] {
    [
      .each(.nodes),
      Watch(.pods) { change, snapshot in
        if change.kind == .deleted { return [] }
        let node = PodFacts(change.object).nodeName
        if node.isEmpty || change.previous.map({ PodFacts($0).nodeName == node }) ?? false { return [] }
        let key = Key(.nodes, name: node)
        return snapshot[key].map(Self.taints)?.isEmpty == false ? [key] : []
      },
    ]
  }

  private static func taints(_ node: Object) -> [JSON] {
    var taints: [JSON] = []
    node.spec?.member("taints")?.forEachElement { taint in
      if taint.member("effect")?.isString("NoExecute") == true, let json = taint.decoded() { taints.append(json) }
    }
    return taints
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let node = snapshot[key] else { return .nothing }
    let taints = Self.taints(node)
    if taints.isEmpty, !waiting.forget(key.name) { return .nothing }
    let pods = NodeLifecycleController.pods(on: key.name, snapshot).filter(\.isActive)
    if taints.isEmpty {
      for pod in pods { since.forget(pod.uid) }
      return Self.pardon(pods)
    }
    var plan = Plan()
    for pod in pods {
      let json = pod.object.json
      guard let deadline = deadline(pod, json, taints, now) else {
        since.forget(pod.uid)
        continue
      }
      if deadline > now {
        plan.requeue(after: deadline - now)
        _ = waiting.first(key.name, at: now)
      } else {
        since.forget(pod.uid)
        plan.append(Self.eviction(pod, json, now))
      }
    }
    return plan
  }

  /// The taint is gone before the pods had to be.
  private static func pardon(_ pods: [PodFacts]) -> Plan {
    Plan(
      pods.filter { pod in
        pod.object.json["spec"]?.list("tolerations").contains { $0["tolerationSeconds"] != nil } ?? false
      }.map { pod in
        let involved = Reference(pod.object, pod.object.json).asInvolved
        return .record(
          EventNote(
            involved, "TaintManagerEviction", "Cancelling deletion of Pod \(pod.key.namespace)/\(pod.name)"))
      })
  }

  /// When the pod must go; nil when it may stay for ever.
  private func deadline(_ pod: PodFacts, _ json: JSON, _ taints: [JSON], _ now: Instant) -> Instant? {
    var shortest: Int?
    var start = Instant.distantFuture
    for taint in taints {
      let fitting = (json["spec"]?.list("tolerations") ?? []).filter { Self.tolerates($0, taint) }
      if fitting.isEmpty { return now }
      start = min(start, Instant(rfc3339: taint.text("timeAdded")) ?? since.first(pod.uid, at: now))
      for seconds in fitting.compactMap({ $0["tolerationSeconds"]?.int }) {
        shortest = min(shortest ?? seconds, seconds)
      }
    }
    return shortest.map { start + .seconds(max(0, $0)) }
  }

  static func tolerates(_ toleration: JSON, _ taint: JSON) -> Bool {
    let effect = toleration.text("effect")
    if !effect.isEmpty && effect != taint.text("effect") { return false }
    let isExists = toleration.text("operator") == "Exists"
    if toleration.text("key").isEmpty { return isExists }
    return toleration.text("key") == taint.text("key") && (isExists || toleration.text("value") == taint.text("value"))
  }

  private static func eviction(_ pod: PodFacts, _ json: JSON, _ now: Instant) -> Plan {
    var status = json["status"] ?? .emptyObject
    var conditions = Conditions(status)
    conditions.set(
      "DisruptionTarget", "True", reason: "DeletionByTaintManager",
      message: "Taint manager: deleting due to NoExecute taint", at: now)
    conditions.write(to: &status)
    var plan = Plan()
    plan.then(Action.status(pod.object, from: json["status"], to: status))
    plan.then([
      .delete(
        pod.key, Deletion(uid: pod.uid),
        event: EventNote(
          Reference(pod.object, json).asInvolved, "TaintManagerEviction",
          "Marking for deletion Pod \(pod.key.namespace)/\(pod.name)"))
    ])
    return plan
  }
}
