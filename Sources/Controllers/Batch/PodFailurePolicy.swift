import JSONCore
import Reconciling

/// What a Job's `podFailurePolicy` makes of a failed pod: the first rule that fits decides.
struct PodFailurePolicy {
  enum Verdict: Equatable {
    case count
    case ignore
    case failIndex
    /// With the message for the condition.
    case failJob(String)

    var counts: Bool { self != .ignore }
  }

  private let rules: [JSON]

  init(_ spec: JSON) { rules = spec["podFailurePolicy"]?.list("rules") ?? [] }

  func verdict(on pod: JobPod) -> Verdict {
    for (number, rule) in rules.enumerated() {
      guard let cause = Self.cause(rule, pod) else { continue }
      switch rule.text("action") {
      case "FailJob": return .failJob("\(cause) matching FailJob rule at index \(number)")
      case "Ignore": return .ignore
      case "FailIndex": return .failIndex
      default: return .count
      }
    }
    return .count
  }

  /// Why the rule fits, in words; nil when it does not.
  private static func cause(_ rule: JSON, _ pod: JobPod) -> String? {
    let name = "\(pod.object.namespace)/\(pod.object.name)"
    if let codes = rule["onExitCodes"] {
      let container = codes.text("containerName")
      let values = codes.list("values").compactMap(\.int)
      let isListed = codes.text("operator") == "In"
      let match = pod.exits.first { exit in
        exit.code != 0 && (container.isEmpty || container == exit.container) && values.contains(exit.code) == isListed
      }
      return match.map { "Container \($0.container) for pod \(name) failed with exit code \($0.code)" }
    }
    let conditions = Conditions(pod.json["status"])
    let match = rule.list("onPodConditions").first { pattern in
      conditions.status(pattern.text("type")) == pattern["status"]?.string ?? "True"
    }
    return match.map { "Pod \(name) has condition \($0.text("type"))" }
  }
}
