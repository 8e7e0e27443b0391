import JSONCore
import Reconciling

/// What a Job asks for.
struct JobSpecification {
  let json: JSON
  let isIndexed: Bool
  let isSuspended: Bool
  /// nil: until one has succeeded and none runs any more.
  let completions: Int?
  let parallelism: Int
  let backoffLimit: Int
  /// Failures that each index may have; nil when they are counted together.
  let perIndexLimit: Int?
  /// A pod is replaced when it has ended, not as soon as it is being deleted.
  let replacesLate: Bool
  let failurePolicy: PodFailurePolicy

  init(_ spec: JSON) {
    json = spec
    isIndexed = spec.text("completionMode") == "Indexed"
    isSuspended = spec["suspend"]?.bool == true
    completions = spec["completions"]?.int
    parallelism = max(0, spec["parallelism"]?.int ?? 1)
    perIndexLimit = spec["backoffLimitPerIndex"]?.int
    backoffLimit = spec["backoffLimit"]?.int ?? (perIndexLimit == nil ? 6 : Int(Int32.max))
    failurePolicy = PodFailurePolicy(spec)
    let replacement = spec.text("podReplacementPolicy")
    replacesLate = replacement.isEmpty ? spec["podFailurePolicy"] != nil : replacement == "Failed"
  }

  /// Indexes are below this.
  var indexLimit: Int { completions ?? 0 }

  /// Containers are started anew in place, so restarts count as failures.
  var restartsContainers: Bool { json.at("template", "spec", "restartPolicy")?.string == "OnFailure" }

  var activeDeadlineSeconds: Int? { json["activeDeadlineSeconds"]?.int }

  /// The message of the first rule of the success policy that holds.
  func fulfilledRule(_ completed: IndexSet) -> String? {
    for (number, rule) in (json["successPolicy"]?.list("rules") ?? []).enumerated() {
      let listed = rule["succeededIndexes"]?.string.map { IndexSet($0, limit: indexLimit) }
      let hits = listed.map { completed.overlap(with: $0) } ?? completed.count
      guard let needed = rule["succeededCount"]?.int ?? listed?.count else { continue }
      if hits >= needed { return "Matched rules at index \(number)" }
    }
    return nil
  }
}
