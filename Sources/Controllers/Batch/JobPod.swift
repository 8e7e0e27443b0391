import JSONCore
import Objects
import Reconciling
import Values

/// A pod of a Job.
struct JobPod {
  static let indexKey = "batch.kubernetes.io/job-completion-index"
  static let failuresKey = "batch.kubernetes.io/job-index-failure-count"
  static let ignoredKey = "batch.kubernetes.io/job-index-ignored-failure-count"

  let facts: PodFacts
  let json: JSON
  /// It has not been counted yet: its finalizer is still there.
  let isTracked: Bool
  /// Of an indexed Job.
  let index: Int?

  init(_ object: Object) {
    facts = PodFacts(object)
    json = object.json
    isTracked = json.finalizers.contains(JobController.trackingFinalizer)
    let grace = json.at("metadata", "deletionGracePeriodSeconds")?.int
    isBare = facts.isBeingDeleted && (facts.nodeName.isEmpty || grace == 0)
    index = json.annotation(Self.indexKey).flatMap { Int($0) }
  }

  var object: Object { facts.object }
  var uid: String { facts.uid }
  var isActive: Bool { facts.isActive }
  var hasSucceeded: Bool { facts.phase == "Succeeded" }
  /// On its way out, but still there.
  var isTerminating: Bool { facts.isBeingDeleted && !facts.isTerminal && !isBare }
  /// It is being deleted and has no node, or none that still knows of it: only finalizers keep the object.
  private let isBare: Bool

  /// - Parameter isStrict: only what has really ended counts, not what is being deleted.
  func hasFailed(isStrict: Bool) -> Bool {
    if facts.phase == "Failed" { return true }
    return facts.isBeingDeleted && !hasSucceeded && (!isStrict || isBare)
  }

  /// Failures of its index before it.
  var indexFailures: Int { json.count(inAnnotation: Self.failuresKey) }
  var ignoredFailures: Int { json.count(inAnnotation: Self.ignoredKey) }

  /// The ends of its containers, those of the init containers last.
  var exits: [(container: String, code: Int, finishedAt: Instant?)] {
    let status = json["status"] ?? .emptyObject
    return (status.list("containerStatuses") + status.list("initContainerStatuses")).compactMap { container in
      guard let end = container.at("state", "terminated"), let code = end["exitCode"]?.int else { return nil }
      return (container.text("name"), code, Instant(rfc3339: end.text("finishedAt")))
    }
  }

  /// When it ended, or was asked to.
  var finishedAt: Instant {
    if let last = exits.compactMap(\.finishedAt).max() { return last }
    if !facts.isReady, let since = facts.readySince { return since }
    if let asked = Instant(rfc3339: json["metadata"]?.text("deletionTimestamp") ?? "") {
      return asked - .seconds(json.at("metadata", "deletionGracePeriodSeconds")?.int ?? 0)
    }
    return facts.createdAt
  }

  /// Takes the finalizer away: the pod has been counted, or need not be.
  var release: Action {
    let rest = json.finalizers.filter { $0 != JobController.trackingFinalizer }
    return .patch(
      object.key,
      [
        "metadata": [
          "uid": .string(uid), "resourceVersion": .string(String(object.revision)),
          "finalizers": rest.isEmpty ? .null : JSON(rest),
        ]
      ])
  }
}
