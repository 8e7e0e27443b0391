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
      for field in [
        "selector", "completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy",
      ] {
        findings.immutable(path.child(field), new: after[field], old: before[field])
      }
      if before["suspend"]?.bool != true {
        findings.immutable(path.child("template"), new: after["template"], old: before["template"])
      }
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
      template(jobSpec, jobSpecPath, &findings)
    })

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
    for field in ["backoffLimitPerIndex", "maxFailedIndexes", "successPolicy"] where spec[field] != nil && !isIndexed {
      findings.invalid(path.child(field), spec[field], "requires indexed completion mode")
    }
    if let policy = spec["podReplacementPolicy"]?.string {
      let allowed = spec["podFailurePolicy"] == nil ? ["Failed", "TerminatingOrFailed"] : ["Failed"]
      findings.supported(path.child("podReplacementPolicy"), policy, allowed)
    }
    if let most = spec["maxFailedIndexes"]?.int {
      if spec["backoffLimitPerIndex"] == nil {
        findings.required(path.child("backoffLimitPerIndex"), "when maxFailedIndexes is specified")
      }
      if let completions = spec["completions"]?.int, most > completions {
        findings.invalid(path.child("maxFailedIndexes"), JSON(most), "must be less than or equal to completions")
      }
    }
    if let policy = spec["successPolicy"] { successPolicy(policy, path.child("successPolicy"), &findings) }
    if let policy = spec["podFailurePolicy"] { failurePolicy(policy, spec, path.child("podFailurePolicy"), &findings) }
    if let manager = spec["managedBy"]?.string {
      if manager.utf8.count > 63 { findings.add(.tooLong(path.child("managedBy"), limit: 63)) }
      findings.domainPath(path.child("managedBy"), manager)
    }
  }

  private static func failurePolicy(_ policy: JSON, _ spec: JSON, _ path: Path, _ findings: inout Findings) {
    let actions = ["Count", "FailIndex", "FailJob", "Ignore"]
    for (path, rule) in findings.elements(policy["rules"], path.child("rules")) {
      let action = rule.text("action")
      if action.isEmpty {
        findings.required(path.child("action"), "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]")
      } else if action == "FailIndex", spec["backoffLimitPerIndex"] == nil {
        findings.invalid(path.child("action"), .string(action), "requires the backoffLimitPerIndex to be set")
      } else {
        findings.supported(path.child("action"), action, actions)
      }
      for (path, condition) in findings.elements(rule["onPodConditions"], path.child("onPodConditions")) {
        findings.invalid(
          path.child("type"), condition.text("type"), messages: Names.qualified(condition.text("type")))
        findings.oneOf(path.child("status"), condition.text("status"), ["False", "True", "Unknown"])
      }
      let hasCodes = rule["onExitCodes"] != nil
      let hasConditions = !rule.list("onPodConditions").isEmpty
      if hasCodes == hasConditions {
        let words = hasCodes ? "specifying both" : "specifying one of"
        findings.invalid(
          path, "\(words) OnExitCodes and OnPodConditions is \(hasCodes ? "not supported" : "required")")
      }
      guard let codes = rule["onExitCodes"] else { continue }
      let codesPath = path.child("onExitCodes")
      exitCodes(codes, spec, codesPath, &findings)
    }
  }

  private static func exitCodes(_ codes: JSON, _ spec: JSON, _ path: Path, _ findings: inout Findings) {
    let comparison = codes.text("operator")
    if comparison.isEmpty {
      findings.required(path.child("operator"), "valid values: [\"In\" \"NotIn\"]")
    } else {
      findings.supported(path.child("operator"), comparison, ["In", "NotIn"])
    }
    if let name = codes["containerName"]?.string {
      let podSpec = spec.at("template", "spec") ?? .emptyObject
      let names = (podSpec.list("containers") + podSpec.list("initContainers")).map { $0.text("name") }
      if !names.contains(name) {
        findings.invalid(
          path.child("containerName"), .string(name),
          "must be one of the container or initContainer names in the pod template")
      }
    }
    let values = codes.list("values").compactMap(\.int)
    let place = path.child("values")
    if values.isEmpty { findings.invalid(place, codes["values"], "at least one value is required") }
    if values.count > 255 { findings.add(.tooMany(place, count: values.count, limit: 255)) }
    var seen = Set<Int>()
    for (index, value) in values.enumerated() {
      if comparison == "In", value == 0 {
        findings.invalid(place.index(index), 0, "must not be 0 for the In operator")
      }
      if !seen.insert(value).inserted { findings.duplicate(place.index(index), JSON(value)) }
    }
    if values != values.sorted() { findings.invalid(place, codes["values"], "must be ordered") }
  }

  private static func successPolicy(_ policy: JSON, _ path: Path, _ findings: inout Findings) {
    if policy.list("rules").isEmpty {
      findings.required(
        path.child("rules"), "at least one rules must be specified when the successPolicy is specified")
    }
    for (path, rule) in findings.elements(policy["rules"], path.child("rules")) {
      if rule["succeededCount"] == nil, rule["succeededIndexes"] == nil {
        findings.required(path, "at least one of succeededCount or succeededIndexes must be specified")
      }
      findings.nonNegative(path.child("succeededCount"), rule["succeededCount"])
    }
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
    } else if CronSchedule(text) == nil {
      findings.invalid(place, .string(text), explain(text))
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

  private static func explain(_ schedule: String) -> String {
    let count = schedule.split(separator: " ").count
    return count == 5 ? "failed to parse \(schedule)" : "expected exactly 5 fields, found \(count): [\(schedule)]"
  }
}
