import JSONCore
import Objects
import Reconciling
import Values

/// Makes the Jobs of CronJobs when their time has come.
public struct CronJobController: Controller {
  public let name = "cronjob-controller"

  private static let timestamp = "batch.kubernetes.io/cronjob-scheduled-timestamp"
  /// So many missed times are worth a warning.
  private static let missedLimit = 100

  public init() {}

  public var watches: [Watch] { [.each(.cronJobs), .owned(.jobs, by: .cronJobs)] }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key] else { return .nothing }
    let json = object.json
    if json.isBeingDeleted { return .nothing }
    let reference = Reference(object, json)
    let jobs = snapshot.dependents(of: object.uid).filter { $0.key.resource == .jobs }.map { CronChild($0) }
    var plan = Plan()
    var status = json["status"] ?? .emptyObject
    Self.follow(jobs, reference, &status, &plan)
    plan.then(Self.history(jobs, json["spec"] ?? .emptyObject, reference))
    Self.schedule(object, json, reference, jobs, &status, &plan, now)
    plan.then(Action.status(object, from: json["status"], to: status))
    return plan
  }

  /// Keeps the list of active Jobs.
  private static func follow(_ jobs: [CronChild], _ reference: Reference, _ status: inout JSON, _ plan: inout Plan) {
    let known = Set(status.list("active").map { $0.text("uid") })
    for job in jobs where job.isFinished && known.contains(job.object.uid) {
      plan.then([
        .record(
          EventNote(
            reference.asInvolved, "SawCompletedJob",
            "Saw completed job: \(job.object.name), condition: \(job.outcome)"))
      ])
      if job.outcome == "Complete", let time = job.json["status"]?["completionTime"]?.string,
        status.text("lastSuccessfulTime") < time
      {
        status["lastSuccessfulTime"] = .string(time)
      }
    }
    let active = jobs.filter { !$0.isFinished }.map { job -> JSON in
      var entry = Reference(job.object, job.json).asInvolved
      entry["resourceVersion"] = nil
      let old = status.list("active").first { $0.text("uid") == job.object.uid }
      entry["resourceVersion"] = old?["resourceVersion"] ?? .string(String(job.object.revision))
      return entry
    }
    status["active"] = active.isEmpty ? nil : .array(active)
  }

  /// The finished Jobs beyond the limits, the oldest first.
  private static func history(_ jobs: [CronChild], _ spec: JSON, _ reference: Reference) -> [Action] {
    func excess(_ outcome: String, _ limit: Int) -> [Action] {
      let finished = jobs.filter { $0.outcome == outcome && !$0.json.isBeingDeleted }
        .sorted { ($0.startedAt, $0.object.name) < ($1.startedAt, $1.object.name) }
      return finished.prefix(max(0, finished.count - limit)).map { job in
        .delete(
          job.object.key, Deletion(uid: job.object.uid, propagation: .background),
          event: EventNote(reference.asInvolved, "SuccessfulDelete", "Deleted job \(job.object.name)"))
      }
    }
    return excess("Complete", spec["successfulJobsHistoryLimit"]?.int ?? 3)
      + excess("Failed", spec["failedJobsHistoryLimit"]?.int ?? 1)
  }

  private static func schedule(
    _ object: Object, _ json: JSON, _ reference: Reference, _ jobs: [CronChild], _ status: inout JSON,
    _ plan: inout Plan, _ now: Instant
  ) {
    let spec = json["spec"] ?? .emptyObject
    let zone: ZoneRules
    do throws(ZoneDatabase.Problem) {
      zone = try ZoneDatabase.system.rules(spec.text("timeZone"))
    } catch {
      plan.then([
        .record(
          EventNote(
            reference.asInvolved, .warning, "UnknownTimeZone",
            "invalid timeZone: \(Status.quoted(spec.text("timeZone"))): \(error.message)"))
      ])
      return
    }
    guard let schedule = CronSchedule(spec.text("schedule")) else {
      plan.then([
        .record(
          EventNote(
            reference.asInvolved, .warning, "UnparseableSchedule", "unparseable schedule: \(spec.text("schedule"))"))
      ])
      return
    }
    if spec["suspend"]?.bool == true { return }
    let (due, missed) = latest(schedule, json, spec, zone, now)
    if missed > missedLimit {
      plan.then([
        .record(
          EventNote(
            reference.asInvolved, .warning, "TooManyMissedTimes",
            "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew"))
      ])
    }
    if let next = schedule.next(after: now, in: zone) { plan.requeue(after: next - now + .milliseconds(100)) }
    guard let due else { return }
    if let limit = spec["startingDeadlineSeconds"]?.int, due + .seconds(limit) < now {
      plan.then([
        .record(
          EventNote(
            reference.asInvolved, .warning, "MissSchedule", "Missed scheduled time to start a job: \(due.rfc3339)"))
      ])
      return
    }
    let active = jobs.filter { !$0.isFinished }
    let name = "\(object.name)-\(due.seconds / 60)"
    if jobs.contains(where: { $0.object.name == name }) {
      status["lastScheduleTime"] = .string(due.rfc3339)
      return
    }
    switch spec.text("concurrencyPolicy") {
    case "Forbid" where !active.isEmpty:
      plan.then([
        .record(
          EventNote(
            reference.asInvolved, "JobAlreadyActive",
            "Not starting job because prior execution is running and concurrency policy is Forbid"))
      ])
      return
    case "Replace":
      plan.then(
        active.map { job in
          .delete(
            job.object.key, Deletion(uid: job.object.uid, propagation: .background),
            event: EventNote(reference.asInvolved, "SuccessfulDelete", "Deleted job \(job.object.name)"))
        })
    default: break
    }
    plan.then([
      .create(
        .jobs, job(name, due, spec, reference, zone),
        event: EventNote(reference.asInvolved, "SuccessfulCreate", "Created job \(name)"))
    ])
    status["lastScheduleTime"] = .string(due.rfc3339)
  }

  /// The latest time that has come and was not used, and how many there were.
  private static func latest(
    _ schedule: CronSchedule, _ json: JSON, _ spec: JSON, _ zone: ZoneRules, _ now: Instant
  ) -> (due: Instant?, missed: Int) {
    var earliest =
      Instant(rfc3339: json["status"]?.text("lastScheduleTime") ?? "")
      ?? Instant(rfc3339: json["metadata"]?.text("creationTimestamp") ?? "") ?? now
    if let limit = spec["startingDeadlineSeconds"]?.int { earliest = max(earliest, now - .seconds(limit)) }
    var due: Instant?
    var missed = 0
    var next = schedule.next(after: earliest, in: zone)
    while let time = next, time <= now {
      due = time
      missed += 1
      if missed > missedLimit {
        // Far behind: step back from now until the last time is found.
        var back = Duration.seconds(60)
        while due == time, back < now - earliest {
          var probe = schedule.next(after: now - back, in: zone)
          while let candidate = probe, candidate <= now {
            due = candidate
            probe = schedule.next(after: candidate, in: zone)
          }
          back = back * 2
        }
        return (due, missed)
      }
      next = schedule.next(after: time, in: zone)
    }
    return (due, missed)
  }

  private static func job(
    _ name: String, _ due: Instant, _ spec: JSON, _ reference: Reference, _ zone: ZoneRules
  ) -> JSON {
    let template = spec["jobTemplate"] ?? .emptyObject
    var metadata: JSON = [
      "name": .string(name), "namespace": .string(reference.namespace), "ownerReferences": [reference.asController],
    ]
    if let labels = template.at("metadata", "labels") { metadata["labels"] = labels }
    metadata["annotations"] = template.at("metadata", "annotations") ?? .emptyObject
    metadata["annotations"]?[timestamp] = .string(zone.rfc3339(due))
    return ["apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": template["spec"] ?? .emptyObject]
  }
}

/// A Job of a CronJob.
private struct CronChild {
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

  var isFinished: Bool { !outcome.isEmpty }
}
