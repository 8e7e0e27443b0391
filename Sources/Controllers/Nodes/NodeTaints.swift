import JSONCore
import Objects
import Reconciling
import Values

/// The taints that follow from a node's conditions.
enum NodeTaints {
  private static let notReady = "node.kubernetes.io/not-ready"
  private static let unreachable = "node.kubernetes.io/unreachable"
  private static let pressures = [
    ("MemoryPressure", "node.kubernetes.io/memory-pressure"), ("DiskPressure", "node.kubernetes.io/disk-pressure"),
    ("PIDPressure", "node.kubernetes.io/pid-pressure"),
    ("NetworkUnavailable", "node.kubernetes.io/network-unavailable"),
  ]
  private static let unschedulable = "node.kubernetes.io/unschedulable"

  /// The taints that drive pods away.
  static let evicting: Set<String> = [notReady, unreachable]

  private struct Taint: Hashable {
    let key: String
    let effect: String
  }

  static func isReady(_ node: Object) -> Bool {
    var isReady = false
    node.status?.member("conditions")?.forEachElement { condition in
      if condition.member("type")?.isString("Ready") == true {
        isReady = condition.member("status")?.isString("True") == true
      }
    }
    return isReady
  }

  /// The patch that sets the taints; nil when they are right.
  /// - Parameter evicts: pods may be driven away now.
  static func change(of node: JSON, _ conditions: Conditions, evicts: Bool, at now: Instant) -> JSON? {
    var wanted: Set<Taint> = []
    let ready = conditions.status("Ready")
    if ready != "True" {
      let key = ready == "Unknown" ? unreachable : notReady
      wanted.insert(Taint(key: key, effect: "NoSchedule"))
      if evicts && !ready.isEmpty { wanted.insert(Taint(key: key, effect: "NoExecute")) }
    }
    for (type, key) in pressures where conditions.isTrue(type) { wanted.insert(Taint(key: key, effect: "NoSchedule")) }
    if node.at("spec", "unschedulable")?.bool == true {
      wanted.insert(Taint(key: unschedulable, effect: "NoSchedule"))
    }
    let ours = Set([notReady, unreachable, unschedulable] + pressures.map(\.1))
    let present = node["spec"]?.list("taints") ?? []
    var result = present.filter { taint in
      let key = taint.text("key")
      return !ours.contains(key) || wanted.contains(Taint(key: key, effect: taint.text("effect")))
    }
    let kept = Set(result.map { Taint(key: $0.text("key"), effect: $0.text("effect")) })
    for taint in wanted.subtracting(kept).sorted(by: { ($0.key, $0.effect) < ($1.key, $1.effect) }) {
      result.append([
        "key": .string(taint.key), "effect": .string(taint.effect), "timeAdded": .string(now.rfc3339),
      ])
    }
    if result == present { return nil }
    let metadata: JSON = [
      "uid": .string(node["metadata"]?.text("uid") ?? ""),
      "resourceVersion": .string(node["metadata"]?.text("resourceVersion") ?? ""),
    ]
    return ["metadata": metadata, "spec": ["taints": result.isEmpty ? .null : .array(result)]]
  }
}
