import JSONCore
import Objects
import Reconciling
import Values

/// One look at one Job.
struct JobRun {
  let object: Object
  let json: JSON
  let spec: JSON
  let reference: Reference
  let pods: [JobPod]
  let now: Instant

  var status: JSON
  var conditions: Conditions
  var plan = Plan()

  private static let burst = 500
  private static let failureBackoff = Backoff(first: .seconds(10), limit: .seconds(600))
  /// Numbers of an indexed Job beyond this are not kept.
  private static let indexLimit = 1_000_000

  init(_ object: Object, _ json: JSON, _ reference: Reference, _ pods: [JobPod], _ now: Instant) {
    self.object = object
    self.json = json
    self.reference = reference
    self.pods = pods
    self.now = now
    spec = json["spec"] ?? .emptyObject
    status = json["status"] ?? .emptyObject
    conditions = Conditions(status)
  }

  var isIndexed: Bool { spec.text("completionMode") == "Indexed" }
  var completions: Int? { spec["completions"]?.int }
  var parallelism: Int { max(0, spec["parallelism"]?.int ?? 1) }
  var backoffLimit: Int { spec["backoffLimit"]?.int ?? 6 }
  var perIndexLimit: Int? { spec["backoffLimitPerIndex"]?.int }
  var isSuspended: Bool { spec["suspend"]?.bool == true }
  var isFinished: Bool { conditions.isTrue("Complete") || conditions.isTrue("Failed") }
  var active: [JobPod] { pods.filter { $0.facts.isActive } }

  mutating func decide() -> Plan {
    if isFinished {
      let tracked = pods.filter(\.isTracked)
      plan.then(tracked.map(\.release))
      plan.then(active.map { deletion($0) })
      if tracked.isEmpty { status["uncountedTerminatedPods"] = .emptyObject }
      plan.then(Action.status(object, from: json["status"], to: status))
      return plan
    }
    if status.text("startTime").isEmpty && !isSuspended { status["startTime"] = .string(now.rfc3339) }
    count()
    decideEnd()
    let isEnding = conditions.isTrue("FailureTarget") || conditions.isTrue("SuccessCriteriaMet")
    var work = Plan()
    if json.isBeingDeleted {
      // Pods go with the Job; nothing new is made.
    } else if isEnding {
      work.then(active.map { deletion($0) })
      finishWhenQuiet()
    } else {
      work = manage()
    }
    writeStatus()
    plan.append(work)
    return plan
  }

  // MARK: Counting

  /// Counts the pods that have ended and are still tracked, in one write; then their finalizers are taken. The status
  /// lists them until that is done, so that a failure between the two counts nobody twice.
  private mutating func count() {
    let ended = pods.filter { $0.isTracked && $0.isOver }
    var succeeded = status["succeeded"]?.int ?? 0
    var failed = status["failed"]?.int ?? 0
    var completed = IndexSet(status.text("completedIndexes"), limit: Self.indexLimit)
    var lost = IndexSet(status.text("failedIndexes"), limit: Self.indexLimit)
    let uncounted = Set(
      ["succeeded", "failed"].flatMap { field in
        (status["uncountedTerminatedPods"]?.list(field) ?? []).compactMap(\.string)
      })
    for pod in ended where !uncounted.contains(pod.object.uid) {
      if pod.hasSucceeded {
        if isIndexed, let index = pod.index {
          completed.insert(index)
        } else {
          succeeded += 1
        }
      } else if pod.hasFailed {
        let verdict = failurePolicy(pod)
        if verdict != .ignore { failed += 1 }
        if isIndexed, let index = pod.index, let limit = perIndexLimit,
          pod.indexFailures >= limit || verdict == .failIndex
        {
          lost.insert(index)
        }
      }
    }
    if isIndexed {
      succeeded = completed.count
      status["completedIndexes"] = completed.count == 0 ? nil : .string(completed.description)
      if perIndexLimit != nil { status["failedIndexes"] = .string(lost.description) }
    }
    status.setCount("succeeded", succeeded)
    status.setCount("failed", failed)
    var list = JSON.emptyObject
    let groups = [("succeeded", ended.filter(\.hasSucceeded)), ("failed", ended.filter { !$0.hasSucceeded })]
    for (field, pods) in groups where !pods.isEmpty { list[field] = JSON(pods.map(\.object.uid)) }
    status["uncountedTerminatedPods"] = list
    self.counted = ended
  }

