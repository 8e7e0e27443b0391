import JSONCore
import Objects
import Reconciling
import Values

/// Keeps the wanted number of pods for each ReplicaSet; with other names, for each ReplicationController.
public struct ReplicaSetController: Controller {
  public let name: String
  private let resource: GroupResource
  private let selector: @Sendable (JSON) -> LabelSelector?

  public static let replicaSets = ReplicaSetController(
    name: "replicaset-controller", resource: .replicaSets, selector: Workload.selector)

  public static let replicationControllers = ReplicaSetController(
    name: "replication-controller", resource: .replicationControllers
  ) {
    guard let labels = $0.at("spec", "selector") else { return nil }
    return try? LabelSelector(json: ["matchLabels": labels])
  }

  private init(
    name: String, resource: GroupResource, selector: @escaping @Sendable (JSON) -> LabelSelector?
  ) {
    self.name = name
    self.resource = resource
    self.selector = selector
  }

  public var watches: [Watch] { Workload.watches(resource, selector: selector) }

  public var gathering: Duration { .milliseconds(10) }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let workload = Workload(key, snapshot, now, selector: selector) else { return .nothing }
    return ReplicaSetRun(workload).plan()
  }

  public func recover(_ key: Key, from failure: Failure, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let workload = Workload(key, snapshot, now, selector: selector) else { return .nothing }
    return ReplicaSetRun(workload).recovery(from: failure)
  }
}

/// One look at one ReplicaSet.
private struct ReplicaSetRun {
  let workload: Workload
  let claim: Claim
  let pods: [PodFacts]
  let active: [PodFacts]

  /// The most pods made or deleted in one run.
  private static let burst = 500

  init(_ workload: Workload) {
    self.workload = workload
    claim = workload.claim(.pods)
    pods = claim.objects.map(PodFacts.init)
    active = pods.filter(\.isActive)
  }

  func plan() -> Plan {
    var plan = Plan(claim.actions)
    let missing = workload.replicas - active.count
    if missing == 0 || workload.json.isBeingDeleted {
      plan.then(workload.writeStatus(status()))
      if let delay = workload.nextAvailability(active) { plan.requeue(after: delay) }
      return plan
    }
    if missing > 0 {
      let pod = PodTemplate.pod(workload.template, owner: workload.reference)
      plan.then(
        Array(repeating: workload.creation(of: pod), count: min(missing, Self.burst)), startsSlowly: true)
    } else {
      let order = PodDeletionOrder(related: related, now: workload.now)
      plan.then(order.victims(of: active, count: min(-missing, Self.burst)).map(workload.deletion))
    }
    // The changes wake this key again; only a status that would stay behind is written now.
    if workload.status["observedGeneration"]?.int != workload.json.generation {
      plan.then(workload.writeStatus(status()))
    }
    return plan
  }

  /// The active pods of all ReplicaSets of the same Deployment.
  private var related: [PodFacts] {
    guard let owner = workload.json.controllerReference?.text("uid") else { return active }
    let snapshot = workload.snapshot
    return snapshot.dependents(of: owner).filter { $0.key.resource == workload.object.key.resource }
      .flatMap { snapshot.dependents(of: $0.uid) }.filter { $0.key.resource == .pods }
      .map(PodFacts.init).filter(\.isActive)
  }

  private func status(failure: (reason: String, message: String)? = nil) -> JSON {
    var status = workload.status
    let template = Labels(workload.template.at("metadata", "labels"))
    status["replicas"] = JSON(active.count)
    status.setCount(
      "fullyLabeledReplicas",
      active.count { pod in template.pairs.allSatisfy { pod.object.labels[$0.key] == $0.value } })
    status.setCount("readyReplicas", active.count { $0.isReady })
    status.setCount("availableReplicas", active.count(where: workload.isAvailable))
    if workload.object.key.resource == .replicaSets {
      status["terminatingReplicas"] = JSON(pods.count { $0.isBeingDeleted && !$0.isTerminal })
    }
    status["observedGeneration"] = JSON(workload.json.generation)
    var conditions = Conditions(status)
    if let failure {
      if conditions["ReplicaFailure"] == nil {
        conditions.set(
          "ReplicaFailure", "True", reason: failure.reason, message: failure.message, at: workload.now)
      }
    } else {
      conditions.remove("ReplicaFailure")
    }
    conditions.write(to: &status)
    return status
  }

  func recovery(from failure: Failure) -> Plan {
    guard let (reason, message) = Workload.explain(failure) else { return .nothing }
    var plan = Plan([.record(workload.warning(reason, message))])
    plan.then(workload.writeStatus(status(failure: (reason, failure.status.message))))
    return plan
  }
}
