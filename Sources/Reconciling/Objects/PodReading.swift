import JSONCore
import Objects
import Values

/// One walk over the bytes of a pod, for all who have something to do with pods.
final class PodReading: Sendable {
  let createdAt: Instant
  let isBeingDeleted: Bool
  let generation: Int
  let asked: Asked
  let seen: Seen

  /// From the spec.
  struct Asked: Sendable {
    var nodeName = ""
    var schedulerName = ""
    var claimNames: [String] = []
    var hasEphemeralVolumes = false
    var hasDevices = false
  }

  /// From the status.
  struct Seen: Sendable {
    var phase = ""
    var podIP = ""
    var isReady = false
    var readySince: Instant?
    var disruption: Disruption?
  }

  /// The announcement that somebody is about to end the pod.
  struct Disruption: Sendable {
    var since: Instant
    var isByKubelet: Bool
  }

  init(_ object: Object) {
    let metadata = object.metadata
    createdAt = metadata?.member("creationTimestamp").flatMap { Instant(rfc3339: $0.string) } ?? .epoch
    isBeingDeleted = metadata?.member("deletionTimestamp") != nil
    generation = metadata?.member("generation")?.int ?? 0
    var asked = Asked()
    object.spec?.forEachMember { name, value in
      if name.isString("nodeName") { asked.nodeName = value.string }
      if name.isString("schedulerName") { asked.schedulerName = value.string }
      if name.isString("resourceClaims") { asked.hasDevices = true }
      if name.isString("volumes") { asked.read(volumes: value, of: object.name) }
    }
    var seen = Seen()
    object.status?.forEachMember { name, value in
      if name.isString("phase") { seen.phase = value.string }
      if name.isString("podIP") { seen.podIP = value.string }
      if name.isString("conditions") { value.forEachElement { seen.read(condition: $0) } }
    }
    self.asked = asked
    self.seen = seen
  }
}

extension PodReading.Asked {
  fileprivate mutating func read(volumes: RawJSON, of pod: String) {
    volumes.forEachElement { volume in
      if let name = volume.member("persistentVolumeClaim")?.member("claimName")?.string {
        claimNames.append(name)
      } else if volume.member("ephemeral") != nil {
        hasEphemeralVolumes = true
        claimNames.append(PodFacts.ephemeralClaim(of: pod, volume: volume.member("name")?.string ?? ""))
      }
    }
  }
}

extension PodReading.Seen {
  fileprivate mutating func read(condition: RawJSON) {
    guard let type = condition.member("type") else { return }
    let isTrue = condition.member("status")?.isString("True") == true
    if type.isString("Ready") {
      isReady = isTrue
      readySince = Self.transition(condition)
    } else if type.isString("DisruptionTarget"), isTrue {
      disruption = PodReading.Disruption(
        since: Self.transition(condition) ?? .epoch,
        isByKubelet: condition.member("reason")?.isString("TerminationByKubelet") == true)
    }
  }

  private static func transition(_ condition: RawJSON) -> Instant? {
    condition.member("lastTransitionTime").flatMap { Instant(rfc3339: $0.string) }
  }
}
