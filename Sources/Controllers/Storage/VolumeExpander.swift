import JSONCore
import Objects
import Reconciling
import Values

/// Lets bound claims grow: first the volume, then, once a pod uses it, the file system. The two halves of this are an
/// external resizer and the kubelet elsewhere; volumes of other provisioners are left to theirs.
public struct VolumeExpander: Controller {
  public let name = "persistentvolume-expander-controller"
  public let eventSource = "volume_expand"

  public init() {}

  public var watches: [Watch] {
    [
      .each(.persistentVolumeClaims), Watch(.pods, keys: PodVolumes.claimKeys),
      Watch(.volumeAttributesClasses) { change, snapshot in
        change.kind == .deleted ? [] : snapshot.objects(.persistentVolumeClaims).map(\.key)
      },
      Watch(.persistentVolumes) { change, _ in
        guard let claim = change.object.spec?.member("claimRef")?.decoded() else {
          return []
        }
        return [Key(.persistentVolumeClaims, namespace: claim.text("namespace"), name: claim.text("name"))]
      },
    ]
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let claim = snapshot[key] else { return .nothing }
    let json = claim.json
    if let change = Self.modification(claim, json, snapshot) { return change }
    guard json["status"]?.text("phase") == "Bound",
      let wanted = Quantity(json.at("spec", "resources", "requests", "storage")),
      let present = Quantity(json.at("status", "capacity", "storage")), wanted > present,
      let volume = snapshot[Key(.persistentVolumes, name: json["spec"]?.text("volumeName") ?? "")]
    else { return .nothing }
    let involved = Reference(claim, json).asInvolved
    let volumeJSON = volume.json
    guard volumeJSON.annotation(VolumeNames.provisionedBy) == VolumeNames.simulated else {
      let isKnown = volumeJSON.annotation(VolumeNames.provisionedBy) != nil || volumeJSON.at("spec", "csi") != nil
      let note = EventNote(
        involved, isKnown ? .normal : .warning, isKnown ? "ExternalExpanding" : "VolumeResizeFailed",
        isKnown
          ? "waiting for an external controller to expand this PVC"
          : "didn't find a plugin capable of expanding the volume; waiting for an external controller to process this PVC"
      )
      return Plan([.record(note)])
    }
    if VolumeMatch.capacity(volumeJSON) < wanted { return Self.growVolume(claim, json, volume, wanted, now) }
    return Self.growFileSystem(claim, json, volume, volumeJSON, snapshot, now)
  }

  /// A bound claim that names another class of attributes gets it at once: there is nothing to change in a simulated volume.
  private static func modification(_ claim: Object, _ json: JSON, _ snapshot: Snapshot) -> Plan? {
    let wanted = json["spec"]?.text("volumeAttributesClassName") ?? ""
    guard json["status"]?.text("phase") == "Bound", !wanted.isEmpty,
      json["status"]?.text("currentVolumeAttributesClassName") != wanted,
      let volume = snapshot[Key(.persistentVolumes, name: json["spec"]?.text("volumeName") ?? "")],
      volume.json.annotation(VolumeNames.provisionedBy) == VolumeNames.simulated
    else { return nil }
    var status = json["status"] ?? .emptyObject
    guard let attributes = snapshot[Key(.volumeAttributesClasses, name: wanted)],
      attributes.json.text("driverName") == VolumeNames.simulated
    else {
      status["modifyVolumeStatus"] = ["status": "Pending", "targetVolumeAttributesClassName": .string(wanted)]
      return Plan([Action.status(claim, from: json["status"], to: status)].compactMap { $0 })
    }
    status["modifyVolumeStatus"] = nil
    status["currentVolumeAttributesClassName"] = .string(wanted)
    var plan = Plan([
      .patch(
        volume.key,
        ["metadata": ["uid": .string(volume.uid)], "spec": ["volumeAttributesClassName": .string(wanted)]])
    ])
    let note = EventNote(
      Reference(claim, json).asInvolved, "VolumeModifySuccessful",
      "external resizer modified volume \(claim.name) successfully ")
    plan.then(Action.status(claim, from: json["status"], to: status, event: note))
    return plan
  }

  /// The resizer's half.
  private static func growVolume(
    _ claim: Object, _ json: JSON, _ volume: Object, _ wanted: Quantity, _ now: Instant
  ) -> Plan {
    let size = JSON.string(wanted.description)
    var status = json["status"] ?? .emptyObject
    var conditions = Conditions(status)
    conditions.set("Resizing", "True", at: now)
    conditions.write(to: &status)
    status["allocatedResources"] = ["storage": size]
    status["allocatedResourceStatuses"] = ["storage": "ControllerResizeInProgress"]
    let note = EventNote(
      Reference(claim, json).asInvolved, "Resizing", "External resizer is resizing volume \(volume.name)")
    var plan = Plan()
    plan.then(Action.status(claim, from: json["status"], to: status, event: note))
    plan.then([
      .patch(volume.key, ["metadata": ["uid": .string(volume.uid)], "spec": ["capacity": ["storage": size]]])
    ])
    return plan
  }

  /// The kubelet's half, which waits for a pod; a block device has no file system that could be too small.
  private static func growFileSystem(
    _ claim: Object, _ json: JSON, _ volume: Object, _ volumeJSON: JSON, _ snapshot: Snapshot, _ now: Instant
  ) -> Plan {
    var status = json["status"] ?? .emptyObject
    var conditions = Conditions(status)
    let involved = Reference(claim, json).asInvolved
    let isBlock = volumeJSON["spec"]?.text("volumeMode") == "Block"
    let user = PodVolumes.pods(using: claim, snapshot).first {
      PodFacts($0).phase == "Running" && !PodFacts($0).isBeingDeleted
    }
    if !isBlock, !conditions.isTrue("FileSystemResizePending") {
      conditions.remove("Resizing")
      conditions.set(
        "FileSystemResizePending", "True",
        message: "Waiting for user to (re-)start a pod to finish file system resize of volume on node.", at: now)
      conditions.write(to: &status)
      status["allocatedResourceStatuses"] = ["storage": "NodeResizePending"]
      let note = EventNote(
        involved, "FileSystemResizeRequired", "Require file system resize of volume on node")
      return Plan([Action.status(claim, from: json["status"], to: status, event: note)].compactMap { $0 })
    }
    if !isBlock && user == nil { return .nothing }
    for type in ["Resizing", "FileSystemResizePending"] { conditions.remove(type) }
    conditions.write(to: &status)
    status["capacity", default: .emptyObject]["storage"] = volumeJSON.at("spec", "capacity", "storage")
    status["allocatedResourceStatuses"] = nil
    let node = user.map { PodFacts($0).nodeName } ?? ""
    let note =
      isBlock
      ? EventNote(involved, "VolumeResizeSuccessful", "Resize volume succeeded")
      : EventNote(
        involved, "FileSystemResizeSuccessful",
        "MountVolume.NodeExpandVolume succeeded for volume \"\(volume.name)\" \(node)")
    return Plan([Action.status(claim, from: json["status"], to: status, event: note)].compactMap { $0 })
  }
}
