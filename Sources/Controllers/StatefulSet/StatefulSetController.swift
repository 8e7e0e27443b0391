import JSONCore
import Objects
import Reconciling
import Values

/// Keeps the numbered pods of StatefulSets, one after the other, each with its claims.
public struct StatefulSetController: Controller {
  public let name = "statefulset-controller"

  public init() {}

  public var watches: [Watch] {
    Workload.watches(.statefulSets) + [.owned(.controllerRevisions, by: .statefulSets)]
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let workload = Workload(key, snapshot, now) else { return .nothing }
    let revisions = Revisions(of: workload, hashLabel: "controller.kubernetes.io/hash")
    guard let update = revisions.update else { return revisions.preparation }
    let current = revisions[workload.status.text("currentRevision")] ?? update
    let claim = workload.claim(.pods)
    let run = StatefulSetRun(workload, claim.objects.map(PodFacts.init), current: current, update: update)
    var plan = revisions.preparation
    plan.then(claim.actions.filter { !run.isForeign($0) })
    plan.append(run.plan())
    let live = Set(run.members.map { run.revision(of: $0) } + [current.name])
    let limit = workload.spec["revisionHistoryLimit"]?.int ?? 10
    let dead = revisions.all.count { $0.name != update.name && !live.contains($0.name) }
    plan.then(revisions.pruning(dead - limit) { live.contains($0.name) })
    return plan
  }

  public func recover(_ key: Key, from failure: Failure, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let workload = Workload(key, snapshot, now) else { return .nothing }
    let (reason, what): (String, String)
    switch failure.action.verb {
    case .create(.pods, let pod): (reason, what) = ("FailedCreate", "create Pod \(pod["metadata"]?.text("name") ?? "")")
    case .create(.persistentVolumeClaims, _):
      // The same words as for a success, but for the end.
      let success = failure.action.event?.message ?? ""
      let subject = success.hasSuffix(Self.ending(key)) ? String(success.dropLast(Self.ending(key).count)) : success
      (reason, what) = ("FailedCreate", subject)
    case .delete(let pod, _): (reason, what) = ("FailedDelete", "delete Pod \(pod.name)")
    default: return .nothing
    }
    let message = "\(what) in StatefulSet \(key.name) failed error: \(failure.status.message)"
    return Plan([.record(workload.warning(reason, message))])
  }

  /// How the message about a claim that was made ends.
  private static func ending(_ set: Key) -> String { " in StatefulSet \(set.name) success" }
}

/// One look at one StatefulSet.
struct StatefulSetRun {
  let workload: Workload
  /// The pods named as this set's are, by their numbers.
  let byOrdinal: [Int: PodFacts]
  let current: Revisions.Revision
  let update: Revisions.Revision
  /// The numbers that there shall be.
  let wanted: Range<Int>

  /// The most pods made in one run.
  private static let burst = 500

  init(_ workload: Workload, _ pods: [PodFacts], current: Revisions.Revision, update: Revisions.Revision) {
    self.workload = workload
    self.current = current
    self.update = update
    byOrdinal = Dictionary(
      pods.compactMap { pod in Self.ordinal(of: pod.name, in: workload.name).map { ($0, pod) } }
    ) { first, _ in first }
    let start = workload.spec.at("ordinals", "start")?.int ?? 0
    wanted = start..<start + workload.replicas
  }

  var spec: JSON { workload.spec }
  var members: [PodFacts] { Array(byOrdinal.values) }
  private var isOrdered: Bool { spec.text("podManagementPolicy") != "Parallel" }
  var isRolling: Bool { spec["updateStrategy"]?.text("type") != "OnDelete" }
  var rolling: JSON? { spec.at("updateStrategy", "rollingUpdate") }

  static func ordinal(of name: String, in set: String) -> Int? {
    guard name.hasPrefix(set + "-") else { return nil }
    let digits = name.dropFirst(set.count + 1)
    guard let number = Int(digits), number >= 0, String(number) == digits else { return nil }
    return number
  }

  func revision(of pod: PodFacts) -> String { pod.object.labels[Self.revisionLabel] ?? "" }

  /// Whether the action adopts a pod that is not named as ours are.
  func isForeign(_ action: Action) -> Bool {
    guard case .patch(let pod, _, let change) = action.verb else { return false }
    return change.at("metadata", "ownerReferences")?.array != nil
      && Self.ordinal(of: pod.name, in: workload.name) == nil
  }

