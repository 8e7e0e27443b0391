import JSONCore
import Values

extension Cells {
  static let pods: [String: Cell] = [
    "podReady": { row in JSON("\(row.podSummary.ready)/\(row.podSummary.total)") },
    "podStatus": { row in JSON(row.podSummary.reason) },
    "podRestarts": { row in
      let summary = row.podSummary
      guard summary.restarts > 0, let last = summary.lastRestart else { return JSON("\(summary.restarts)") }
      return JSON("\(summary.restarts) (\(Age.human(row.now - last)) ago)")
    },
    "podAddress": { row in text(row.status.list("podIPs").first?["ip"] ?? row.status["podIP"]) },
    "podReadinessGates": { row in
      let gates = row.spec.list("readinessGates")
      let open = gates.filter { row.isTrue($0.text("conditionType")) }
      return gates.isEmpty ? "<none>" : JSON("\(open.count)/\(gates.count)")
    },
  ]
}

/// READY, STATUS and RESTARTS of a pod, which are one computation over its container statuses.
struct PodSummary: Sendable {
  private(set) var reason: String
  private(set) var ready = 0
  private(set) var total: Int
  private(set) var restarts = 0
  private(set) var lastRestart: Instant?

  /// Names of the init containers that keep running beside the others.
  private let sidecars: Set<String>

  init(_ row: Row) {
    sidecars = Set(
      row.spec.list("initContainers").filter { $0.text("restartPolicy") == "Always" }.map { $0.text("name") })
    total = row.spec.list("containers").count + sidecars.count
    reason = row.status.text("reason").isEmpty ? row.status.text("phase") : row.status.text("reason")
    if row.status.list("conditions").contains(where: {
      $0.text("type") == "PodScheduled" && $0.text("reason") == "SchedulingGated"
    }) {
      reason = "SchedulingGated"
    }
    let isInitializing = countInitContainers(row)
    if !isInitializing || row.isTrue("Initialized") { countContainers(row) }
    if row.isBeingDeleted {
      if row.status.text("reason") == "NodeLost" {
        reason = "Unknown"
      } else if !["Succeeded", "Failed"].contains(row.status.text("phase")) {
        reason = "Terminating"
      }
    }
  }

  /// - Returns: whether an init container still stands before the others.
  private mutating func countInitContainers(_ row: Row) -> Bool {
    for (index, status) in row.status.list("initContainerStatuses").enumerated() {
      count(restartsOf: status)
      let isSidecar = sidecars.contains(status.text("name"))
      let terminated = status.at("state", "terminated")
      let waiting = status.at("state", "waiting")?.text("reason") ?? ""
      if let terminated, (terminated["exitCode"]?.int ?? 0) == 0 { continue }
      if isSidecar, status["started"]?.bool == true {
        if status["ready"]?.bool == true { ready += 1 }
        continue
      }
      if let terminated {
        reason = "Init:" + Self.end(terminated)
      } else if !waiting.isEmpty && waiting != "PodInitializing" {
        reason = "Init:" + waiting
      } else {
        reason = "Init:\(index)/\(row.spec.list("initContainers").count)"
      }
      return true
    }
    return false
  }

  private mutating func countContainers(_ row: Row) {
    restarts = 0
    lastRestart = nil
    for status in row.status.list("initContainerStatuses") where sidecars.contains(status.text("name")) {
      count(restartsOf: status)
    }
    var hasRunning = false
    for status in row.status.list("containerStatuses").reversed() {
      count(restartsOf: status)
      let waiting = status.at("state", "waiting")?.text("reason") ?? ""
      if !waiting.isEmpty {
        reason = waiting
      } else if let terminated = status.at("state", "terminated") {
        reason = Self.end(terminated)
      } else if status["ready"]?.bool == true, status.at("state", "running") != nil {
        hasRunning = true
        ready += 1
      }
    }
    if reason == "Completed" && hasRunning { reason = row.isTrue("Ready") ? "Running" : "NotReady" }
  }

  private mutating func count(restartsOf status: JSON) {
    restarts += status["restartCount"]?.int ?? 0
    guard let text = status.at("lastState", "terminated", "finishedAt")?.string, let end = Instant(rfc3339: text)
    else { return }
    lastRestart = max(lastRestart ?? end, end)
  }

  /// How a container ended: its reason, else the signal or the exit code.
  private static func end(_ terminated: JSON) -> String {
    let reason = terminated.text("reason")
    if !reason.isEmpty { return reason }
    let signal = terminated["signal"]?.int ?? 0
    return signal != 0 ? "Signal:\(signal)" : "ExitCode:\(terminated["exitCode"]?.int ?? 0)"
  }
}
