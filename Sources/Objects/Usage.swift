import Values

/// What containers use of their node, as a metrics server would measure it: the one source for the metrics API and for
/// autoscalers.
public protocol UsageSource: Sendable {
  /// A sample of each pod that runs, in the order of the pods; pods of which nothing is known yet are left out.
  func usage(of pods: [Object], in snapshot: Snapshot, at now: Instant) -> [PodUsage]

  /// What each node uses as a whole, its own processes included; nodes that do not answer are left out.
  func usage(ofNodes nodes: [Object], in snapshot: Snapshot, at now: Instant) -> [NodeUsage]
}

/// An amount of CPU (cores) and of memory (bytes, the working set).
public struct Usage: Sendable, Equatable {
  public var cpu: Quantity
  public var memory: Quantity

  public init(cpu: Quantity = .zero, memory: Quantity = .zero) {
    self.cpu = cpu
    self.memory = memory
  }

  public static func += (left: inout Usage, right: Usage) {
    left.cpu += right.cpu
    left.memory += right.memory
  }
}

/// A sample of a pod: its running containers, sidecars included.
public struct PodUsage: Sendable, Equatable {
  public struct Container: Sendable, Equatable {
    public var name: String
    public var usage: Usage

    public init(name: String, usage: Usage) {
      self.name = name
      self.usage = usage
    }
  }

  public var pod: Key
  /// When the sample was taken, and over how long before.
  public var time: Instant
  public var window: Duration
  public var containers: [Container]

  public init(pod: Key, time: Instant, window: Duration, containers: [Container]) {
    self.pod = pod
    self.time = time
    self.window = window
    self.containers = containers
  }

  public var total: Usage { containers.reduce(into: Usage()) { $0 += $1.usage } }

  /// What one container uses; nil when it does not run.
  public subscript(container: String) -> Usage? { containers.first { $0.name == container }?.usage }
}

/// A sample of a node.
public struct NodeUsage: Sendable, Equatable {
  public var node: String
  public var time: Instant
  public var window: Duration
  public var usage: Usage

  public init(node: String, time: Instant, window: Duration, usage: Usage) {
    self.node = node
    self.time = time
    self.window = window
    self.usage = usage
  }
}
