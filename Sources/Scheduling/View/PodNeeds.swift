import JSONCore
import Objects
import Reconciling
import Values

/// What a pod asks of a node, read once from its specification. A class, so that tables of pods share it.
public final class PodNeeds: Sendable {
  public let key: Key
  public let uid: String
  public let labels: Labels
  public let priority: Int
  public let createdAt: Instant
  public let nodeName: String
  public let schedulerName: String
  /// Changes with the specification.
  let generation: Int
  public let requests: Amounts
  /// For scores: as `requests`, with 100 m of CPU and 200 MB for each container that says nothing.
  let scoredCPU: Int64
  let scoredMemory: Int64
  let hostPorts: [HostPort]
  let nodeChoice: NodeChoice
  let preferences: [NodePreference]
  let tolerations: [Toleration]
  let affinity: PodAffinity
  let spread: [SpreadConstraint]
  let gates: [String]
  /// The names of the claims behind its volumes.
  let claims: [VolumeClaimName]
  let disks: [Disk]
  let devices: [DeviceClaimName]
  let images: [String]
  /// How many containers and init containers it has.
  let containerCount: Int
  let preemptsLower: Bool
  /// The controlling owner; "" for none.
  let controllerUID: String
  let nominatedNode: String
  let startedAt: Instant?
  let isLeaving: Bool
  /// It leaves to make room for a pod of higher priority.
  let isPreempted: Bool
  /// Its containers hold more than they ask for, as long as a resize is under way.
  let isResizing: Bool
  /// Equal for pods of one namespace with the same labels.
  let groupKey: String

  public convenience init(_ object: Object) { self.init(object, object.json) }

  public init(_ object: Object, _ json: JSON) {
    let spec = json["spec"] ?? .emptyObject
    let status = json["status"]
    key = object.key
    uid = object.uid
    labels = object.labels
    priority = spec["priority"]?.int ?? 0
    createdAt = Instant(rfc3339: json["metadata"]?.text("creationTimestamp") ?? "") ?? .epoch
    nodeName = spec.text("nodeName")
    schedulerName = spec["schedulerName"]?.string ?? Scheduler.name
    generation = json.generation
    let affinity = spec["affinity"]
    let nodes = affinity?["nodeAffinity"]
    nodeChoice = NodeChoice(
      selector: spec.strings("nodeSelector"), required: nodes?["requiredDuringSchedulingIgnoredDuringExecution"])
    preferences = (nodes?.list("preferredDuringSchedulingIgnoredDuringExecution") ?? []).map(NodePreference.init)
    self.affinity = PodAffinity(affinity, namespace: object.namespace, labels: object.labels)
    tolerations = spec.list("tolerations").map(Toleration.init)
    spread = spec.list("topologySpreadConstraints").compactMap {
      SpreadConstraint($0, namespace: object.namespace, labels: object.labels)
    }
    gates = spec.list("schedulingGates").map { $0.text("name") }
    let volumes = spec.list("volumes")
    claims = volumes.compactMap { VolumeClaimName($0, pod: object.name) }
    disks = volumes.compactMap(Disk.init)
    devices = DeviceClaimName.all(spec, status)
    images = (spec.list("initContainers") + spec.list("containers")).map { Self.tagged($0.text("image")) }
    containerCount = images.count
    preemptsLower = spec.text("preemptionPolicy") != "Never"
    controllerUID = json.controllerReference?.text("uid") ?? ""
    nominatedNode = status?.text("nominatedNodeName") ?? ""
    startedAt = status.flatMap { Instant(rfc3339: $0.text("startTime")) }
    isLeaving = json.isBeingDeleted
    isPreempted = isLeaving && Self.isPreempted(status)
    groupKey = object.labels.pairs.reduce(into: object.namespace) { $0 += "\u{0}\($1.key)=\($1.value)" }
    requests = PodRequests.total(spec, status, defaults: false)
    isResizing = status != nil && requests != PodRequests.total(spec, nil, defaults: false)
    let scored = PodRequests.total(spec, status, defaults: true)
    (scoredCPU, scoredMemory) = (scored.milliCPU, scored.memory)
    let isOnHost = spec["hostNetwork"]?.bool == true
    hostPorts = (spec.list("containers") + spec.list("initContainers").filter(PodRequests.isSidecar)).flatMap {
      $0.list("ports").compactMap { HostPort($0, isOnHost: isOnHost) }
    }
  }

  /// Whether the scheduler has announced that it makes room by this pod's leaving.
  static func isPreempted(_ status: JSON?) -> Bool {
    guard let condition = Conditions(status)["DisruptionTarget"] else { return false }
    return condition.text("status") == "True" && condition.text("reason") == "PreemptionByScheduler"
  }

  /// The name that nodes list an image under: without a tag it is the latest.
  private static func tagged(_ image: String) -> String {
    let name = image.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    return name.contains(":") || name.contains("@") ? image : image + ":latest"
  }

  func tolerates(_ taint: Taint) -> Bool { tolerations.contains { $0.tolerates(taint) } }
}
