import JSONCore
import Objects
import Reconciling
import Values

/// Brings claims and volumes together, and asks for volumes where a class makes them. Keys are claims and volumes.
public struct VolumeBinder: Controller {
  public let name = "persistentvolume-binder-controller"
  public let eventSource = "persistentvolume-controller"

  public init() {}

  public var watches: [Watch] {
    [
      .each(.persistentVolumeClaims),
      Watch(.persistentVolumes) { change, snapshot in
        let reference = change.object.spec?.member("claimRef")?.decoded()
        if let reference {
          return [
            change.object.key,
            Key(.persistentVolumeClaims, namespace: reference.text("namespace"), name: reference.text("name")),
          ]
        }
        // A free volume may be what any waiting claim needs.
        return [change.object.key] + Self.unboundClaims(snapshot)
      },
      Watch(.storageClasses) { change, snapshot in
        change.kind == .deleted ? [] : Self.unboundClaims(snapshot)
      },
      Watch(.persistentVolumeClaims) { change, snapshot in
        guard let name = change.object.spec?.member("volumeName")?.string, !name.isEmpty
        else { return [] }
        return [Key(.persistentVolumes, name: name)]
      },
    ]
  }

  private static func unboundClaims(_ snapshot: Snapshot) -> [Key] {
    snapshot.objects(.persistentVolumeClaims).filter {
      $0.status?.member("phase")?.isString("Bound") != true
    }.map(\.key)
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key] else { return .nothing }
    let json = object.json
    if key.resource == .persistentVolumes { return Self.volume(object, json, snapshot) }
    return json.annotation(VolumeNames.bindCompleted) == nil
      ? Self.unbound(object, json, snapshot) : Self.bound(object, json, snapshot)
  }

  /// Sets the phase of a claim or a volume, and says so when it changes.
  static func phase(_ object: Object, _ json: JSON, _ phase: String, event: EventNote? = nil) -> Plan {
    if json["status"]?.text("phase") == phase { return .nothing }
    var status = json["status"] ?? .emptyObject
    status["phase"] = .string(phase)
    return Plan([Action.status(object, from: json["status"], to: status, event: event)].compactMap { $0 })
  }

  /// Each of the four steps is taken where it is missing: the volume's reference and phase, the claim's name and phase.
  static func bind(_ claim: Object, _ json: JSON, _ volume: Object, _ volumeJSON: JSON) -> Plan {
    var plan = Plan()
    if (volumeJSON.at("spec", "claimRef")?.text("uid") ?? "").isEmpty {
      let reference: JSON = [
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": .string(claim.namespace),
        "name": .string(claim.name), "uid": .string(claim.uid), "resourceVersion": .string(String(claim.revision)),
      ]
      var metadata: JSON = ["resourceVersion": .string(String(volume.revision))]
      if volumeJSON.at("spec", "claimRef") == nil {
        metadata["annotations"] = [VolumeNames.boundByController: "yes"]
      }
      plan.then([.patch(volume.key, ["metadata": metadata, "spec": ["claimRef": reference]])])
    }
    let isNamed = !(json["spec"]?.text("volumeName") ?? "").isEmpty
    if !isNamed || json.annotation(VolumeNames.bindCompleted) == nil {
      var annotations: JSON = [VolumeNames.bindCompleted: "yes"]
      if !isNamed { annotations[VolumeNames.boundByController] = "yes" }
      plan.then([
        .patch(
          claim.key,
          [
            "metadata": ["uid": .string(claim.uid), "annotations": annotations],
            "spec": ["volumeName": .string(volume.name)],
          ])
      ])
    }
    if json["status"]?.text("phase") == "Bound" { return plan }
    var status = json["status"] ?? .emptyObject
    status["phase"] = "Bound"
    status["accessModes"] = volumeJSON.at("spec", "accessModes")
    status["capacity"] = volumeJSON.at("spec", "capacity")
    status["currentVolumeAttributesClassName"] = volumeJSON.at("spec", "volumeAttributesClassName")
    plan.then(Action.status(claim, from: json["status"], to: status))
    return plan
  }
}
