import JSONCore
import Objects
import Reconciling

/// Whether a pod may begin to use what it was given.
enum Readiness: Equatable {
  case ready, waiting
  /// It never will, for this reason.
  case failed(String)
}

/// Some devices have to be made ready once they are given out (attached to the node's fabric, say): their driver reports
/// that in the claim's status, under the conditions that the device names.
enum DeviceReadiness {
  static func needsWaiting(_ key: Key, _ snapshot: Snapshot) -> Bool {
    results(key, snapshot).contains { !$0.list("bindingConditions").isEmpty }
  }

  static func state(of key: Key, _ snapshot: Snapshot) -> Readiness {
    let reports = snapshot[key]?.json["status"]?.list("devices") ?? []
    var isWaiting = false
    for result in results(key, snapshot) where !result.list("bindingConditions").isEmpty {
      let report = reports.first { report in
        ["driver", "pool", "device", "shareID"].allSatisfy { report.text($0) == result.text($0) }
      }
      let conditions = Conditions(report)
      let failure = result.list("bindingFailureConditions").compactMap(\.string).first(where: conditions.isTrue)
      if let failure {
        return .failed("claim \(key.name): device \(result.text("device")) reports \(failure)")
      }
      if !result.list("bindingConditions").compactMap(\.string).allSatisfy(conditions.isTrue) { isWaiting = true }
    }
    return isWaiting ? .waiting : .ready
  }

  private static func results(_ key: Key, _ snapshot: Snapshot) -> [JSON] {
    snapshot[key]?.json.at("status", "allocation", "devices")?.list("results") ?? []
  }

  /// Gives the devices of a claim back, so that others can be looked for; nil where another pod uses them.
  static func surrender(_ key: Key, by pod: PodNeeds, _ snapshot: Snapshot) -> Action? {
    guard let object = snapshot[key] else { return nil }
    let json = object.json
    var status = json["status"] ?? .emptyObject
    let others = status.list("reservedFor").filter { $0.text("uid") != pod.uid }
    if others.isEmpty {
      for field in ["allocation", "devices", "reservedFor"] { status[field] = nil }
    } else {
      status["reservedFor"] = .array(others)
    }
    return Action.status(object, from: json["status"], to: status, isExact: true)
  }
}
