import JSONCore
import Objects
import Reconciling
import Values

/// Rolls Deployments out by scaling ReplicaSets, one for each pod template.
public struct DeploymentController: Controller {
  public let name = "deployment-controller"

  public init() {}

  public var watches: [Watch] {
    Workload.watches(.deployments, of: .replicaSets) + [
      // The Recreate strategy waits for pods to be gone.
      Watch(.pods) { change, snapshot in
        guard change.kind == .deleted else { return [] }
        return change.object.owners.compactMap { snapshot.object(uid: $0) }
          .filter { $0.key.resource == .replicaSets }
          .flatMap { $0.owners.compactMap { snapshot.object(uid: $0)?.key } }
          .filter { $0.resource == .deployments }
      }
    ]
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let workload = Workload(key, snapshot, now) else { return .nothing }
    var rollout = Rollout(workload)
    rollout.run()
    return rollout.plan
  }

  public func recover(_ key: Key, from failure: Failure, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard case .create(.replicaSets, let replicaSet) = failure.action.verb,
      let workload = Workload(key, snapshot, now)
    else { return .nothing }
    var rollout = Rollout(workload)
    let name = replicaSet["metadata"]?.text("name") ?? ""
    let message = "Failed to create new replica set \"\(name)\": \(failure.status.message)"
    rollout.conditions.replaceProgressing("False", "ReplicaSetCreateError", message, at: now)
    var plan = Plan([.record(workload.warning("ReplicaSetCreateError", message))])
    plan.then(rollout.statusAction(rollout.status()))
    return plan
  }
}

/// One look at one Deployment: what there is, and what is decided so far.
struct Rollout {
  let workload: Workload
  let surge: Int
  let unavailable: Int
  let isRecreate: Bool
  let claim: Claim

  /// The ReplicaSets with earlier templates, oldest first.
  var old: [ReplicaSetState]
  /// The ReplicaSet with the present template.
  var new: ReplicaSetState?
  /// The ReplicaSet to make, when there is none with the present template.
  var creation: Action?
  var conditions: Conditions
  var collisionCount: Int?
  /// The revision that the Deployment's own annotation shall show.
  var revision: Int64?
  var deletions: [Action] = []
  var plan = Plan()

  init(_ workload: Workload) {
    self.workload = workload
    let replicas = workload.replicas
    let strategy = workload.spec["strategy"]
    isRecreate = strategy?.text("type") == "Recreate"
    let rolling = strategy?["rollingUpdate"]
    let surge = rolling?["maxSurge"]?.resolved(of: replicas, roundingUp: true) ?? 0
    let unavailable = rolling?["maxUnavailable"]?.resolved(of: replicas, roundingUp: false) ?? 0
    self.surge = isRecreate ? 0 : surge
    // A rollout that may neither add nor remove anything would never end.
    self.unavailable = isRecreate ? 0 : min(surge == 0 && unavailable == 0 ? 1 : unavailable, replicas)
    claim = workload.claim(.replicaSets)
    let all = claim.objects.map(ReplicaSetState.init).sorted(by: ReplicaSetState.isOlder)
    let template = ReplicaSetState.plain(workload.template)
    let newIndex = all.firstIndex { $0.template == template }
    new = newIndex.map { all[$0] }
    old = all.enumerated().filter { $0.offset != newIndex }.map(\.element)
    conditions = Conditions(workload.status)
    collisionCount = workload.status["collisionCount"]?.int
  }

  var object: Object { workload.object }
  var json: JSON { workload.json }
  var reference: Reference { workload.reference }
  var snapshot: Snapshot { workload.snapshot }
  var now: Instant { workload.now }
  var replicas: Int { workload.replicas }
  var minReadySeconds: Int { workload.minReadySeconds }

  var isPaused: Bool { json.at("spec", "paused")?.bool == true }

  /// Seconds until a rollout without progress counts as failed; nil when it never does.
  var progressDeadlineSeconds: Int? {
    json.at("spec", "progressDeadlineSeconds")?.int.flatMap { $0 == Int(Int32.max) ? nil : $0 }
  }

  /// All ReplicaSets, the new one last.
  var all: [ReplicaSetState] { old + (new.map { [$0] } ?? []) }

  mutating func run() {
    plan.then(claim.actions)
    if json.isBeingDeleted {
      plan.then(statusAction(status()))
      return
    }
    notePause()
    if isPaused || isScaled {
      syncRevision(creating: false)
      scale()
      if isPaused { cleanUpHistory() }
      return finish(with: status())
    }
    if isRecreate { recreate() } else { roll() }
    finish(with: rolloutStatus())
  }

  private mutating func roll() {
    syncRevision(creating: true)
    if scaleUpNew() || scaleDownOld() { return }
    if isComplete { cleanUpHistory() }
  }

  private mutating func recreate() {
    syncRevision(creating: false)
    var isWaiting = false
    for index in old.indices where old[index].replicas > 0 {
      old[index].replicas = 0
      isWaiting = true
    }
    if isWaiting || isAnyOldPodRunning { return }
    if new == nil { syncRevision(creating: true) }
    let size = replicas
    new?.replicas = size
    if isComplete { cleanUpHistory() }
  }

  private var isAnyOldPodRunning: Bool {
    old.contains { replicaSet in
      replicaSet.currentReplicas > 0
        || snapshot.dependents(of: replicaSet.object.uid)
          .contains { $0.key.resource == .pods && !PodFacts($0).isTerminal }
    }
  }

  /// The user changed `spec.replicas` since the ReplicaSets were last sized.
  private var isScaled: Bool {
    all.contains { replicaSet in
      guard replicaSet.specifiedReplicas > 0,
        let desired = replicaSet.annotations[ReplicaSetState.desiredAnnotation].flatMap({ Int($0) })
      else { return false }
      return desired != replicas
    }
  }

  private mutating func finish(with status: JSON) {
    var changes: [Action] = []
    for replicaSet in old + (new.map { [$0] } ?? []) {
      var replicaSet = replicaSet
      if replicaSet.replicas != replicaSet.specifiedReplicas { annotateSize(&replicaSet) }
      guard let change = replicaSet.change else { continue }
      changes.append(.patch(replicaSet.object.key, change, event: scalingEvent(replicaSet)))
    }
    if let creation { changes.insert(creation, at: 0) }
    plan.then(changes)
    plan.then(deletions)
    plan.then(statusAction(status))
  }

  private func scalingEvent(_ replicaSet: ReplicaSetState) -> EventNote? {
    let (before, after) = (replicaSet.specifiedReplicas, replicaSet.replicas)
    if before == after { return nil }
    return workload.note(
      "ScalingReplicaSet",
      "Scaled \(after > before ? "up" : "down") replica set \(replicaSet.name) from \(before) to \(after)")
  }
}
