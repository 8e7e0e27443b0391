import JSONCore
import Objects
import Reconciling
import Values

/// Makes the claims of ephemeral volumes: each belongs to its pod and goes with it.
public struct EphemeralVolumes: Controller {
  public let name = "ephemeral-volume-controller"
  public let eventSource = "ephemeral_volume"

  public init() {}

  public var watches: [Watch] {
    [
      Watch(.pods) { change, _ in
        change.kind != .deleted && PodFacts(change.object).hasEphemeralVolumes ? [change.object.key] : []
      },
      .owned(.persistentVolumeClaims, by: .pods),
    ]
  }

  private static func volumes(_ pod: Object) -> [JSON] {
    var volumes: [JSON] = []
    pod.spec?.member("volumes")?.forEachElement { volume in
      if volume.member("ephemeral") != nil, let json = volume.decoded() { volumes.append(json) }
    }
    return volumes
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let pod = snapshot[key] else { return .nothing }
    let facts = PodFacts(pod)
    if facts.isBeingDeleted || facts.isTerminal { return .nothing }
    let json = pod.json
    var plan = Plan()
    for volume in Self.volumes(pod) {
      let name = PodVolumes.ephemeralClaim(of: pod.name, volume: volume.text("name"))
      if let claim = snapshot[Key(.persistentVolumeClaims, namespace: key.namespace, name: name)] {
        if claim.owners.contains(pod.uid) { continue }
        let message =
          "ephemeral volume \(volume.text("name")): PVC \(key.namespace)/\(name) was not created for pod "
          + "\(key.namespace)/\(key.name) (pod is not owner)"
        plan.then([.record(EventNote(Reference(pod, json).asInvolved, .warning, "FailedBinding", message))])
      } else {
        plan.then([.create(.persistentVolumeClaims, Self.claim(name, volume, Reference(pod, json)))])
      }
    }
    return plan
  }

  private static func claim(_ name: String, _ volume: JSON, _ pod: Reference) -> JSON {
    let template = volume.at("ephemeral", "volumeClaimTemplate") ?? .emptyObject
    var metadata: JSON = [
      "name": .string(name), "namespace": .string(pod.namespace), "ownerReferences": [pod.asController],
    ]
    for field in ["labels", "annotations"] { metadata[field] = template.at("metadata", field) }
    return [
      "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata,
      "spec": template["spec"] ?? .emptyObject,
    ]
  }
}
