import JSONCore
import Objects
import Values

/// What controllers ask of a pod again and again. It is read once from the pod's bytes, without decoding the whole of it,
/// however many of them ask.
public struct PodFacts: Sendable {
  public let object: Object
  private let reading: PodReading

  public init(_ object: Object) {
    self.object = object
    reading = object.derived(PodReading.init)
  }

  public var phase: String { reading.seen.phase }
  public var nodeName: String { reading.asked.nodeName }
  public var schedulerName: String { reading.asked.schedulerName }
  public var podIP: String { reading.seen.podIP }
  public var createdAt: Instant { reading.createdAt }
  public var isBeingDeleted: Bool { reading.isBeingDeleted }
  /// `metadata.generation`, 0 where there is none.
  public var generation: Int { reading.generation }
  public var isReady: Bool { reading.seen.isReady }
  /// When the Ready condition last changed.
  public var readySince: Instant? { reading.seen.readySince }
  /// The UID of the owner with `controller: true`; "" when there is none.
  public var controllerUID: String { object.controller }
  /// The claims that the pod's volumes name, those of ephemeral volumes included.
  public var claimNames: [String] { reading.asked.claimNames }
  public var hasEphemeralVolumes: Bool { reading.asked.hasEphemeralVolumes }
  /// It asks for resource claims.
  public var hasDevices: Bool { reading.asked.hasDevices }
  /// When somebody other than the kubelet announced that it is going to end the pod.
  public var disruptedSince: Instant? { reading.seen.disruption.flatMap { $0.isByKubelet ? nil : $0.since } }

  /// The claim that is made for an ephemeral volume.
  public static func ephemeralClaim(of pod: String, volume: String) -> String { "\(pod)-\(volume)" }

  public var key: Key { object.key }
  public var name: String { object.name }
  public var uid: String { object.uid }

  /// It has run to its end.
  public var isTerminal: Bool { phase == "Succeeded" || phase == "Failed" }

  /// It counts for its controller: neither finished nor on its way out.
  public var isActive: Bool { !isTerminal && !isBeingDeleted }

  /// Ready for at least `minReadySeconds`.
  public func isAvailable(minReadySeconds: Int, at now: Instant) -> Bool {
    if !isReady { return false }
    if minReadySeconds <= 0 { return true }
    guard let readySince else { return false }
    return readySince + .seconds(minReadySeconds) <= now
  }

  /// The restarts of all containers, those of init containers included.
  public var restartCount: Int {
    let status = object.status
    var sum = 0
    for list in ["initContainerStatuses", "containerStatuses"] as [StaticString] {
      status?.member(list)?.forEachElement { sum += $0.member("restartCount")?.int ?? 0 }
    }
    return sum
  }
}
