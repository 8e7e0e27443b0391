import JSONCore
import Objects
import Reconciling
import Values

/// What a pod asks of a node, read once from its specification.
public struct PodNeeds: Sendable {
  public let key: Key
  public let uid: String
  public let labels: Labels
  public let priority: Int
  public let createdAt: Instant
  public let nodeName: String
  public let schedulerName: String
  public let requests: Amounts
  /// For scores: as `requests`, with 100 m of CPU and 200 MB for each container that asks for none.
  public let scoredCPU: Int64
  public let scoredMemory: Int64
  public let hostPorts: [HostPort]
  public let nodeSelector: [String: String]
  public let nodeAffinity: NodeAffinity
  public let tolerations: [Toleration]
  public let podAffinity: PodAffinity
  public let spread: [SpreadConstraint]
  public let gates: [String]
  public let claims: [String]
  public let images: [String]
  public let preemptsLower: Bool
  /// The controlling owner; "" for none.
  public let controllerUID: String

  private static let scoredMilliCPU: Int64 = 100
  private static let scoredBytes: Int64 = 200 * 1024 * 1024

  public init(_ object: Object) {
    self.init(object, object.json)
  }

  public init(_ object: Object, _ json: JSON) {
    let spec = json["spec"] ?? .emptyObject
    key = object.key
    uid = object.uid
    labels = object.labels
    priority = spec["priority"]?.int ?? 0
    createdAt = Instant(rfc3339: json["metadata"]?.text("creationTimestamp") ?? "") ?? .epoch
    nodeName = spec.text("nodeName")
    schedulerName = spec["schedulerName"]?.string ?? "default-scheduler"
    nodeSelector = spec.strings("nodeSelector")
    let affinity = spec["affinity"]
    nodeAffinity = NodeAffinity(affinity?["nodeAffinity"])
    podAffinity = PodAffinity(affinity, namespace: object.namespace, labels: object.labels)
    tolerations = spec.list("tolerations").map(Toleration.init)
    spread = spec.list("topologySpreadConstraints").compactMap { SpreadConstraint($0, labels: object.labels) }
    gates = spec.list("schedulingGates").map { $0.text("name") }
    claims = spec.list("volumes").compactMap { volume in
      volume.at("persistentVolumeClaim", "claimName")?.string
        ?? (volume["ephemeral"] == nil ? nil : "\(object.name)-\(volume.text("name"))")
    }
    images = spec.list("containers").map { $0.text("image") }
    preemptsLower = spec.text("preemptionPolicy") != "Never"
    controllerUID = json.controllerReference?.text("uid") ?? ""
    let sums = Self.sums(spec)
    requests = sums.requests
    (scoredCPU, scoredMemory) = (sums.cpu, sums.memory)
    let isOnHost = spec["hostNetwork"]?.bool == true
    hostPorts = (spec.list("containers") + spec.list("initContainers").filter(Self.isSidecar)).flatMap { container in
      container.list("ports").compactMap { HostPort($0, isOnHost: isOnHost) }
    }
  }

  private static func isSidecar(_ container: JSON) -> Bool { container.text("restartPolicy") == "Always" }

  /// Containers run together, init containers one after another beside the sidecars started before them.
  private static func sums(_ spec: JSON) -> (requests: Amounts, cpu: Int64, memory: Int64) {
    var total = Amounts()
    var cpu: Int64 = 0
    var memory: Int64 = 0
    for container in spec.list("containers") {
      let amounts = Amounts(container.at("resources", "requests"))
      total += amounts
      cpu &+= amounts.milliCPU == 0 ? scoredMilliCPU : amounts.milliCPU
      memory &+= amounts.memory == 0 ? scoredBytes : amounts.memory
    }
    var sidecars = Amounts()
    var peak = Amounts()
    for container in spec.list("initContainers") {
      let amounts = Amounts(container.at("resources", "requests"))
      if isSidecar(container) {
        sidecars += amounts
        peak.raise(to: sidecars)
      } else {
        var together = sidecars
        together += amounts
        peak.raise(to: together)
      }
    }
    total += sidecars
    total.raise(to: peak)
    if let whole = spec.at("resources", "requests") {
      let amounts = Amounts(whole)
      if amounts.milliCPU > 0 { total.milliCPU = amounts.milliCPU }
      if amounts.memory > 0 { total.memory = amounts.memory }
    }
    let overhead = Amounts(spec["overhead"])
    total += overhead
    return (total, max(cpu, total.milliCPU), max(memory, total.memory))
  }
}

/// A port of the node that a pod takes for itself.
public struct HostPort: Sendable, Hashable {
  public let port: Int
  public let transport: String
  /// "0.0.0.0" stands for all addresses.
  public let address: String

  init?(_ port: JSON, isOnHost: Bool) {
    let wanted = port["hostPort"]?.int ?? 0
    let number = wanted > 0 ? wanted : isOnHost ? port["containerPort"]?.int ?? 0 : 0
    if number <= 0 { return nil }
    self.port = number
    transport = port["protocol"]?.string ?? "TCP"
    let address = port.text("hostIP")
    self.address = address.isEmpty ? "0.0.0.0" : address
  }

  func collides(with other: HostPort) -> Bool {
    port == other.port && transport == other.transport
      && (address == other.address || address == "0.0.0.0" || other.address == "0.0.0.0")
  }
}

/// A taint that a pod accepts.
public struct Toleration: Sendable, Hashable {
  public let key: String
  public let isExists: Bool
  public let value: String
  public let effect: String
  /// Seconds that a pod stays on a node with a NoExecute taint; nil for ever.
  public let seconds: Int?

  public init(_ json: JSON) {
    key = json.text("key")
    isExists = json.text("operator") == "Exists"
    value = json.text("value")
    effect = json.text("effect")
    seconds = json["tolerationSeconds"]?.int
  }

  public func tolerates(_ taint: Taint) -> Bool {
    if !effect.isEmpty && effect != taint.effect { return false }
    if key.isEmpty { return isExists }
    return key == taint.key && (isExists || value == taint.value)
  }
}

public struct Taint: Sendable, Hashable {
  public let key: String
  public let value: String
  public let effect: String

  public init(_ json: JSON) {
    key = json.text("key")
    value = json.text("value")
    effect = json.text("effect")
  }

  public init(key: String, value: String = "", effect: String) {
    self.key = key
    self.value = value
    self.effect = effect
  }
}
