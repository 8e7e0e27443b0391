import JSONCore
import Objects
import Reconciling
import Values

/// Keeps the numbers of PodDisruptionBudgets, by which evictions are judged.
public struct DisruptionController: Controller {
  public let name = "disruption-controller"

  /// An eviction that has not led to a deletion by then is forgotten.
  private static let evictionMemory = Duration.seconds(120)

  public init() {}

  public var watches: [Watch] {
    [
      .each(.podDisruptionBudgets),
      Watch(.pods) { change, snapshot in
        snapshot.objects(.podDisruptionBudgets, namespace: change.object.namespace).filter { budget in
          guard let selector = try? LabelSelector(json: budget.json.at("spec", "selector")) else { return false }
          return selector.matches(change.object.labels)
            || change.previous.map { selector.matches($0.labels) } ?? false
        }.map(\.key)
      },
    ]
  }

  public var gathering: Duration { .milliseconds(20) }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key] else { return .nothing }
    let json = object.json
    guard let selector = try? LabelSelector(json: json.at("spec", "selector")) else { return .nothing }
    let pods = snapshot.objects(.pods, namespace: key.namespace, matching: selector).map(PodFacts.init)
      .filter { !$0.isTerminal }
    let spec = json["spec"] ?? .emptyObject
    let expected = Self.expected(pods, spec, snapshot)
    let desired = Self.desired(expected, spec)
    var plan = Plan()
    var status = json["status"] ?? .emptyObject
    let disrupted = Self.disrupted(status, pods, &plan, now)
    let healthy = pods.count { $0.isReady && !$0.isBeingDeleted && disrupted[$0.name] == nil }
    let allowed = expected == 0 ? 0 : max(0, healthy - desired)
    status["disruptedPods"] = disrupted.isEmpty ? nil : .object(Members(disrupted.map { ($0.key, $0.value) }))
    status["currentHealthy"] = JSON(healthy)
    status["desiredHealthy"] = JSON(desired)
    status["disruptionsAllowed"] = JSON(allowed)
    status["expectedPods"] = JSON(expected)
    status["observedGeneration"] = JSON(json.generation)
    var conditions = Conditions(status)
    let generation: [(String, JSON)] = [("observedGeneration", JSON(json.generation)), ("message", "")]
    conditions.set(
      "DisruptionAllowed", allowed > 0 ? "True" : "False",
      reason: allowed > 0 ? "SufficientPods" : "InsufficientPods", at: now, extra: generation)
    conditions.write(to: &status)
    plan.then(Action.status(object, from: json["status"], to: status, isExact: true))
    return plan
  }

  /// The pods that there should be: what their controllers want, each counted once.
  private static func expected(_ pods: [PodFacts], _ spec: JSON, _ snapshot: Snapshot) -> Int {
    if spec["minAvailable"]?.int != nil { return pods.count }
    var seen: Set<String> = []
    var sum = 0
    for pod in pods {
      var uid = pod.controllerUID
      var owner = snapshot.object(uid: uid)
      // A ReplicaSet speaks for its Deployment.
      if let parent = owner?.owners.first.flatMap({ snapshot.object(uid: $0) }), parent.key.resource == .deployments {
        owner = parent
        uid = parent.uid
      }
      if seen.insert(uid.isEmpty ? pod.uid : uid).inserted {
        sum += owner.map { $0.json.at("spec", "replicas")?.int ?? 1 } ?? 1
      }
    }
    return sum
  }

  private static func desired(_ expected: Int, _ spec: JSON) -> Int {
    if let minimum = spec["minAvailable"] { return minimum.resolved(of: expected, roundingUp: true) ?? 0 }
    guard let maximum = spec["maxUnavailable"]?.resolved(of: expected, roundingUp: true) else { return 0 }
    return max(0, expected - maximum)
  }

  /// Evictions that were granted and whose pods are still there.
  private static func disrupted(
    _ status: JSON, _ pods: [PodFacts], _ plan: inout Plan, _ now: Instant
  ) -> [String: JSON] {
    var result: [String: JSON] = [:]
    for (name, time) in status["disruptedPods"]?.object ?? Members() {
      guard let pod = pods.first(where: { $0.name == name }), !pod.isBeingDeleted,
        let since = time.string.flatMap({ Instant(rfc3339: $0) })
      else { continue }
      let left = since + evictionMemory - now
      if left <= .zero { continue }
      plan.requeue(after: left)
      result[name] = time
    }
    return result
  }
}
