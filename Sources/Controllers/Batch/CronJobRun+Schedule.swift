import JSONCore
import Objects
import Reconciling
import Values

/// When the next Job is due, and whether it may be made.
extension CronJobRun {
  /// So many missed times are worth a warning.
  private static let missedLimit = 100

  mutating func schedule() {
    let zone: ZoneRules
    do throws(ZoneDatabase.Problem) {
      zone = try ZoneDatabase.system.rules(spec.text("timeZone"))
    } catch {
      let name = Status.quoted(spec.text("timeZone"))
      return warn("UnknownTimeZone", "invalid timeZone: \(name): \(error.message)")
    }
    if spec["suspend"]?.bool == true { return }
    let text = spec.text("schedule")
    let schedule: CronSchedule
    do throws(CronSchedule.Problem) {
      schedule = try CronSchedule(parsing: text)
    } catch {
      return warn("UnparseableSchedule", "unparseable schedule: \(Status.quoted(text)) : \(error.message)")
    }
    if let next = schedule.next(after: now, in: zone) { plan.requeue(after: next - now + .milliseconds(100)) }
    let (due, missed) = latest(schedule, zone)
    if missed > Self.missedLimit {
      warn(
        "TooManyMissedTimes",
        "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew")
    }
    guard let due else { return }
    if let limit = spec["startingDeadlineSeconds"]?.int, due + .seconds(limit) < now {
      return warn("MissSchedule", "Missed scheduled time to start a job: \(due.rfc1123)")
    }
    start(due, zone)
  }

  private mutating func start(_ due: Instant, _ zone: ZoneRules) {
    let name = "\(object.name)-\(due.seconds / 60)"
    if jobs.contains(where: { $0.name == name }) {
      // It was made, and the process ended before the status said so.
      status["lastScheduleTime"] = .string(due.rfc3339)
      return
    }
    switch spec.text("concurrencyPolicy") {
    case "Forbid" where !status.list("active").isEmpty:
      return note(
        "JobAlreadyActive", "Not starting job because prior execution is running and concurrency policy is Forbid")
    case "Replace":
      let listed = Set(status.list("active").map { $0.text("uid") })
      plan.then(active.filter { listed.contains($0.object.uid) }.map(deletion))
      status["active"] = nil
    default: break
    }
    plan.then([
      .create(
        .jobs, job(name, due, zone),
        event: EventNote(reference.asInvolved, "SuccessfulCreate", "Created job \(name)"))
    ])
    status["lastScheduleTime"] = .string(due.rfc3339)
  }

  /// The latest time that has come and was not used, and how many there were.
  private func latest(_ schedule: CronSchedule, _ zone: ZoneRules) -> (due: Instant?, missed: Int) {
    var earliest =
      Instant(rfc3339: status.text("lastScheduleTime"))
      ?? Instant(rfc3339: json["metadata"]?.text("creationTimestamp") ?? "") ?? now
    if let limit = spec["startingDeadlineSeconds"]?.int { earliest = max(earliest, now - .seconds(limit)) }
    var due: Instant?
    var missed = 0
    var next = schedule.next(after: earliest, in: zone)
    while let time = next, time <= now {
      due = time
      missed += 1
      if missed > Self.missedLimit { return (farthest(after: time, earliest, schedule, zone), missed) }
      next = schedule.next(after: time, in: zone)
    }
    return (due, missed)
  }

  /// Far behind: it steps back from now until the last time is found.
  private func farthest(
    after time: Instant, _ earliest: Instant, _ schedule: CronSchedule, _ zone: ZoneRules
  ) -> Instant {
    var due = time
    var back = Duration.seconds(60)
    while due == time, back < now - earliest {
      var probe = schedule.next(after: now - back, in: zone)
      while let candidate = probe, candidate <= now {
        due = candidate
        probe = schedule.next(after: candidate, in: zone)
      }
      back = back * 2
    }
    return due
  }

  private func job(_ name: String, _ due: Instant, _ zone: ZoneRules) -> JSON {
    let template = spec["jobTemplate"] ?? .emptyObject
    var metadata: JSON = [
      "name": .string(name), "namespace": .string(reference.namespace), "ownerReferences": [reference.asController],
    ]
    if let labels = template.at("metadata", "labels") { metadata["labels"] = labels }
    metadata["annotations"] = template.at("metadata", "annotations") ?? .emptyObject
    metadata["annotations"]?[CronChild.timestamp] = .string(zone.rfc3339(due))
    return ["apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": template["spec"] ?? .emptyObject]
  }
}

extension Instant {
  private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// `Thu, 01 Jan 2026 00:05:00 +0000`, for messages.
  fileprivate var rfc1123: String {
    let parts = rfc3339.split { "-T:Z".contains($0) }
    guard parts.count >= 6, let month = Int(parts[1]), (1...12).contains(month) else { return rfc3339 }
    let weekday = Self.weekdays[Int((seconds / 86_400 % 7 + 7) % 7)]
    return "\(weekday), \(parts[2]) \(Self.months[month - 1]) \(parts[0]) \(parts[3]):\(parts[4]):\(parts[5]) +0000"
  }
}
