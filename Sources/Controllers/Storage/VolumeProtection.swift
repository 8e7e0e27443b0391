import JSONCore
import Objects
import Reconciling
import Values

/// Takes the finalizers that protect claims, volumes and attribute classes in use, once they are used no more; gives them
/// to those that came without.
public struct VolumeProtection: Controller {
  public let name = "persistentvolumeclaim-protection-controller"

  public init() {}

  public var watches: [Watch] {
    [
      .each(.persistentVolumeClaims), .each(.persistentVolumes), .each(.volumeAttributesClasses),
      Watch(.pods) { change, snapshot in
        // What matters is that a pod is there and has a node, or is there no more.
        if change.kind == .modified { return [] }
        return PodVolumes.claimKeys(change, snapshot)
      },
      Watch(.persistentVolumeClaims) { change, _ in
        let spec = change.object.spec
        var keys: [Key] = []
        if change.kind == .deleted, let name = spec?.member("volumeName")?.string {
          keys.append(Key(.persistentVolumes, name: name))
        }
        if let name = spec?.member("volumeAttributesClassName")?.string {
          keys.append(Key(.volumeAttributesClasses, name: name))
        }
        return keys
      },
      Watch(.persistentVolumes) { change, _ in
        let name = change.object.spec?.member("volumeAttributesClassName")?.string
        return name.map { [Key(.volumeAttributesClasses, name: $0)] } ?? []
      },
    ]
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key] else { return .nothing }
    let json = object.json
    let finalizer: String
    let isUsed: Bool
    switch key.resource {
    case .persistentVolumeClaims:
      finalizer = VolumeNames.claimFinalizer
      isUsed = json.isBeingDeleted && PodVolumes.pods(using: object, snapshot).contains { Self.holds($0) }
    case .persistentVolumes:
      finalizer = VolumeNames.volumeFinalizer
      isUsed = json["status"]?.text("phase") == "Bound"
    default:
      finalizer = VolumeNames.attributesClassFinalizer
      isUsed = json.isBeingDeleted && Self.isNamed(object.name, snapshot)
    }
    if !json.isBeingDeleted {
      return Plan([Finalizers.addition(of: finalizer, to: object, json)].compactMap { $0 })
    }
    return isUsed ? .nothing : Plan([Finalizers.removal(of: finalizer, from: object, json)].compactMap { $0 })
  }

  /// A pod without a node will not get one while the claim is being deleted; one with a node may have it mounted, even
  /// when it has run to its end.
  private static func holds(_ pod: Object) -> Bool { !PodFacts(pod).nodeName.isEmpty }

  private static func isNamed(_ name: String, _ snapshot: Snapshot) -> Bool {
    func names(_ object: Object) -> Bool {
      let spec = object.spec
      let status = object.status
      return spec?.member("volumeAttributesClassName")?.string == name
        || status?.member("currentVolumeAttributesClassName")?.string == name
    }
    return snapshot.objects(.persistentVolumeClaims).contains(where: names)
      || snapshot.objects(.persistentVolumes).contains(where: names)
  }
}
