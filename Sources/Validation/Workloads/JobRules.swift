import JSONCore
import Objects

/// Rules of `jobs` and `cronjobs`.
enum JobRules {
  /// A CronJob's name and the 11 characters of a time make the name of a Job, which becomes a label.
  static let cronJobNameMaximum = 52

  static let job = Rule(
    object: { object, findings in
      let spec = object["spec"] ?? .emptyObject
      jobSpec(spec, "spec", &findings)
      selectorAndLabels(spec, "spec", &findings)
      template(spec, "spec", &findings)
      JobSelector.judge(object, &findings)
      lastPod(object, &findings)
    },
    update: { new, old, findings in
      let after = new["spec"] ?? .emptyObject
      let before = old["spec"] ?? .emptyObject
      let path = Path("spec")
      // The stock server judges the whole spec once more with each change.
      jobSpec(after, path, &findings)
      selectorAndLabels(after, path, &findings)
      template(after, path, &findings)
      if after.text("completionMode") != "Indexed" || after["completions"] != after["parallelism"] {
        findings.immutable(path.child("completions"), new: after["completions"], old: before["completions"])
      }
      findings.immutable(
        path.child("selector"), new: after["selector"], old: before["selector"], as: .labelSelector)
      for field in [
        "completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy",
      ] {
        findings.immutable(path.child(field), new: after[field], old: before[field])
      }
      JobChanges.template(after, old, &findings)
    })

  static let cronJob = Rule(
    name: { name in
      let messages = Names.subdomain(name)
      return name.utf8.count > cronJobNameMaximum
        ? messages + ["must be no more than \(cronJobNameMaximum) characters"] : messages
    },
    object: { object, findings in
      let spec = object["spec"] ?? .emptyObject
      let path = Path("spec")
      schedule(spec, path, &findings)
      findings.nonNegative(path.child("startingDeadlineSeconds"), spec["startingDeadlineSeconds"])
      findings.oneOf(path.child("concurrencyPolicy"), spec.text("concurrencyPolicy"), ["Allow", "Forbid", "Replace"])
      for field in ["successfulJobsHistoryLimit", "failedJobsHistoryLimit"] {
        findings.nonNegative(path.child(field), spec[field])
      }
      let jobSpecPath = path.child("jobTemplate").child("spec")
      let jobSpec = spec.at("jobTemplate", "spec") ?? .emptyObject
      JobRules.jobSpec(jobSpec, jobSpecPath, &findings)
      if jobSpec["manualSelector"]?.bool == true {
        findings.add(.notSupported(jobSpecPath.child("manualSelector"), true, ["nil", "false"]))
      }
      if let selector = jobSpec["selector"] {
        findings.invalid(
          jobSpecPath.child("selector"), selector, as: .labelSelector, "`selector` will be auto-generated")
      }
      template(jobSpec, jobSpecPath, &findings)
    },
    updateJudgesMetadata: false)

  /// The last pod of an indexed job has the longest name.
  private static func lastPod(_ job: JSON, _ findings: inout Findings) {
    guard job.at("spec", "completionMode") == "Indexed", let count = job.at("spec", "completions")?.int, count > 0,
      let name = job.at("metadata", "name")?.string
    else { return }
    let host = "\(name)-\(count - 1)"
    if Names.label(host).isEmpty { return }
    findings.invalid(
      "metadata.name", .string(name), "will not able to create pod with invalid DNS label: \(host)")
  }

  private static func jobSpec(_ spec: JSON, _ path: Path, _ findings: inout Findings) {
    for field in [
      "parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished",
      "backoffLimitPerIndex", "maxFailedIndexes",
    ] { findings.nonNegative(path.child(field), spec[field]) }
    if let mode = spec["completionMode"]?.string {
      findings.supported(path.child("completionMode"), mode, ["NonIndexed", "Indexed"])
      if mode == "Indexed", spec["completions"] == nil {
        findings.required(path.child("completions"), "when completion mode is Indexed")
      }
    }
    let isIndexed = spec.text("completionMode") == "Indexed"
    if isIndexed { indexed(spec, path, &findings) }
    for field in ["backoffLimitPerIndex", "maxFailedIndexes"] where spec[field] != nil && !isIndexed {
      findings.invalid(path.child(field), spec[field], "requires indexed completion mode")
    }
    if let policy = spec["podReplacementPolicy"]?.string {
      let allowed = spec["podFailurePolicy"] == nil ? ["Failed", "TerminatingOrFailed"] : ["Failed"]
      findings.supported(path.child("podReplacementPolicy"), policy, allowed)
    }
    if spec["maxFailedIndexes"] != nil, spec["backoffLimitPerIndex"] == nil {
      findings.required(path.child("backoffLimitPerIndex"), "when maxFailedIndexes is specified")
    }
    if let policy = spec["successPolicy"] {
      JobPolicies.success(policy, spec, path.child("successPolicy"), &findings)
    }
    if let policy = spec["podFailurePolicy"] {
      JobPolicies.failure(policy, spec, path.child("podFailurePolicy"), &findings)
    }
    if let manager = spec["managedBy"]?.string {
      if manager.utf8.count > 63 { findings.add(.tooLong(path.child("managedBy"), limit: 63)) }
      findings.domainPath(path.child("managedBy"), manager)
    }
  }

