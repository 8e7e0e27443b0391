import JSONCore
import Objects
import Reconciling
import Values

/// Keeps one pod of each DaemonSet on every node that suits it.
public struct DaemonSetController: Controller {
  public let name = "daemonset-controller"

  /// On pods and on the revisions they are of.
  static let hashLabel = "controller-revision-hash"

  /// For this long somebody who makes a revision by hand is left alone with it.
  private static let doublesTime = Duration.seconds(5)

  public init() {}

  public var watches: [Watch] {
    Workload.watches(.daemonSets) + [
      .owned(.controllerRevisions, by: .daemonSets),
      Watch(.nodes) { change, snapshot in
        // A heartbeat concerns nobody.
        if let previous = change.previous, change.kind == .modified, NodeFacts(previous) == NodeFacts(change.object) {
          return []
        }
        return snapshot.objects(.daemonSets).map(\.key)
      },
    ]
  }

  public var gathering: Duration { .milliseconds(20) }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    // Of one that is going away, the history may be gone already.
    guard let workload = Workload(key, snapshot, now), !workload.json.isBeingDeleted else { return .nothing }
    let revisions = Revisions(of: workload, hashLabel: Self.hashLabel)
    guard let update = revisions.update else { return revisions.preparation }
    let claim = workload.claim(.pods)
    if let age = ([update] + revisions.doubles).map({ now - $0.createdAt }).min(), !revisions.doubles.isEmpty {
      if age < Self.doublesTime { return Plan([], requeueAfter: Self.doublesTime - age) }
      return Self.join(revisions, update, claim.objects)
    }
    let run = DaemonSetRun(workload, claim.objects.map(PodFacts.init), hash: revisions.hash(of: update))
    var plan = revisions.preparation
    plan.then(claim.actions)
    plan.append(run.plan())
    let live = Set(run.pods.map(run.hash))
    let limit = workload.spec["revisionHistoryLimit"]?.int ?? 10
    plan.then(revisions.pruning(revisions.all.count - 1 - limit) { live.contains(revisions.hash(of: $0)) })
    return plan
  }

  /// Of several revisions of the same content the latest stays: the pods of the others become its own.
  private static func join(_ revisions: Revisions, _ update: Revisions.Revision, _ pods: [Object]) -> Plan {
    let hash = revisions.hash(of: update)
    let others = Set(revisions.doubles.map { revisions.hash(of: $0) }).subtracting([hash])
    var plan = revisions.preparation
    plan.then(
      pods.filter { others.contains($0.labels[hashLabel] ?? "") }.map { pod in
        .patch(pod.key, ["metadata": ["uid": .string(pod.uid), "labels": [hashLabel: .string(hash)]]])
      })
    plan.then(revisions.doubles.map { .delete($0.object.key, Deletion(uid: $0.object.uid)) })
    return plan
  }

  public func recover(_ key: Key, from failure: Failure, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let workload = Workload(key, snapshot, now), let (reason, message) = Workload.explain(failure) else {
      return .nothing
    }
    return Plan([.record(workload.warning(reason, message))])
  }
}

/// One look at one DaemonSet.
struct DaemonSetRun {
  /// A node, whether a pod is to be made there and whether one may stay, and the pods meant for it.
  struct Spot {
    let node: NodeFacts
    let runs: Bool
    let stays: Bool
    /// The oldest that has its node first.
    let pods: [PodFacts]
  }

  let workload: Workload
  let pods: [PodFacts]
  /// Of the present template.
  let hash: String
  let spots: [Spot]
  /// How many nodes shall have a pod.
  let desired: Int

  /// The most pods made, and the most deleted, in one run.
  private static let burst = 250

  init(_ workload: Workload, _ pods: [PodFacts], hash: String) {
    self.workload = workload
    self.pods = pods
    self.hash = hash
    let byNode = Dictionary(grouping: pods.filter { !($0.isTerminal && $0.isBeingDeleted) }, by: Self.target)
    let demands = NodeDemands(workload.template["spec"] ?? .emptyObject)
    spots = workload.snapshot.objects(.nodes).map { object in
      let node = NodeFacts(object)
      let fit = demands.judge(node)
      let present = (byNode[node.name] ?? []).sorted { left, right in
        if left.nodeName.isEmpty != right.nodeName.isEmpty { return right.nodeName.isEmpty }
        return (left.createdAt, left.name) < (right.createdAt, right.name)
      }
      return Spot(node: node, runs: fit.runs, stays: fit.stays, pods: present)
    }
    desired = spots.count(where: \.runs)
  }

  func hash(of pod: PodFacts) -> String { pod.object.labels[DaemonSetController.hashLabel] ?? "" }
  func isCurrent(_ pod: PodFacts) -> Bool { hash(of: pod) == hash }
  func isAvailable(_ pod: PodFacts) -> Bool { !pod.isBeingDeleted && workload.isAvailable(pod) }

  func plan() -> Plan {
    var work = Work()
    // Those without a node never get one; the collector of pods sees to those that had one.
    let known = Set(spots.map(\.node.name))
    work.deletions = pods.filter { $0.nodeName.isEmpty && !$0.isBeingDeleted && !known.contains(Self.target(of: $0)) }
    for spot in spots { keep(spot, &work) }
    if work.isEmpty && isRolling { roll(&work) }
    var plan = Plan(work.notes.map { .record($0) })
    plan.then(work.deletions.prefix(Self.burst).map(workload.deletion))
    plan.then(Array(work.creations.prefix(Self.burst)), startsSlowly: true)
    plan.then(workload.writeStatus(status()))
    for delay in [work.delay, workload.nextAvailability(pods)].compactMap({ $0 }) { plan.requeue(after: delay) }
    return plan
  }

  private func status() -> JSON {
    let wanted = spots.filter { $0.runs && !$0.pods.isEmpty }
    let oldest = wanted.map { $0.pods[0] }
    let available = oldest.count { $0.isReady && workload.isAvailable($0) }
    var status = workload.status
    status["currentNumberScheduled"] = JSON(wanted.count)
    status["numberMisscheduled"] = JSON(spots.count { !$0.runs && !$0.pods.isEmpty })
    status["desiredNumberScheduled"] = JSON(desired)
    status["numberReady"] = JSON(oldest.count(where: \.isReady))
    status["observedGeneration"] = JSON(workload.json.generation)
    status.setCount("updatedNumberScheduled", oldest.count(where: isCurrent))
    status.setCount("numberAvailable", available)
    status.setCount("numberUnavailable", desired - available)
    return status
  }
}