  private var counted: [JobPod] = []

  var succeeded: Int { status["succeeded"]?.int ?? 0 }
  var failed: Int { status["failed"]?.int ?? 0 }

  enum PolicyVerdict {
    case count, ignore
    case failJob(String)
    case failIndex
  }

  /// What `podFailurePolicy` says of a failed pod.
  private func failurePolicy(_ pod: JobPod) -> PolicyVerdict {
    for (number, rule) in (spec["podFailurePolicy"]?.list("rules") ?? []).enumerated() {
      guard let match = matches(rule, pod, number) else { continue }
      switch rule.text("action") {
      case "FailJob": return .failJob(match)
      case "Ignore": return .ignore
      case "FailIndex": return .failIndex
      default: return .count
      }
    }
    return .count
  }

  /// The message for the condition when the rule fits.
  private func matches(_ rule: JSON, _ pod: JobPod, _ number: Int) -> String? {
    if let codes = rule["onExitCodes"] {
      let container = codes.text("containerName")
      let values = codes.list("values").compactMap(\.int)
      for exit in pod.exits where container.isEmpty || container == exit.container {
        let isIn = values.contains(exit.code)
        if exit.code != 0, codes.text("operator") == "In" ? isIn : !isIn {
          return "Container \(exit.container) for pod \(object.namespace)/\(pod.object.name) failed with exit code "
            + "\(exit.code) matching FailJob rule at index \(number)"
        }
      }
      return nil
    }
    let podConditions = Conditions(pod.json["status"])
    for pattern in rule.list("onPodConditions") {
      let type = pattern.text("type")
      if podConditions.status(type) == pattern["status"]?.string ?? "True" {
        return
          "Pod \(object.namespace)/\(pod.object.name) has condition \(type) matching FailJob rule at index \(number)"
      }
    }
    return nil
  }

  // MARK: The end

  private mutating func decideEnd() {
    if conditions.isTrue("FailureTarget") || conditions.isTrue("SuccessCriteriaMet") { return }
    for pod in pods where pod.facts.phase == "Failed" {
      if case .failJob(let message) = failurePolicy(pod) { return target("FailureTarget", "PodFailurePolicy", message) }
    }
    if perIndexLimit == nil, failed > backoffLimit || restarts >= max(1, backoffLimit) && isRestarting {
      return target("FailureTarget", "BackoffLimitExceeded", "Job has reached the specified backoff limit")
    }
    if let limit = spec["activeDeadlineSeconds"]?.int, !isSuspended,
      let started = Instant(rfc3339: status.text("startTime"))
    {
      let left = started + .seconds(limit) - now
      if left <= .zero {
        return target("FailureTarget", "DeadlineExceeded", "Job was active longer than specified deadline")
      }
      plan.requeue(after: left)
    }
    decideIndexedEnd()
    if conditions.isTrue("FailureTarget") || conditions.isTrue("SuccessCriteriaMet") { return }
    let isEnough: Bool
    if let completions {
      isEnough = succeeded >= completions
    } else {
      isEnough = succeeded > 0 && active.isEmpty
    }
    if isEnough { target("SuccessCriteriaMet", "CompletionsReached", "Reached expected number of succeeded pods") }
  }