  private static let mostIndexes = 100_000
  /// Above so many completions there are narrower limits.
  private static let manyCompletions = 100_000
  private static let limitOfMany = 10_000

  private static func indexed(_ spec: JSON, _ path: Path, _ findings: inout Findings) {
    let parallelism = spec["parallelism"]?.int ?? 0
    let completions = spec["completions"]?.int
    let failed = spec["maxFailedIndexes"]?.int
    func most(_ field: String, _ value: Int, _ words: String) {
      findings.invalid(path.child(field), JSON(value), "must be less than or equal to \(words)")
    }
    if parallelism > mostIndexes { most("parallelism", parallelism, "\(mostIndexes) when completion mode is Indexed") }
    if let failed, let completions, failed > completions { most("maxFailedIndexes", failed, "completions") }
    if let failed, failed > mostIndexes { most("maxFailedIndexes", failed, "\(mostIndexes)") }
    guard let completions, completions > manyCompletions, spec["backoffLimitPerIndex"] != nil else { return }
    let words = "\(limitOfMany) when completions are above \(manyCompletions) and used with backoff limit per index"
    if failed == nil {
      findings.required(
        path.child("maxFailedIndexes"), "must be specified when completions is above \(manyCompletions)")
    }
    if parallelism > limitOfMany { most("parallelism", parallelism, words) }
    if let failed, failed > limitOfMany { most("maxFailedIndexes", failed, words) }
  }

  private static func selectorAndLabels(_ spec: JSON, _ path: Path, _ findings: inout Findings) {
    let labels = spec.at("template", "metadata", "labels")
    if let selector = spec["selector"] {
      findings.labelSelector(selector, path.child("selector"))
    } else {
      findings.required(path.child("selector"))
    }
    let selector = try? LabelSelector(json: spec["selector"])
    if spec["selector"] == nil || selector.map({ !$0.matches(Labels(labels)) }) ?? false {
      findings.invalid(
        path.child("template").child("metadata").child("labels"), labels, "`selector` does not match template `labels`")
    }
  }

  private static func template(_ spec: JSON, _ path: Path, _ findings: inout Findings) {
    let path = path.child("template")
    findings.template(spec["template"], path)
    let policy = spec.at("template", "spec", "restartPolicy")?.string ?? ""
    let place = path.child("spec").child("restartPolicy")
    if policy.isEmpty || policy == "Always" {
      findings.required(place, "valid values: \"OnFailure\", \"Never\"")
    } else if !["OnFailure", "Never"].contains(policy) {
      findings.supported(place, policy, ["OnFailure", "Never"])
    } else if spec["podFailurePolicy"] != nil, policy != "Never" {
      findings.invalid(place, .string(policy), "only \"Never\" is supported when podFailurePolicy is specified")
    }
  }

  private static func schedule(_ spec: JSON, _ path: Path, _ findings: inout Findings) {
    let text = spec.text("schedule")
    let place = path.child("schedule")
    if text.isEmpty {
      findings.required(place)
    } else if text.contains("TZ") {
      findings.invalid(place, .string(text), "cannot use TZ or CRON_TZ in schedule, use timeZone field instead")
    } else {
      do throws(CronSchedule.Problem) {
        _ = try CronSchedule(parsing: text)
      } catch {
        findings.invalid(place, .string(text), error.message)
      }
    }
    guard let zone = spec["timeZone"]?.string else { return }
    if zone.isEmpty {
      findings.invalid(path.child("timeZone"), "", "timeZone must be nil or non-empty string")
    } else if zone == "Local" {
      findings.invalid(
        path.child("timeZone"), .string(zone),
        "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones")
    } else {
      do throws(ZoneDatabase.Problem) {
        _ = try ZoneDatabase.system.rules(zone)
      } catch {
        findings.invalid(path.child("timeZone"), .string(zone), error.message)
      }
    }
  }
}
