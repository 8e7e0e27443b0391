import JSONCore
import Objects

/// A new node takes no pods until somebody has seen it ready.
enum TaintNodesByCondition {
  private static let key = "node.kubernetes.io/not-ready"

  static func admit(_ node: inout JSON, _ old: JSON?, _ context: inout WriteContext) throws(Status) {
    guard context.isCreate(of: .nodes) else { return }
    let taints = node["spec"]?.list("taints") ?? []
    if taints.contains(where: { $0.text("key") == key && $0.text("effect") == "NoSchedule" }) { return }
    node["spec", default: .emptyObject]["taints"] = .array(
      taints + [["key": .string(key), "effect": "NoSchedule"]])
  }
}
