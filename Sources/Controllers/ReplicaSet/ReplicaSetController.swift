import JSONCore
import Objects
import Reconciling
import Values

/// Keeps the wanted number of pods for each ReplicaSet; with other names, for each ReplicationController.
public struct ReplicaSetController: Controller {
  public let name: String
  private let resource: GroupResource
  private let selector: @Sendable (JSON) -> LabelSelector?

  /// The most pods made or deleted in one run.
  private static let burst = 500

  public static let replicaSets = ReplicaSetController(name: "replicaset-controller", resource: .replicaSets) {
    try? LabelSelector(json: $0.at("spec", "selector"))
  }

  public static let replicationControllers = ReplicaSetController(
    name: "replication-controller", resource: .replicationControllers
  ) {
    guard let labels = $0.at("spec", "selector"), labels.object?.isEmpty == false else { return nil }
    return try? LabelSelector(json: ["matchLabels": labels])
  }

  private init(
    name: String, resource: GroupResource, selector: @escaping @Sendable (JSON) -> LabelSelector?
  ) {
    self.name = name
    self.resource = resource
    self.selector = selector
  }

  public var watches: [Watch] {
    [
      .each(resource),
      .ownedOrAdoptable(.pods, by: resource) { [selector] in selector($0.json) },
    ]
  }

  public var gathering: Duration { .milliseconds(10) }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key], let run = Run(self, object, snapshot, now) else { return .nothing }
    return run.plan()
  }

  public func recover(_ key: Key, from failure: Failure, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key], let run = Run(self, object, snapshot, now) else { return .nothing }
    return run.recovery(from: failure)
  }

  /// One look at one ReplicaSet.
  private struct Run {
    let object: Object
    let json: JSON
    let reference: Reference
    let selector: LabelSelector
    let claim: Claim
    let pods: [PodFacts]
    let wanted: Int
    let minReadySeconds: Int
    let snapshot: Snapshot
    let now: Instant

    init?(_ controller: ReplicaSetController, _ object: Object, _ snapshot: Snapshot, _ now: Instant) {
      let json = object.json
      guard let selector = controller.selector(json) else { return nil }
      self.object = object
      self.json = json
      self.selector = selector
      self.snapshot = snapshot
      self.now = now
      reference = Reference(object, json)
      claim = Claim(
        of: .pods, for: reference, isOwnerBeingDeleted: json.isBeingDeleted, matching: selector, in: snapshot)
      pods = claim.objects.map(PodFacts.init)
      wanted = json.at("spec", "replicas")?.int ?? 1
      minReadySeconds = json.at("spec", "minReadySeconds")?.int ?? 0
    }

    var active: [PodFacts] { pods.filter(\.isActive) }

    func plan() -> Plan {
      var plan = Plan(claim.actions)
      let active = self.active
      if !json.isBeingDeleted, active.count != wanted {
        if active.count < wanted {
          plan.then(creations(min(wanted - active.count, burst)), startsSlowly: true)
        } else {
          plan.then(deletions(active, min(active.count - wanted, burst)))
        }
        // The changes wake this key again; only a status that would stay behind is written now.
        if plan.isEmpty || json.at("status", "observedGeneration")?.int != json.generation {
          plan.then(Action.status(object, from: json["status"], to: status(active)))
        }
        return plan
      }
      plan.then(Action.status(object, from: json["status"], to: status(active)))
      if let delay = nextAvailability(active) { plan.requeue(after: delay) }
      return plan
    }

    private func creations(_ count: Int) -> [Action] {
      let pod = PodTemplate.pod(json.at("spec", "template") ?? .emptyObject, owner: reference)
      let event = EventNote(reference.asInvolved, "SuccessfulCreate", "Created pod: {name}")
      return Array(repeating: Action.create(.pods, pod, event: event), count: count)
    }

    private func deletions(_ active: [PodFacts], _ count: Int) -> [Action] {
      PodDeletionOrder(related: related(active), now: now).victims(of: active, count: count).map { pod in
        .delete(
          pod.key, Deletion(uid: pod.uid),
          event: EventNote(reference.asInvolved, "SuccessfulDelete", "Deleted pod: \(pod.name)"))
      }
    }

    /// The active pods of all ReplicaSets of the same Deployment.
    private func related(_ own: [PodFacts]) -> [PodFacts] {
      guard let owner = json.controllerReference?.text("uid") else { return own }
      return snapshot.dependents(of: owner).filter { $0.key.resource == object.key.resource }
        .flatMap { snapshot.dependents(of: $0.uid) }.filter { $0.key.resource == .pods }
        .map(PodFacts.init).filter(\.isActive)
    }

    private func status(_ active: [PodFacts], failure: (reason: String, message: String)? = nil) -> JSON {
      var status = json["status"] ?? .emptyObject
      let template = Labels(json.at("spec", "template", "metadata", "labels"))
      let labelled = active.filter { pod in
        template.pairs.allSatisfy { pod.object.labels[$0.key] == $0.value }
      }
      status["replicas"] = JSON(active.count)
      status.setCount("fullyLabeledReplicas", labelled.count)
      status.setCount("readyReplicas", active.count { $0.isReady })
      status.setCount(
        "availableReplicas", active.count { $0.isAvailable(minReadySeconds: minReadySeconds, at: now) })
      if object.key.resource == .replicaSets {
        status["terminatingReplicas"] = JSON(pods.count { $0.isBeingDeleted && !$0.isTerminal })
      }
      status["observedGeneration"] = JSON(json.generation)
      var conditions = Conditions(status)
      if let failure {
        if conditions["ReplicaFailure"] == nil {
          conditions.set("ReplicaFailure", "True", reason: failure.reason, message: failure.message, at: now)
        }
      } else {
        conditions.remove("ReplicaFailure")
      }
      conditions.write(to: &status)
      return status
    }

    /// When the next ready pod becomes available.
    private func nextAvailability(_ active: [PodFacts]) -> Duration? {
      if minReadySeconds == 0 { return nil }
      return active.filter { $0.isReady && !$0.isAvailable(minReadySeconds: minReadySeconds, at: now) }
        .compactMap { pod in pod.readySince.map { $0 + .seconds(minReadySeconds) - now } }.min()
    }

    func recovery(from failure: Failure) -> Plan {
      let isCreation = if case .create = failure.action.verb { true } else { false }
      let verb = isCreation ? "creating" : "deleting"
      let reason = isCreation ? "FailedCreate" : "FailedDelete"
      let message = failure.status.message
      var plan = Plan([.record(EventNote(reference.asInvolved, .warning, reason, "Error \(verb): \(message)"))])
      plan.then(Action.status(object, from: json["status"], to: status(active, failure: (reason, message))))
      return plan
    }
  }
}
