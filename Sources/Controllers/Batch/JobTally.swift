import JSONCore
import Reconciling

/// What is counted of a Job's pods. Each that has ended is listed in the status first, then loses its finalizer, and only
/// then enters the counters, so that a failure in between counts nobody twice and forgets nobody.
struct JobTally {
  /// The most pods listed in the status at a time.
  private static let limit = 500

  private(set) var succeeded: Int
  private(set) var failed: Int
  /// Of an indexed Job.
  private(set) var completed = IndexSet()
  private(set) var lost = IndexSet()
  /// The UIDs of those that have ended but do not show in the counters.
  private(set) var listedSucceeded: [String] = []
  private(set) var listedFailed: [String] = []
  /// The pods whose finalizer is to be taken.
  private(set) var releases: [JobPod] = []
  /// For each index that has failed and shall be tried again, the last pod: it stays until its successor has read from
  /// it how often the index has failed.
  private(set) var awaited: [Int: JobPod] = [:]

  private let job: JobSpecification

  init(_ job: JobSpecification, _ status: JSON, _ pods: [JobPod], isBeingDeleted: Bool) {
    self.job = job
    succeeded = status["succeeded"]?.int ?? 0
    failed = status["failed"]?.int ?? 0
    let tracked = pods.filter(\.isTracked)
    settle(status["uncountedTerminatedPods"] ?? .emptyObject, Set(tracked.map(\.uid)))
    if job.isIndexed { readIndexes(status, tracked, busy: Set(pods.filter(\.isActive).compactMap(\.index))) }
    let listed = Set(listedSucceeded + listedFailed)
    for pod in tracked {
      if listed.contains(pod.uid) {
        releases.append(pod)
      } else if listedSucceeded.count + listedFailed.count < Self.limit {
        take(pod, isBeingDeleted)
      }
    }
  }

  /// All that have ended well, whether they show in the counter or not.
  var totalSucceeded: Int { job.isIndexed ? completed.count : succeeded + listedSucceeded.count }

  /// All failures that count.
  var totalFailed: Int {
    failed + listedFailed.count + awaited.values.count { job.failurePolicy.verdict(on: $0).counts }
  }

  /// Those that were listed and have lost their finalizer are counted.
  private mutating func settle(_ listed: JSON, _ tracked: Set<String>) {
    for uid in listed.list("succeeded").compactMap(\.string) {
      if tracked.contains(uid) { listedSucceeded.append(uid) } else { succeeded += 1 }
    }
    for uid in listed.list("failed").compactMap(\.string) {
      if tracked.contains(uid) { listedFailed.append(uid) } else { failed += 1 }
    }
  }

  private mutating func readIndexes(_ status: JSON, _ tracked: [JobPod], busy: Set<Int>) {
    completed = IndexSet(status.text("completedIndexes"), limit: job.indexLimit)
    for pod in tracked where pod.hasSucceeded { if let index = validIndex(of: pod) { completed.insert(index) } }
    guard let limit = job.perIndexLimit else { return }
    lost = IndexSet(status.text("failedIndexes"), limit: job.indexLimit)
    let failures = tracked.filter { $0.hasFailed(isStrict: job.replacesLate) }
    for pod in failures {
      guard let index = validIndex(of: pod) else { continue }
      let verdict = job.failurePolicy.verdict(on: pod)
      if verdict == .failIndex || verdict.counts && pod.indexFailures >= limit { lost.insert(index) }
    }
    for pod in failures {
      guard let index = validIndex(of: pod), !completed.contains(index), !lost.contains(index), !busy.contains(index)
      else { continue }
      if let other = awaited[index], other.attempt >= pod.attempt { continue }
      awaited[index] = pod
    }
  }

  private func validIndex(of pod: JobPod) -> Int? { pod.index.flatMap { $0 >= 0 && $0 < job.indexLimit ? $0 : nil } }

  private mutating func take(_ pod: JobPod, _ isBeingDeleted: Bool) {
    let isMember = !job.isIndexed || validIndex(of: pod) != nil
    if pod.hasSucceeded {
      if !job.isIndexed { listedSucceeded.append(pod.uid) }
    } else if pod.hasFailed(isStrict: job.replacesLate) {
      if let index = pod.index, awaited[index]?.uid == pod.uid { return }
      if isMember, job.failurePolicy.verdict(on: pod).counts { listedFailed.append(pod.uid) }
    } else if !isBeingDeleted {
      return
    }
    releases.append(pod)
  }

  /// The Job ends, so nothing will be tried again.
  mutating func giveUp() {
    let last = awaited.values.sorted { $0.object.name < $1.object.name }
    awaited = [:]
    for pod in last { take(pod, false) }
  }

  /// Puts the counts into a status as they are before the finalizers are taken, or after.
  func write(to status: inout JSON, isReleased: Bool) {
    var lists = JSON.emptyObject
    if !isReleased {
      lists["succeeded"] = listedSucceeded.isEmpty ? nil : JSON(listedSucceeded)
      lists["failed"] = listedFailed.isEmpty ? nil : JSON(listedFailed)
    }
    status["uncountedTerminatedPods"] = lists
    status.setCount("failed", failed + (isReleased ? listedFailed.count : 0))
    if job.isIndexed {
      status.setCount("succeeded", completed.count)
      status["completedIndexes"] = completed.isEmpty ? nil : .string(completed.description)
      if job.perIndexLimit != nil { status["failedIndexes"] = .string(lost.description) }
    } else {
      status.setCount("succeeded", succeeded + (isReleased ? listedSucceeded.count : 0))
    }
  }
}

extension JobPod {
  /// The number of this try of its index.
  fileprivate var attempt: Int { indexFailures + ignoredFailures }
}
