import JSONCore
import Reconciling
import Values

/// When a Job is to end, and why.
extension JobRun {
  /// The first cause of failure, in the order in which they are looked for.
  mutating func failure() -> End? {
    func target(_ reason: String, _ message: String) -> End {
      End(type: "FailureTarget", reason: reason, message: message)
    }
    for pod in pods where pod.hasFailed(isStrict: job.replacesLate) {
      if case .failJob(let message) = job.failurePolicy.verdict(on: pod) { return target("PodFailurePolicy", message) }
    }
    if tally.totalFailed > job.backoffLimit || isRestartedTooOften {
      return target("BackoffLimitExceeded", "Job has reached the specified backoff limit")
    }
    if let left = timeLeft {
      if left <= .zero { return target("DeadlineExceeded", "Job was active longer than specified deadline") }
      work.requeue(after: left)
    }
    guard job.isIndexed, job.perIndexLimit != nil, let completions = job.completions else { return nil }
    if let most = job.json["maxFailedIndexes"]?.int, tally.lost.count > most {
      return target("MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes")
    }
    if !tally.lost.isEmpty, tally.lost.count + tally.completed.count >= completions {
      return target("FailedIndexes", "Job has failed indexes")
    }
    return nil
  }

  private var isRestartedTooOften: Bool {
    guard job.restartsContainers else { return false }
    let restarts = pods.filter { $0.facts.phase == "Running" || $0.facts.phase == "Pending" }
      .reduce(0) { $0 + $1.facts.restartCount }
    return restarts >= max(1, job.backoffLimit)
  }

  /// Until the deadline; a suspended Job has none.
  private var timeLeft: Duration? {
    guard let limit = job.activeDeadlineSeconds, !job.isSuspended,
      let started = Instant(rfc3339: status.text("startTime"))
    else { return nil }
    return started + .seconds(limit) - now
  }

  /// By the success policy, which does not wait for all.
  func earlySuccess() -> End? {
    guard job.isIndexed, let message = job.fulfilledRule(tally.completed) else { return nil }
    return End(type: "SuccessCriteriaMet", reason: "SuccessPolicy", message: message)
  }

  /// By the number of completions; without one, a success after which all have ended.
  func completion() -> End? {
    let isEnough = job.completions.map { tally.totalSucceeded >= $0 } ?? (tally.totalSucceeded > 0)
    guard isEnough, remaining.isEmpty, created == 0 else { return nil }
    return End(
      type: "SuccessCriteriaMet", reason: "CompletionsReached",
      message: "Reached expected number of succeeded pods")
  }
}
