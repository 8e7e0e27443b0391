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

  public var names: [String] { (0..<count).map { "\(prefix)\($0 + 1)" } }
}