  private mutating func decideIndexedEnd() {
    guard isIndexed, let completions else { return }
    let done = IndexSet(status.text("completedIndexes"), limit: Self.indexLimit)
    for rule in spec["successPolicy"]?.list("rules") ?? [] {
      let listed = rule["succeededIndexes"]?.string.map { IndexSet($0, limit: completions) }
      let hits = listed.map { done.indexes.intersection($0.indexes).count } ?? done.count
      let needed = rule["succeededCount"]?.int ?? listed?.count ?? completions
      if needed > 0, hits >= needed {
        return target("SuccessCriteriaMet", "SuccessPolicy", "Matched rules at index 0")
      }
    }
    guard perIndexLimit != nil else { return }
    let lost = IndexSet(status.text("failedIndexes"), limit: Self.indexLimit)
    if let most = spec["maxFailedIndexes"]?.int, lost.count > most {
      return target(
        "FailureTarget", "MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes")
    }
    if lost.count > 0, lost.count + done.count >= completions {
      target("FailureTarget", "FailedIndexes", "Job has failed indexes")
    }
  }

  private var isRestarting: Bool { spec.at("template", "spec")?.text("restartPolicy") == "OnFailure" && restarts > 0 }

  private var restarts: Int {
    pods.filter { $0.facts.phase == "Running" || $0.facts.phase == "Pending" }.reduce(0) { $0 + $1.facts.restartCount }
  }

  private mutating func target(_ type: String, _ reason: String, _ message: String) {
    let time: [(String, JSON)] = [("lastProbeTime", .string(now.rfc3339))]
    conditions.set(type, "True", reason: reason, message: message, at: now, extra: time)
    finishWhenQuiet()
  }

  /// The final condition comes when no pod runs any more.
  private mutating func finishWhenQuiet() {
    let waiting = pods.contains { !$0.isOver }
    if waiting || isFinished { return }
    let isSuccess = conditions.isTrue("SuccessCriteriaMet")
    guard let reason = conditions[isSuccess ? "SuccessCriteriaMet" : "FailureTarget"] else { return }
    let time: [(String, JSON)] = [("lastProbeTime", .string(now.rfc3339))]
    conditions.set(
      isSuccess ? "Complete" : "Failed", "True", reason: reason.text("reason"), message: reason.text("message"),
      at: now, extra: time)
    if isSuccess {
      status["completionTime"] = .string(now.rfc3339)
      note(.normal, "Completed", "Job completed")
    } else {
      note(.warning, reason.text("reason"), reason.text("message"))
    }
  }

  private var notes: [EventNote] = []

  private mutating func note(_ severity: EventNote.Severity, _ reason: String, _ message: String) {
    notes.append(EventNote(reference.asInvolved, severity, reason, message))
  }

  // MARK: Pods

  /// Keeps the wanted number of pods at work.
  private mutating func manage() -> Plan {
    var work = Plan()
    let time: [(String, JSON)] = [("lastProbeTime", .string(now.rfc3339))]
    if isSuspended {
      if !conditions.isTrue("Suspended") {
        conditions.set("Suspended", "True", reason: "JobSuspended", message: "Job suspended", at: now, extra: time)
        note(.normal, "Suspended", "Job suspended")
      }
      status["startTime"] = nil
      work.then(active.map { deletion($0) })
      return work
    }
    if conditions.isTrue("Suspended") {
      conditions.set("Suspended", "False", reason: "JobResumed", message: "Job resumed", at: now, extra: time)
      status["startTime"] = .string(now.rfc3339)
      note(.normal, "Resumed", "Job resumed")
    }
    let active = self.active
    let wanted: Int
    if let completions {
      wanted = min(parallelism, max(0, completions - succeeded))
    } else {
      wanted = succeeded > 0 ? min(active.count, parallelism) : parallelism
    }
    if active.count > wanted {
      let surplus = active.sorted { !$0.facts.isReady && $1.facts.isReady || $0.facts.createdAt > $1.facts.createdAt }
      work.then(surplus.prefix(min(active.count - wanted, Self.burst)).map { deletion($0) })
      return work
    }
    if active.count == wanted || pods.contains(where: { $0.facts.isBeingDeleted && !$0.isOver && replacesLate }) {
      return work
    }
    if let delay = backoff() {
      plan.requeue(after: delay)
      return work
    }
    work.then(creations(min(wanted - active.count, Self.burst)), startsSlowly: true)
    return work
  }

  private var replacesLate: Bool { spec.text("podReplacementPolicy") == "Failed" }

