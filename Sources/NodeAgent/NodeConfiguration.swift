import JSONCore
import Values

/// The simulated nodes: how many, and what each of them has.
public struct NodeConfiguration: Sendable {
  /// Nodes are named `<prefix>1` to `<prefix><count>`.
  public var count = 3
  public var prefix = "node-"
  public var cpu = "8"
  public var memory = "32Gi"
  public var ephemeralStorage = "100Gi"
  public var pods = 110
  /// The version that the nodes report.
  public var kubeletVersion = "v1.36.2"

  public init() {}

  /// What a node has, as its status says it.
  var allocatable: JSON {
    [
      "cpu": .string(cpu), "memory": .string(memory), "ephemeral-storage": .string(ephemeralStorage),
      "pods": .string(String(pods)), "hugepages-1Gi": "0", "hugepages-2Mi": "0",
    ]
  }

  public var names: [String] { (0..<count).map { "\(prefix)\($0 + 1)" } }
}
