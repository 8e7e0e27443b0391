import JSONCore
import Objects
import Reconciling
import Values

/// One look at one Job.
struct JobRun {
  let workload: Workload
  let job: JobSpecification
  let pods: [JobPod]
  let active: [JobPod]

  var tally: JobTally
  var status: JSON
  var conditions: Conditions
  /// What is done to the pods that run, or shall run.
  var work = Plan()
  /// The pods that are left at work by `work`, new ones aside.
  var remaining: [JobPod]
  var created = 0
  /// When pods have ended, those that were dismissed aside; the latest first.
  var ends: [JobPodEnd]
  private var notes: [EventNote] = []

  init(_ workload: Workload, _ pods: [JobPod]) {
    self.workload = workload
    self.pods = pods
    job = JobSpecification(workload.spec)
    let job = job
    ends = pods.filter { pod in
      pod.facts.isTerminal && !pod.facts.isBeingDeleted
        || pod.isTracked && (pod.hasSucceeded || pod.hasFailed(isStrict: job.replacesLate))
    }.map { JobPodEnd(uid: $0.uid, time: $0.finishedAt, hasSucceeded: $0.hasSucceeded) }
    active = pods.filter(\.isActive)
    remaining = active
    status = workload.status
    conditions = Conditions(status)
    tally = JobTally(job, status, pods, isBeingDeleted: workload.json.isBeingDeleted)
    if status.text("startTime").isEmpty && !job.isSuspended { status["startTime"] = .string(workload.now.rfc3339) }
  }

  var now: Instant { workload.now }
  var isFinished: Bool { conditions.isTrue("Complete") || conditions.isTrue("Failed") }
  private var isSuccess: Bool { conditions.isTrue("SuccessCriteriaMet") }
  private var isEnding: Bool { isSuccess || conditions.isTrue("FailureTarget") }

  mutating func decide() -> Plan {
    if isFinished { return leftovers() }
    if !isEnding, let end = failure() ?? earlySuccess() { begin(end) }
    if isEnding {
      // Those that are dismissed now count as failed when they have ended: they keep their finalizers.
      work.then(active.map { workload.deletion(of: $0.facts) })
      remaining = []
    } else if !workload.json.isBeingDeleted {
      manage()
      if let end = completion() { begin(end) } else { noteSuspension() }
    }
    if isEnding { tally.giveUp() }
    return plan()
  }

  /// What a Job that is over may still have: pods that were never released.
  private mutating func leftovers() -> Plan {
    var plan = Plan(pods.filter(\.isTracked).map(\.release))
    status["uncountedTerminatedPods"] = .emptyObject
    plan.then(workload.writeStatus(status))
    return plan
  }

  // MARK: The end

  /// The condition that begins the end: `FailureTarget` or `SuccessCriteriaMet`.
  struct End {
    var type: String
    var reason: String
    var message: String
  }

  private mutating func begin(_ end: End) {
    set(end.type, "True", end.reason, end.message)
  }

  mutating func set(_ type: String, _ status: String, _ reason: String, _ message: String) {
    let time: [(String, JSON)] = [("lastProbeTime", .string(now.rfc3339))]
    conditions.set(type, status, reason: reason, message: message, at: now, extra: time)
  }

  mutating func note(_ note: EventNote) { notes.append(note) }

  /// The last condition comes when no pod runs any more.
  private mutating func finish() {
    guard isEnding, !pods.contains(where: { $0.isActive || $0.isTerminating }),
      let end = conditions[isSuccess ? "SuccessCriteriaMet" : "FailureTarget"]
    else { return }
    let (reason, message) = (end.text("reason"), end.text("message"))
    set(isSuccess ? "Complete" : "Failed", "True", reason, message)
    if isSuccess {
      status["completionTime"] = .string(now.rfc3339)
      note(workload.note("Completed", "Job completed"))
    } else {
      note(workload.warning(reason, message))
    }
  }

  // MARK: The plan

  /// The status before the finalizers are taken, and the one after.
  private mutating func plan() -> Plan {
    var plan = Plan()
    status.setCount("active", remaining.count + created)
    status["ready"] = JSON(remaining.count { $0.facts.isReady })
    status["terminating"] = JSON(pods.count(where: \.isTerminating))
    var before = workload.status
    if !tally.releases.isEmpty {
      tally.write(to: &status, isReleased: false)
      conditions.write(to: &status)
      plan.then(workload.writeStatus(status))
      plan.then(tally.releases.map(\.release))
      before = status
    }
    plan.append(work)
    tally.write(to: &status, isReleased: true)
    finish()
    conditions.write(to: &status)
    plan.then(Action.status(workload.object, from: before, to: status))
    plan.then(notes.map { .record($0) })
    return plan
  }

  /// The status without anything that is still to be done.
  mutating func presentStatus() -> Action? {
    status.setCount("active", active.count)
    status["ready"] = JSON(active.count { $0.facts.isReady })
    status["terminating"] = JSON(pods.count(where: \.isTerminating))
    if status["uncountedTerminatedPods"] == nil { status["uncountedTerminatedPods"] = .emptyObject }
    return workload.writeStatus(status)
  }
}