  /// How long to wait after failures in a row; nil when there is nothing to wait for.
  private func backoff() -> Duration? {
    if perIndexLimit != nil { return nil }
    let ends = pods.filter(\.isOver).compactMap { pod in pod.finishedAt.map { (pod, $0) } }.sorted { $0.1 > $1.1 }
    let failures = ends.prefix { $0.0.hasFailed }
    guard let last = failures.first?.1, !failures.isEmpty else { return nil }
    let left = last + Self.failureBackoff.delay(after: failures.count - 1) - now
    return left > .zero ? left : nil
  }

  private func deletion(_ pod: JobPod) -> Action {
    .delete(
      pod.object.key, Deletion(uid: pod.object.uid),
      event: EventNote(reference.asInvolved, "SuccessfulDelete", "Deleted pod: \(pod.object.name)"))
  }

  private func creations(_ count: Int) -> [Action] {
    let event = EventNote(reference.asInvolved, "SuccessfulCreate", "Created pod: {name}")
    var pod = PodTemplate.pod(spec["template"] ?? .emptyObject, owner: reference)
    let finalizers = pod["metadata"]?.list("finalizers") ?? []
    pod["metadata"]?["finalizers"] = .array(finalizers + [.string(JobController.trackingFinalizer)])
    if !isIndexed { return Array(repeating: .create(.pods, pod, event: event), count: count) }
    return freeIndexes(count).map { .create(.pods, indexed(pod, $0), event: event) }
  }

  private func freeIndexes(_ count: Int) -> [Int] {
    let done = IndexSet(status.text("completedIndexes"), limit: Self.indexLimit)
    let lost = IndexSet(status.text("failedIndexes"), limit: Self.indexLimit)
    let busy = Set(active.compactMap(\.index))
    return Array(
      (0..<max(0, min(completions ?? 0, Self.indexLimit))).lazy
        .filter { !done.contains($0) && !lost.contains($0) && !busy.contains($0) }.prefix(count))
  }

  private func indexed(_ pod: JSON, _ index: Int) -> JSON {
    let key = "batch.kubernetes.io/job-completion-index"
    var pod = pod
    var metadata = pod["metadata"] ?? .emptyObject
    metadata["generateName"] = .string("\(object.name)-\(index)-")
    metadata["labels", default: .emptyObject][key] = .string(String(index))
    metadata["annotations", default: .emptyObject][key] = .string(String(index))
    if perIndexLimit != nil {
      let failures = pods.filter { $0.index == index && $0.hasFailed }.map { $0.indexFailures + 1 }.max() ?? 0
      metadata["annotations"]?["batch.kubernetes.io/job-index-failure-count"] = .string(String(failures))
    }
    pod["metadata"] = metadata
    var spec = pod["spec"] ?? .emptyObject
    spec["hostname"] = .string("\(object.name)-\(index)")
    let variable: JSON = [
      "name": "JOB_COMPLETION_INDEX",
      "valueFrom": ["fieldRef": ["apiVersion": "v1", "fieldPath": .string("metadata.labels['\(key)']")]],
    ]
    for list in ["containers", "initContainers"] where spec[list] != nil {
      spec[list] = .array(
        spec.list(list).map { container in
          var container = container
          if container.list("env").contains(where: { $0.text("name") == "JOB_COMPLETION_INDEX" }) { return container }
          container["env"] = .array(container.list("env") + [variable])
          return container
        })
    }
    pod["spec"] = spec
    return pod
  }

  // MARK: Status

  private mutating func writeStatus() {
    status.setCount("active", json.isBeingDeleted || isFinished || isSuspended ? 0 : active.count)
    status["ready"] = JSON(active.count { $0.facts.isReady })
    status["terminating"] = JSON(pods.count { $0.facts.isBeingDeleted && !$0.isOver })
    conditions.write(to: &status)
    plan.then(Action.status(object, from: json["status"], to: status))
    plan.then(counted.map(\.release))
    plan.then(notes.map { .record($0) })
  }
}

extension JobRun.PolicyVerdict: Equatable {}
