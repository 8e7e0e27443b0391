import JSONCore
import Objects

/// Rules of when a job has failed, and when it has succeeded.
enum JobPolicies {
  private static let mostRules = 20
  /// Bytes.
  private static let longestIndexes = 64 * 1024

  static func failure(_ policy: JSON, _ spec: JSON, _ path: Path, _ findings: inout Findings) {
    let actions = ["Count", "FailIndex", "FailJob", "Ignore"]
    let count = policy.list("rules").count
    if count > mostRules { findings.add(.tooMany(path.child("rules"), count: count, limit: mostRules)) }
    for (path, rule) in findings.elements(policy["rules"], path.child("rules")) {
      let action = rule.text("action")
      if action.isEmpty {
        findings.required(path.child("action"), "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]")
      } else if action == "FailIndex", spec["backoffLimitPerIndex"] == nil {
        findings.invalid(path.child("action"), .string(action), "requires the backoffLimitPerIndex to be set")
      } else {
        findings.supported(path.child("action"), action, actions)
      }
      conditions(rule, path.child("onPodConditions"), &findings)
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

  private static func conditions(_ rule: JSON, _ path: Path, _ findings: inout Findings) {
    let count = rule.list("onPodConditions").count
    if count > mostRules { findings.add(.tooMany(path, count: count, limit: mostRules)) }
    for (path, condition) in findings.elements(rule["onPodConditions"], path) {
      let type = condition.text("type")
      findings.invalid(path.child("type"), type, messages: Names.qualified(type))
      let status = condition.text("status")
      if status.isEmpty {
        findings.required(path.child("status"), "valid values: [\"False\" \"True\" \"Unknown\"]")
      } else {
        findings.supported(path.child("status"), status, ["False", "True", "Unknown"])
      }
    }
  }

  private static let shape = GoShape.structure([
    .init("rules", .list(.structure([.init("succeededIndexes"), .init("succeededCount")])))
  ])

  static func success(_ policy: JSON, _ spec: JSON, _ path: Path, _ findings: inout Findings) {
    if spec.text("completionMode") != "Indexed" {
      return findings.invalid(path, policy, as: shape, "requires indexed completion mode")
    }
    let path = path.child("rules")
    let rules = policy.list("rules")
    if rules.isEmpty {
      findings.required(path, "at least one rules must be specified when the successPolicy is specified")
    }
    if rules.count > mostRules { findings.add(.tooMany(path, count: rules.count, limit: mostRules)) }
    for (path, rule) in findings.elements(policy["rules"], path) {
      success(rule, completions: spec["completions"]?.int ?? 0, path, &findings)
    }
  }

  private static func success(_ rule: JSON, completions: Int, _ path: Path, _ findings: inout Findings) {
    if rule["succeededCount"] == nil, rule["succeededIndexes"] == nil {
      findings.required(path, "at least one of succeededCount or succeededIndexes must be specified")
    }
    var total: Int?
    if let indexes = rule["succeededIndexes"]?.string {
      let place = path.child("succeededIndexes")
      if indexes.utf8.count > longestIndexes { findings.add(.tooLong(place, limit: longestIndexes)) }
      switch JobIndexes.count(indexes, completions: completions) {
      case .success(let count): total = count
      case .failure(let problem):
        findings.invalid(place, .string(indexes), "error parsing succeededIndexes: \(problem.words)")
        total = 0
      }
    }
    guard let count = rule["succeededCount"]?.int else { return }
    let place = path.child("succeededCount")
    findings.nonNegative(place, JSON(count))
    if count > completions {
      findings.invalid(
        place, JSON(count), "must be less than or equal to \(completions) (the number of specified completions)")
    }
    if let total, count > total {
      findings.invalid(
        place, JSON(count),
        "must be less than or equal to \(total) (the number of indexes in the specified succeededIndexes field)")
    }
  }
}
