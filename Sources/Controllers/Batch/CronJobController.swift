import JSONCore
import Objects
import Reconciling
import Values

/// Makes the Jobs of CronJobs when their time has come.
public struct CronJobController: Controller {
  public let name = "cronjob-controller"

  public init() {}

  public var watches: [Watch] { [.each(.cronJobs), .owned(.jobs, by: .cronJobs)] }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key] else { return .nothing }
    var run = CronJobRun(object, snapshot, now)
    return run.decide()
  }

  public func recover(_ key: Key, from failure: Failure, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key] else { return .nothing }
    let involved = Reference(object, object.json).asInvolved
    let message = failure.status.message
    switch failure.action.verb {
    case .create:
      return Plan([.record(EventNote(involved, .warning, "FailedCreate", "Error creating job: \(message)"))])
    case .delete:
      return Plan([.record(EventNote(involved, .warning, "FailedDelete", "Deleted job: \(message)"))])
    default: return .nothing
    }
  }
}

/// A Job of a CronJob.
struct CronChild {
  static let timestamp = "batch.kubernetes.io/cronjob-scheduled-timestamp"

  let object: Object
  let json: JSON
  /// `Complete`, `Failed`, or "" while it runs.
  let outcome: String
  let startedAt: String

  init(_ object: Object) {
    self.object = object
    json = object.json
    let conditions = Conditions(json["status"])
    outcome = conditions.isTrue("Complete") ? "Complete" : conditions.isTrue("Failed") ? "Failed" : ""
    startedAt = json["status"]?.text("startTime") ?? ""
  }

  var name: String { object.name }
  var isFinished: Bool { !outcome.isEmpty }
  /// Made by the controller, not by hand.
  var isScheduled: Bool { json.annotation(Self.timestamp) != nil }

  /// As an element of `status.active`.
  var reference: JSON { Reference(object, json).asInvolved }
}

/// One look at one CronJob: its Jobs, its history, and in the other part its schedule.
struct CronJobRun {
  let object: Object
  let json: JSON
  let spec: JSON
  let reference: Reference
  let jobs: [CronChild]
  let now: Instant

  var status: JSON
  var plan = Plan()

  init(_ object: Object, _ snapshot: Snapshot, _ now: Instant) {
    self.object = object
    self.now = now
    json = object.json
    spec = json["spec"] ?? .emptyObject
    status = json["status"] ?? .emptyObject
    reference = Reference(object, json)
    jobs = snapshot.dependents(of: object.uid).filter { $0.key.resource == .jobs }.map(CronChild.init)
      .filter { $0.json.controllerReference?.text("uid") == object.uid }
  }

  var active: [CronChild] { jobs.filter { !$0.isFinished } }

  mutating func decide() -> Plan {
    follow()
    if !json.isBeingDeleted {
      plan.then(history())
      schedule()
    }
    plan.then(Action.status(object, from: json["status"], to: status))
    return plan
  }

  mutating func note(_ reason: String, _ message: String) {
    plan.then([.record(EventNote(reference.asInvolved, reason, message))])
  }

  mutating func warn(_ reason: String, _ message: String) {
    plan.then([.record(EventNote(reference.asInvolved, .warning, reason, message))])
  }

  func deletion(of job: CronChild) -> Action {
    .delete(
      job.object.key, Deletion(uid: job.object.uid, propagation: .background),
      event: EventNote(reference.asInvolved, "SuccessfulDelete", "Deleted job \(job.name)"))
  }

  /// Keeps the list of active Jobs, and the time of the last success.
  private mutating func follow() {
    let listed = status.list("active")
    let known = Set(listed.map { $0.text("uid") })
    for job in jobs where job.isFinished {
      if known.contains(job.object.uid) {
        note("SawCompletedJob", "Saw completed job: \(job.name), condition: \(job.outcome)")
      }
      let time = job.json["status"]?.text("completionTime") ?? ""
      if job.outcome == "Complete", status.text("lastSuccessfulTime") < time {
        status["lastSuccessfulTime"] = .string(time)
      }
    }
    let present = Set(jobs.map(\.object.uid))
    for entry in listed where !present.contains(entry.text("uid")) {
      note("MissingJob", "Active job went missing: \(entry.text("name"))")
    }
    var entries: [JSON] = []
    for job in active {
      if let entry = listed.first(where: { $0.text("uid") == job.object.uid }) {
        entries.append(entry)
      } else if job.isScheduled {
        // It was made in an earlier run, which could not know its UID.
        entries.append(job.reference)
      } else {
        warn("UnexpectedJob", "Saw a job that the controller did not create or forgot: \(job.name)")
      }
    }
    status["active"] = entries.isEmpty ? nil : .array(entries)
  }

  /// The finished Jobs beyond the limits, the oldest first.
  private func history() -> [Action] {
    func excess(_ outcome: String, _ limit: Int) -> [Action] {
      let finished = jobs.filter { $0.outcome == outcome && !$0.json.isBeingDeleted }
        .sorted { ($0.startedAt, $0.name) < ($1.startedAt, $1.name) }
      return finished.prefix(max(0, finished.count - limit)).map(deletion)
    }
    return excess("Complete", spec["successfulJobsHistoryLimit"]?.int ?? 3)
      + excess("Failed", spec["failedJobsHistoryLimit"]?.int ?? 1)
  }
}