  private func isAvailable(_ pod: PodFacts) -> Bool { pod.phase == "Running" && workload.isAvailable(pod) }

  /// In place, at work, and not on its way out.
  private func isSettled(_ pod: PodFacts) -> Bool { isAvailable(pod) && !pod.isBeingDeleted }

  func plan() -> Plan {
    var plan = workload.json.isBeingDeleted ? .nothing : work()
    plan.then(workload.writeStatus(status()))
    if let delay = workload.nextAvailability(members) { plan.requeue(after: delay) }
    return plan
  }

  /// Members first, surplus after them, the update last. In order, each waits for what comes before it.
  private func work() -> Plan {
    var plan = Plan()
    let isWaiting = keepMembers(&plan)
    if isWaiting && isOrdered { return plan }
    if dismiss(&plan) && isOrdered { return plan }
    if isRolling && plan.isEmpty { plan.then(outdated().map(deletion)) }
    return plan
  }

  // MARK: Members

  /// - Returns: whether any of them is not there and well yet.
  private func keepMembers(_ plan: inout Plan) -> Bool {
    var creations: [Action] = []
    var others: [Action] = []
    var isWaiting = false
    for ordinal in wanted {
      if isWaiting && isOrdered { break }
      guard let pod = byOrdinal[ordinal] else {
        isWaiting = true
        if hasStaleClaim(ordinal) {
          plan.requeue(after: .seconds(1))
        } else {
          // The rest comes in later runs: there may be billions.
          if creations.count == Self.burst { break }
          others += missingClaims(ordinal)
          creations.append(creation(ordinal))
        }
        continue
      }
      if pod.isTerminal {
        isWaiting = true
        if !pod.isBeingDeleted { others.append(deletion(of: pod)) }
        continue
      }
      if pod.phase == "Pending" { others += missingClaims(ordinal) }
      if !isSettled(pod) { isWaiting = true }
      if isSettled(pod) || !isOrdered { others += repairs(ordinal, pod) }
    }
    plan.then(others)
    plan.then(creations, startsSlowly: true)
    return isWaiting
  }

  // MARK: Surplus

  /// - Returns: whether there is any.
  private func dismiss(_ plan: inout Plan) -> Bool {
    let condemned = byOrdinal.filter { !wanted.contains($0.key) }.sorted { $0.key > $1.key }
    plan.then(condemned.flatMap { ties(of: $0.key, to: $0.value, isCondemned: true) })
    let firstUnwell = condemned.last { !isSettled($0.value) }?.key
    for (ordinal, pod) in condemned {
      if isOrdered, pod.isBeingDeleted || !isAvailable(pod) && ordinal != firstUnwell { break }
      if pod.isBeingDeleted { continue }
      plan.then([deletion(of: pod)])
      if isOrdered { break }
    }
    return !condemned.isEmpty
  }

  // MARK: Update

  /// The pods that give way to the new revision now, from the highest down to the partition.
  private func outdated() -> [PodFacts] {
    let partition = min(max(0, rolling?["partition"]?.int ?? 0), wanted.count)
    let targets = wanted.dropFirst(partition)
    if let limit = rolling?["maxUnavailable"]?.resolved(of: workload.replicas, roundingUp: true), limit > 1 {
      return several(of: targets, limit)
    }
    for ordinal in targets.reversed() {
      guard let pod = byOrdinal[ordinal] else { return [] }
      if revision(of: pod) != update.name, !pod.isBeingDeleted { return [pod] }
      if !isSettled(pod) { return [] }
    }
    return []
  }

  /// Up to `limit` members may be missing at a time; those that do not work anyway cost nothing.
  private func several(of targets: Range<Int>, _ limit: Int) -> [PodFacts] {
    // By the pods there are, for the numbers may be billions.
    let settled = byOrdinal.count { wanted.contains($0.key) && isSettled($0.value) }
    var budget = limit - (wanted.count - settled)
    return byOrdinal.filter { targets.contains($0.key) }.sorted { $0.key > $1.key }.map(\.value).filter { pod in
      if revision(of: pod) == update.name || pod.isBeingDeleted { return false }
      if !isAvailable(pod) { return true }
      budget -= 1
      return budget >= 0
    }
  }

  private func deletion(of pod: PodFacts) -> Action {
    .delete(
      pod.key, Deletion(uid: pod.uid),
      event: workload.note(
        "SuccessfulDelete", "delete Pod \(pod.name) in StatefulSet \(workload.name) successful"))
  }
}
