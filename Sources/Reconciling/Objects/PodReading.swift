import JSONCore
import Objects
import Values

/// One walk over the bytes of a pod, for all who have something to do with pods.
final class PodReading: Sendable {
  let phase: String
  let nodeName: String
  let schedulerName: String
  let podIP: String
  let createdAt: Instant
  let isBeingDeleted: Bool
  let generation: Int
  let isReady: Bool
  let readySince: Instant?
  let controllerUID: String
  let claimNames: [String]

  init(_ object: Object) {
    var metadata: RawJSON?
    var spec: RawJSON?
    var status: RawJSON?
    var members = RawJSON(object.blob.bytes).members
    while let (name, value) = members.next() {
      if name.isString("metadata") { metadata = value }
      if name.isString("spec") { spec = value }
      if name.isString("status") { status = value }
    }
    createdAt = metadata?.member("creationTimestamp").flatMap { Instant(rfc3339: $0.string) } ?? .epoch
    isBeingDeleted = metadata?.member("deletionTimestamp") != nil
    generation = metadata?.member("generation")?.int ?? 0
    controllerUID = object.owners.isEmpty ? "" : metadata.map(Self.controller) ?? ""
    nodeName = spec?.member("nodeName")?.string ?? ""
    schedulerName = spec?.member("schedulerName")?.string ?? ""
    claimNames = spec.map { Self.claims($0, of: object.name) } ?? []
    phase = status?.member("phase")?.string ?? ""
    podIP = status?.member("podIP")?.string ?? ""
    (isReady, readySince) = status.map(Self.readiness) ?? (false, nil)
  }

  private static func controller(_ metadata: RawJSON) -> String {
    var uid = ""
    metadata.member("ownerReferences")?.forEachElement { reference in
      if reference.member("controller")?.isTrue == true { uid = reference.member("uid")?.string ?? "" }
    }
    return uid
  }

  private static func claims(_ spec: RawJSON, of pod: String) -> [String] {
    var names: [String] = []
    spec.member("volumes")?.forEachElement { volume in
      if let name = volume.member("persistentVolumeClaim")?.member("claimName")?.string {
        names.append(name)
      } else if volume.member("ephemeral") != nil {
        names.append(PodFacts.ephemeralClaim(of: pod, volume: volume.member("name")?.string ?? ""))
      }
    }
    return names
  }

  private static func readiness(_ status: RawJSON) -> (isReady: Bool, since: Instant?) {
    var result: (isReady: Bool, since: Instant?) = (false, nil)
    status.member("conditions")?.forEachElement { condition in
      guard condition.member("type")?.isString("Ready") == true else { return }
      result.isReady = condition.member("status")?.isString("True") == true
      result.since = condition.member("lastTransitionTime").flatMap { Instant(rfc3339: $0.string) }
    }
    return result
  }
}
