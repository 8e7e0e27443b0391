import JSONCore
import Objects

/// Pods carry the zone and the region of the node that they are on.
enum PodTopologyLabels {
  private static let keys = ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"]

  /// Pods that come with their node; others get the labels when they are bound.
  static func admit(_ pod: inout JSON, _ old: JSON?, _ context: inout WriteContext) throws(Status) {
    guard context.isCreate(of: .pods), let node = pod["spec"]?.text("nodeName"), !node.isEmpty else { return }
    for (key, value) in labels(of: node, context.snapshot) {
      pod["metadata", default: .emptyObject]["labels", default: .emptyObject][key] = value
    }
  }

  static func labels(of node: String, _ snapshot: Snapshot) -> [(key: String, value: JSON)] {
    guard let labels = snapshot[Key(.nodes, name: node)]?.labels else { return [] }
    return keys.compactMap { key in labels[key].map { (key, .string($0)) } }
  }
}
