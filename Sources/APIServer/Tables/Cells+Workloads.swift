import JSONCore
import Values

extension Cells {
  static let workloads: [String: Cell] = [
    "containerNames": { row in joined(containers(row), "name") },
    "containerImages": { row in joined(containers(row), "image") },
    "cronJobContainerNames": { row in joined(containers(row), "name") },
    "cronJobContainerImages": { row in joined(containers(row), "image") },
    "labelSelector": { row in selector(row.spec["selector"]) },
    "mapSelector": { row in labels(row.spec["selector"]) },
    "cronJobSelector": { row in selector(row.spec.at("jobTemplate", "spec", "selector")) },
    "templateLabels": { row in labels(row.object.at("template", "metadata", "labels")) },
    "templateNodeSelector": { row in labels(row.spec.at("template", "spec", "nodeSelector")) },
    "readyReplicas": { row in
      JSON("\(row.status["readyReplicas"]?.int ?? 0)/\(row.spec["replicas"]?.int ?? 0)")
    },
    "jobStatus": { row in
      if row.isTrue("Complete") { return "Complete" }
      if row.isTrue("Failed") { return "Failed" }
      if row.isBeingDeleted { return "Terminating" }
      if row.isTrue("Suspended") { return "Suspended" }
      if row.isTrue("FailureTarget") { return "FailureTarget" }
      return row.isTrue("SuccessCriteriaMet") ? "SuccessCriteriaMet" : "Running"
    },
    "jobCompletions": { row in
      let succeeded = row.status["succeeded"]?.int ?? 0
      if let completions = row.spec["completions"]?.int { return JSON("\(succeeded)/\(completions)") }
      let parallelism = row.spec["parallelism"]?.int ?? 0
      return JSON(parallelism > 1 ? "\(succeeded)/1 of \(parallelism)" : "\(succeeded)/1")
    },
    "jobDuration": { row in
      guard let start = row.status["startTime"]?.string.flatMap({ Instant(rfc3339: $0) }) else { return "" }
      let end = row.status["completionTime"]?.string.flatMap { Instant(rfc3339: $0) } ?? row.now
      return JSON(Age.human(end - start))
    },
    "cronJobSuspend": { row in
      switch row.spec["suspend"]?.bool {
      case true?: "True"
      case false?: "False"
      case nil: "<unset>"
      }
    },
    "controllerOwner": { row in
      guard let owner = row.metadata.list("ownerReferences").first(where: { $0["controller"]?.bool == true })
      else { return "<none>" }
      let version = owner.text("apiVersion")
      let group = version.contains("/") ? "." + version.prefix { $0 != "/" } : ""
      return JSON("\((owner.text("kind") + group).lowercased())/\(owner.text("name"))")
    },
    "scaleTarget": { row in
      JSON(
        "\(row.spec.at("scaleTargetRef", "kind")?.string ?? "")/\(row.spec.at("scaleTargetRef", "name")?.string ?? "")")
    },
    "scaleMetrics": { row in autoscalerTargets(row) },
    "scaleUtilization": { row in autoscalerTargets(row) },
    "minimumReplicas": { row in JSON(plain(row.spec["minReplicas"]) ?? "<unset>") },
    "budgetMinimum": { row in JSON(plain(row.spec["minAvailable"]) ?? "N/A") },
    "budgetMaximum": { row in JSON(plain(row.spec["maxUnavailable"]) ?? "N/A") },
  ]

  /// The containers of a pod template, wherever the kind keeps it.
  private static func containers(_ row: Row) -> [JSON] {
    let template =
      row.spec.at("jobTemplate", "spec", "template") ?? row.spec["template"] ?? row.object["template"] ?? .emptyObject
    return template["spec"]?.list("containers") ?? []
  }

  /// `cpu: 10%/50%` for each metric, the first two of them.
  private static func autoscalerTargets(_ row: Row) -> JSON {
    if let goal = row.spec["targetCPUUtilizationPercentage"]?.int {
      let current = row.status["currentCPUUtilizationPercentage"]?.int.map { "\($0)%" } ?? "<unknown>"
      return JSON("cpu: \(current)/\(goal)%")
    }
    let current = row.status.list("currentMetrics")
    let shown = row.spec.list("metrics").enumerated().map { index, metric in
      target(metric, index < current.count ? current[index] : .emptyObject)
    }
    if shown.isEmpty { return "<none>" }
    let text = shown.prefix(2).joined(separator: ", ")
    return JSON(shown.count > 2 ? "\(text) + \(shown.count - 2) more..." : text)
  }

  private static func target(_ metric: JSON, _ status: JSON) -> String {
    let type = metric.text("type")
    let field = type.prefix(1).lowercased() + type.dropFirst()
    let source = metric[field] ?? .emptyObject
    let goal = source["target"] ?? .emptyObject
    let current = status[field]?["current"] ?? .emptyObject
    let isResource = type.hasSuffix("Resource")
    let prefix = isResource ? "\(source.text("name")): " : ""
    if let average = plain(goal["averageValue"]) {
      return "\(prefix)\(plain(current["averageValue"]) ?? "<unknown>")/\(average)"
        + (isResource || type == "Pods" ? "" : " (avg)")
    }
    if isResource {
      let used = current["averageUtilization"]?.int.map { "\($0)%" } ?? "<unknown>"
      return "\(prefix)\(used)/\(goal["averageUtilization"]?.int.map { "\($0)%" } ?? "<auto>")"
    }
    return "\(plain(current["value"]) ?? "<unknown>")/\(plain(goal["value"]) ?? "<auto>")"
  }
}
