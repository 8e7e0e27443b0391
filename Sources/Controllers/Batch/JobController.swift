import JSONCore
import Objects
import Reconciling
import Values

/// Runs the pods of Jobs to their end, and counts each end once.
public struct JobController: Controller {
  public let name = "job-controller"

  static let trackingFinalizer = "batch.kubernetes.io/job-tracking"
  private static let nameLabel = "batch.kubernetes.io/job-name"

  private let memory = JobMemory()

  public init() {}

  public var watches: [Watch] {
    Workload.watches(.jobs) + [
      // Pods of a Job that is gone: only their finalizer remains to be taken.
      Watch(.pods) { change, snapshot in
        guard change.kind != .deleted, let name = change.object.labels[Self.nameLabel] else { return [] }
        let key = Key(.jobs, namespace: change.object.namespace, name: name)
        return snapshot[key] == nil ? [key] : []
      }
    ]
  }

  public var gathering: Duration { .milliseconds(50) }

  /// As the stock controller's own queue, slower than that of the others.
  public var retryDelays: Backoff { Backoff(first: .seconds(1), limit: .seconds(60)) }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    if snapshot[key] == nil {
      memory.forget(key)
      return Self.releaseOrphans(of: key, snapshot)
    }
    guard let workload = Workload(key, snapshot, now), Self.isOurs(workload.spec) else { return .nothing }
    let claim = workload.claim(.pods)
    var run = JobRun(workload, claim.objects.map(JobPod.init))
    run.ends = memory.ends(of: workload.object, adding: run.ends)
    var plan = Plan(claim.actions)
    plan.append(run.decide())
    return plan
  }

  /// What could not be made is told, and the status shows what there is.
  public func recover(_ key: Key, from failure: Failure, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let workload = Workload(key, snapshot, now), let (reason, message) = Workload.explain(failure) else {
      return .nothing
    }
    var run = JobRun(workload, workload.claim(.pods).objects.map(JobPod.init))
    var plan = Plan([.record(workload.warning(reason, message))])
    plan.then(run.presentStatus())
    return plan
  }

  /// Others may bring their own controller for a Job.
  private static func isOurs(_ spec: JSON) -> Bool {
    let manager = spec.text("managedBy")
    return manager.isEmpty || manager == "kubernetes.io/job-controller"
  }

  private static func releaseOrphans(of key: Key, _ snapshot: Snapshot) -> Plan {
    let selector = LabelSelector(labels: [nameLabel: key.name])
    return Plan(
      snapshot.objects(.pods, namespace: key.namespace, matching: selector).map(JobPod.init)
        .filter { pod in pod.isTracked && !pod.object.owners.contains { snapshot.object(uid: $0) != nil } }
        .map(\.release))
  }
}
