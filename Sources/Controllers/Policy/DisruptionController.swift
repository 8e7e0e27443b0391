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
      Watch(.pods) { change, _ in StaleDisruption.mayBeStale(change) ? [change.object.key] : [] },
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
    if key.resource == .pods { return StaleDisruption.plan(object, json, now) }
    guard let selector = try? LabelSelector(json: json.at("spec", "selector")) else { return .nothing }
    let pods = snapshot.objects(.pods, namespace: key.namespace, matching: selector).map(PodFacts.init)
    let reference = Reference(object, json).asInvolved
    var plan = Plan()
    if pods.isEmpty { plan.then([.record(EventNote(reference, "NoPods", "No matching pods found"))]) }
    var status = json["status"] ?? .emptyObject
    var conditions = Conditions(status)
    status["observedGeneration"] = JSON(json.generation)
    func set(_ isAllowed: Bool, _ reason: String, _ message: String = "") {
      conditions.set(
        "DisruptionAllowed", isAllowed ? "True" : "False", reason: reason, at: now,
        extra: [("observedGeneration", JSON(json.generation)), ("message", .string(message))])
      conditions.write(to: &status)
    }
    switch Expectation.of(pods, json["spec"] ?? .emptyObject, snapshot) {
    case .unknown(let message):
      status["disruptionsAllowed"] = 0
      set(false, "SyncFailed", message)
      let text = "Failed to calculate the number of expected pods: \(message)"
      plan.then([.record(EventNote(reference, .warning, "CalculateExpectedPodCountFailed", text))])
    case .known(let expected, let desired, let unmanaged):
      let disrupted = Self.disrupted(status, pods, &plan, key.namespace, now)
      let healthy = pods.count { $0.isReady && !$0.isBeingDeleted && disrupted[$0.name] == nil }
      let allowed = expected == 0 ? 0 : max(0, healthy - desired)
      status["disruptedPods"] = disrupted.isEmpty ? nil : .object(Members(disrupted.map { ($0.key, $0.value) }))
      status["currentHealthy"] = JSON(healthy)
      status["desiredHealthy"] = JSON(desired)
      status["disruptionsAllowed"] = JSON(allowed)
      status["expectedPods"] = JSON(expected)
      set(allowed > 0, allowed > 0 ? "SufficientPods" : "InsufficientPods")
      if unmanaged > 0 { plan.then([.record(Self.unmanagedNote(reference, json.at("spec", "selector")))]) }
    }
    plan.then(Action.status(object, from: json["status"], to: status, isExact: true))
    return plan
  }

  private static func unmanagedNote(_ reference: JSON, _ selector: JSON?) -> EventNote {
    EventNote(
      reference, .warning, "UnmanagedPods",
      "Pods selected by this PodDisruptionBudget (selector: \(GoText.selector(selector))) were found to be "
        + "unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined "
        + "behavior. To account for these pods please set \".spec.minAvailable\" field of the PDB to an integer value.")
  }

  /// Evictions that were granted and whose pods are still there.
  private static func disrupted(
    _ status: JSON, _ pods: [PodFacts], _ plan: inout Plan, _ namespace: String, _ now: Instant
  ) -> [String: JSON] {
    var result: [String: JSON] = [:]
    for (name, time) in status["disruptedPods"]?.object ?? Members() {
      guard let pod = pods.first(where: { $0.name == name }), !pod.isBeingDeleted,
        let since = time.string.flatMap({ Instant(rfc3339: $0) })
      else { continue }
      let left = since + evictionMemory - now
      if left <= .zero {
        // The stock controller names the namespace twice.
        let message = "Pod was expected by PDB \(namespace)/\(namespace) to be deleted but it wasn't"
        let regarding = Reference(pod.object, ["apiVersion": "v1", "kind": "Pod"]).asInvolved
        plan.then([.record(EventNote(regarding, .warning, "NotDeleted", message))])
        continue
      }
      plan.requeue(after: left)
      result[name] = time
    }
    return result
  }
}

/// How many pods there should be, and how many of them must be healthy.
private enum Expectation {
  /// `unmanaged` counts pods without a controller, for which nobody says how many there should be.
  case known(expected: Int, desired: Int, unmanaged: Int)
  case unknown(String)

  static func of(_ pods: [PodFacts], _ spec: JSON, _ snapshot: Snapshot) -> Expectation {
    if let minimum = spec["minAvailable"]?.int, spec["maxUnavailable"] == nil {
      return .known(expected: pods.count, desired: minimum, unmanaged: 0)
    }
    var seen: Set<String> = []
    var expected = 0
    for pod in pods where !pod.controllerUID.isEmpty {
      guard let owner = controller(of: pod, snapshot) else {
        return .unknown("found no controllers for pod \"\(pod.name)\"")
      }
      if !seen.insert(owner.uid).inserted { continue }
      guard let replicas = owner.json.at("spec", "replicas")?.int else {
        return .unknown("\(owner.key.resource) does not implement the scale subresource")
      }
      expected += Int(Int32(clamping: replicas))
    }
    let unmanaged = pods.count(where: \.controllerUID.isEmpty)
    let desired: Int
    if let maximum = spec["maxUnavailable"] {
      desired = max(0, expected - (maximum.resolved(of: expected, roundingUp: true) ?? 0))
    } else {
      desired = spec["minAvailable"]?.resolved(of: expected, roundingUp: true) ?? 0
    }
    return .known(expected: expected, desired: desired, unmanaged: unmanaged)
  }

  /// Who says how many pods of the kind there should be: a Deployment speaks for its ReplicaSets.
  private static func controller(of pod: PodFacts, _ snapshot: Snapshot) -> Object? {
    guard let owner = snapshot.object(uid: pod.controllerUID) else { return nil }
    guard owner.key.resource == .replicaSets else { return owner }
    return owner.owners.compactMap { snapshot.object(uid: $0) }.first { $0.key.resource == .deployments } ?? owner
  }
}
