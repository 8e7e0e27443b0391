import JSONCore
import Objects
import Reconciling
import Values

/// Runs the pods of Jobs to their end, and counts each end once.
public struct JobController: Controller {
  public let name = "job-controller"

  static let trackingFinalizer = "batch.kubernetes.io/job-tracking"

  public init() {}

  public var watches: [Watch] {
    [
      .each(.jobs),
      .ownedOrAdoptable(.pods, by: .jobs) { try? LabelSelector(json: $0.json.at("spec", "selector")) },
      // Pods of a Job that is gone: only their finalizer remains to be taken.
      Watch(.pods) { change, snapshot in
        guard change.kind != .deleted, let name = change.object.labels["batch.kubernetes.io/job-name"] else {
          return []
        }
        let key = Key(.jobs, namespace: change.object.namespace, name: name)
        return snapshot[key] == nil ? [key] : []
      },
    ]
  }

  public var gathering: Duration { .milliseconds(50) }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key] else { return Self.releaseOrphans(of: key, snapshot) }
    let json = object.json
    let manager = json["spec"]?.text("managedBy") ?? ""
    if !manager.isEmpty && manager != "kubernetes.io/job-controller" { return .nothing }
    guard let selector = try? LabelSelector(json: json.at("spec", "selector")), !selector.isEmpty else {
      return .nothing
    }
    let reference = Reference(object, json)
    let claim = Claim(
      of: .pods, for: reference, isOwnerBeingDeleted: json.isBeingDeleted, matching: selector, in: snapshot)
    var run = JobRun(object, json, reference, claim.objects.map(JobPod.init), now)
    var plan = Plan(claim.actions)
    plan.append(run.decide())
    return plan
  }

  public func recover(_ key: Key, from failure: Failure, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key], case .create = failure.action.verb else { return .nothing }
    let reference = Reference(object, object.json)
    return Plan([
      .record(
        EventNote(reference.asInvolved, .warning, "FailedCreate", "Error creating: \(failure.status.message)"))
    ])
  }

  private static func releaseOrphans(of key: Key, _ snapshot: Snapshot) -> Plan {
    let selector = LabelSelector(labels: ["batch.kubernetes.io/job-name": key.name])
    return Plan(
      snapshot.objects(.pods, namespace: key.namespace, matching: selector).map(JobPod.init)
        .filter { pod in pod.isTracked && !pod.object.owners.contains { snapshot.object(uid: $0) != nil } }
        .map(\.release))
  }
}

/// A pod of a Job.
struct JobPod {
  let facts: PodFacts
  let json: JSON

  init(_ object: Object) {
    facts = PodFacts(object)
    json = object.json
  }

  var object: Object { facts.object }
  var isTracked: Bool { json.finalizers.contains(JobController.trackingFinalizer) }

  /// It has ended, or will end without ever having run.
  var isOver: Bool { facts.isTerminal || facts.isBeingDeleted && facts.nodeName.isEmpty }
  var hasSucceeded: Bool { facts.phase == "Succeeded" }
  var hasFailed: Bool { facts.phase == "Failed" || facts.isBeingDeleted && facts.nodeName.isEmpty && !hasSucceeded }

  var index: Int? { json.annotation("batch.kubernetes.io/job-completion-index").flatMap { Int($0) } }

  /// Failures of its index before it.
  var indexFailures: Int { json.annotation("batch.kubernetes.io/job-index-failure-count").flatMap { Int($0) } ?? 0 }

  var exits: [(container: String, code: Int, finishedAt: Instant?)] {
    (json["status"]?.list("containerStatuses") ?? []).compactMap { status in
      guard let end = status.at("state", "terminated"), let code = end["exitCode"]?.int else { return nil }
      return (status.text("name"), code, Instant(rfc3339: end.text("finishedAt")))
    }
  }

  var finishedAt: Instant? { exits.compactMap(\.finishedAt).max() }

  /// Takes the finalizer away: the pod has been counted.
  var release: Action {
    let rest = json.finalizers.filter { $0 != JobController.trackingFinalizer }
    return .patch(
      object.key,
      [
        "metadata": [
          "uid": .string(object.uid), "resourceVersion": .string(String(object.revision)),
          "finalizers": rest.isEmpty ? .null : JSON(rest),
        ]
      ])
  }
}
