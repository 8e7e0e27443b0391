import JSONCore
import Objects
import Reconciling
import Values

/// Keeps the wanted number of pods at work.
extension JobRun {
  /// The most pods made or deleted in one run.
  private static let burst = 500
  private static let failureBackoff = Backoff(first: .seconds(10), limit: .seconds(600))

  mutating func manage() {
    if job.isSuspended { return dismiss(active) }
    let wanted = wantedCount
    let surplus = surplus(beyond: wanted)
    if !surplus.isEmpty { return dismiss(Array(surplus.prefix(Self.burst))) }
    let terminating = job.replacesLate ? pods.count(where: \.isTerminating) : 0
    let missing = wanted - active.count - terminating
    if missing > 0 { create(min(missing, Self.burst)) }
  }

  private var wantedCount: Int {
    if let completions = job.completions { return min(job.parallelism, max(0, completions - tally.totalSucceeded)) }
    // After the first success nothing new begins.
    return tally.totalSucceeded > 0 ? active.count : job.parallelism
  }

  /// Suspending and resuming show in a condition, and the clock of the deadline starts anew.
  mutating func noteSuspension() {
    if job.isSuspended {
      status["startTime"] = nil
      if conditions.isTrue("Suspended") { return }
      set("Suspended", "True", "JobSuspended", "Job suspended")
      note(workload.note("Suspended", "Job suspended"))
    } else if conditions.isTrue("Suspended") {
      set("Suspended", "False", "JobResumed", "Job resumed")
      status["startTime"] = .string(now.rfc3339)
      note(workload.note("Resumed", "Job resumed"))
    }
  }

  // MARK: Fewer

  /// Pods that are not needed any more count neither as failed nor as succeeded: their finalizers go first.
  private mutating func dismiss(_ victims: [JobPod]) {
    work.then(victims.filter(\.isTracked).map(\.release))
    work.then(victims.map { workload.deletion(of: $0.facts) })
    let gone = Set(victims.map(\.uid))
    remaining.removeAll { gone.contains($0.uid) }
  }

  /// Doubles and strangers among the indexes, then as many as are too many.
  private func surplus(beyond wanted: Int) -> [JobPod] {
    let order = PodDeletionOrder(ages: .exactly, now: now)
    let sorted = Dictionary(uniqueKeysWithValues: active.map { ($0.uid, $0) })
    var victims: [JobPod] = []
    var rest = active
    if job.isIndexed {
      rest = []
      for (index, pods) in Dictionary(grouping: active, by: { $0.index ?? -1 }).sorted(by: { $0.key < $1.key }) {
        let isMember = index >= 0 && index < job.indexLimit
        let extra = order.victims(of: pods.map(\.facts), count: pods.count - (isMember ? 1 : 0)).map(\.uid)
        victims += extra.compactMap { sorted[$0] }
        rest += pods.filter { !extra.contains($0.uid) }
      }
    }
    let excess = active.count - wanted - victims.count
    if excess <= 0 { return victims }
    return victims + order.victims(of: rest.map(\.facts), count: excess).compactMap { sorted[$0.uid] }
  }

  // MARK: More

  private mutating func create(_ count: Int) {
    if job.perIndexLimit == nil, let delay = backoff { return work.requeue(after: delay) }
    var pod = PodTemplate.pod(workload.template, owner: workload.reference)
    let finalizers = pod["metadata"]?.list("finalizers") ?? []
    pod["metadata"]?["finalizers"] = .array(finalizers + [.string(JobController.trackingFinalizer)])
    let creations: [Action]
    if job.isIndexed {
      let indexes = ready(freeIndexes(count))
      creations = indexes.map { workload.creation(of: indexed(pod, $0)) }
    } else {
      creations = Array(repeating: workload.creation(of: pod), count: count)
    }
    created = creations.count
    work.then(creations, startsSlowly: true)
  }

  /// How long to wait after failures in a row; nil when there is nothing to wait for.
  private var backoff: Duration? {
    let failures = ends.prefix { !$0.hasSucceeded }
    guard let last = failures.first?.time else { return nil }
    let left = last + Self.failureBackoff.delay(after: failures.count - 1) - now
    return left > .zero ? left : nil
  }

  private func freeIndexes(_ count: Int) -> [Int] {
    var taken = tally.completed
    taken.formUnion(tally.lost)
    for pod in pods where pod.isActive || job.replacesLate && pod.isTerminating {
      if let index = pod.index, (0..<job.indexLimit).contains(index) { taken.insert(index) }
    }
    return taken.missing(count, below: job.indexLimit)
  }

  /// The indexes whose own waiting time after failures is over; when none is, the first of them is waited for.
  private mutating func ready(_ indexes: [Int]) -> [Int] {
    guard job.perIndexLimit != nil else { return indexes }
    let delays = indexes.map { index -> Duration in
      guard let pod = tally.awaited[index] else { return .zero }
      let failures = pod.indexFailures + pod.ignoredFailures
      return max(.zero, pod.finishedAt + Self.failureBackoff.delay(after: failures) - now)
    }
    if let next = delays.filter({ $0 > .zero }).min() { work.requeue(after: next) }
    return zip(indexes, delays).filter { $0.1 == .zero }.map(\.0)
  }

  private func indexed(_ pod: JSON, _ index: Int) -> JSON {
    let name = "\(workload.name)-\(index)"
    var pod = pod
    var metadata = pod["metadata"] ?? .emptyObject
    metadata["generateName"] = .string(name + "-")
    metadata["labels", default: .emptyObject][JobPod.indexKey] = .string(String(index))
    for (key, value) in annotations(index) { metadata["annotations", default: .emptyObject][key] = .string(value) }
    pod["metadata"] = metadata
    var spec = pod["spec"] ?? .emptyObject
    spec["hostname"] = .string(name)
    for list in ["containers", "initContainers"] where spec[list] != nil {
      spec[list] = .array(spec.list(list).map(Self.knowingItsIndex))
    }
    pod["spec"] = spec
    return pod
  }

  /// The index, and how often it has failed before.
  private func annotations(_ index: Int) -> [String: String] {
    var result = [JobPod.indexKey: String(index)]
    if job.perIndexLimit == nil { return result }
    let before = tally.awaited[index]
    let counts = before.map { job.failurePolicy.verdict(on: $0).counts }
    result[JobPod.failuresKey] = String((before?.indexFailures ?? 0) + (counts == true ? 1 : 0))
    let ignored = (before?.ignoredFailures ?? 0) + (counts == false ? 1 : 0)
    if ignored > 0 { result[JobPod.ignoredKey] = String(ignored) }
    return result
  }

  private static func knowingItsIndex(_ container: JSON) -> JSON {
    let name = "JOB_COMPLETION_INDEX"
    if container.list("env").contains(where: { $0.text("name") == name }) { return container }
    let path = "metadata.labels['\(JobPod.indexKey)']"
    let variable: JSON = [
      "name": .string(name), "valueFrom": ["fieldRef": ["apiVersion": "v1", "fieldPath": .string(path)]],
    ]
    var container = container
    container["env"] = .array(container.list("env") + [variable])
    return container
  }
}
