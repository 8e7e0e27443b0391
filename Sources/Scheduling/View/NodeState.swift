import JSONCore
import Objects

/// A node: what it offers, and what the pods on it have taken.
public struct NodeState: Sendable {
  public let name: String
  public private(set) var labels: Labels
  public private(set) var taints: [Taint]
  public private(set) var isUnschedulable: Bool
  public private(set) var allocatable: Amounts
  public private(set) var allocatablePods: Int
  /// Image name to size in bytes.
  public private(set) var images: [String: Int64]

  public private(set) var requested = Amounts()
  public private(set) var scoredCPU: Int64 = 0
  public private(set) var scoredMemory: Int64 = 0
  public private(set) var podCount = 0
  public private(set) var hostPorts: [HostPort: Int] = [:]
  /// Pods by controlling owner, for spreading.
  public private(set) var ownerCounts: [String: Int] = [:]

  public init(_ object: Object) {
    name = object.name
    labels = object.labels
    taints = []
    isUnschedulable = false
    allocatable = Amounts()
    allocatablePods = 0
    images = [:]
    update(object)
  }

  /// Takes over a new state of the node; true when that may let other pods in.
  @discardableResult
  public mutating func update(_ object: Object) -> Bool {
    let root = RawJSON(object.blob.bytes)
    let spec = root.member("spec")?.decoded()
    let status = root.member("status")
    let list = status?.member("allocatable")?.decoded()
    let before = (labels, taints, isUnschedulable, allocatable, allocatablePods)
    labels = object.labels
    taints = (spec?.list("taints") ?? []).map(Taint.init)
    isUnschedulable = spec?["unschedulable"]?.bool == true
    allocatable = Amounts(list)
    allocatablePods = Int(Quantity(list?["pods"])?.value ?? 0)
    images = [:]
    for image in status?.member("images")?.decoded()?.array ?? [] {
      for name in image.list("names").compactMap(\.string) { images[name] = Int64(image["sizeBytes"]?.int ?? 0) }
    }
    return before.0 != labels || before.1 != taints || before.2 != isUnschedulable || before.3 != allocatable
      || before.4 != allocatablePods
  }

  public mutating func add(_ pod: PodNeeds) {
    requested += pod.requests
    scoredCPU &+= pod.scoredCPU
    scoredMemory &+= pod.scoredMemory
    podCount += 1
    for port in pod.hostPorts { hostPorts[port, default: 0] += 1 }
    if !pod.controllerUID.isEmpty { ownerCounts[pod.controllerUID, default: 0] += 1 }
  }

  public mutating func remove(_ pod: PodNeeds) {
    requested -= pod.requests
    scoredCPU &-= pod.scoredCPU
    scoredMemory &-= pod.scoredMemory
    podCount -= 1
    for port in pod.hostPorts {
      hostPorts[port, default: 0] -= 1
      if hostPorts[port] == 0 { hostPorts[port] = nil }
    }
    if !pod.controllerUID.isEmpty {
      ownerCounts[pod.controllerUID, default: 0] -= 1
      if ownerCounts[pod.controllerUID] == 0 { ownerCounts[pod.controllerUID] = nil }
    }
  }
}
