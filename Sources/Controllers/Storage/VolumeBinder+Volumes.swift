import JSONCore
import Objects
import Reconciling

/// The volume's side of binding: its phase, and what becomes of it when its claim is gone.
extension VolumeBinder {
  static func volume(_ volume: Object, _ json: JSON, _ snapshot: Snapshot) -> Plan {
    guard let reference = json.at("spec", "claimRef"), !reference.text("uid").isEmpty else {
      return json.isBeingDeleted ? .nothing : phase(volume, json, "Available")
    }
    let key = Key(.persistentVolumeClaims, namespace: reference.text("namespace"), name: reference.text("name"))
    guard let claim = snapshot[key], claim.uid == reference.text("uid") else {
      return reclaim(volume, json)
    }
    let name = claim.spec?.member("volumeName")?.string ?? ""
    if name == volume.name { return phase(volume, json, "Bound") }
    // The claim will take this volume; until it does there is nothing to say.
    if name.isEmpty { return .nothing }
    if isProvisioned(json), json["spec"]?.text("persistentVolumeReclaimPolicy") == "Delete" {
      return reclaim(volume, json)
    }
    return unbind(volume, json, reference)
  }

  private static func isProvisioned(_ json: JSON) -> Bool { json.annotation(VolumeNames.provisionedBy) != nil }

  /// The claim has chosen another volume: this one is free again, or kept for a claim of that name as somebody wished.
  private static func unbind(_ volume: Object, _ json: JSON, _ reference: JSON) -> Plan {
    var patch: JSON = ["metadata": ["resourceVersion": .string(String(volume.revision))]]
    if json.annotation(boundMark) != nil {
      patch["metadata"]?["annotations"] = [boundMark: .null]
      patch["spec"] = ["claimRef": .null]
    } else {
      patch["spec"] = ["claimRef": ["uid": .null, "resourceVersion": .null]]
    }
    var plan = Plan([.patch(volume.key, patch)])
    plan.append(phase(volume, json, "Available"))
    return plan
  }

  private static let boundMark = VolumeNames.boundByController

  private static func reclaim(_ volume: Object, _ json: JSON) -> Plan {
    let present = json["status"]?.text("phase") ?? ""
    if present == "Failed" { return .nothing }
    var plan = present == "Released" ? .nothing : phase(volume, json, "Released")
    if json.isBeingDeleted { return plan }
    switch json["spec"]?.text("persistentVolumeReclaimPolicy") {
    case "Delete": plan.append(delete(volume, json))
    case "Recycle": plan.append(recycle(volume, json))
    default: break
    }
    return plan
  }

  /// Volumes of drivers are deleted by those who made them.
  private static func delete(_ volume: Object, _ json: JSON) -> Plan {
    let spec = json["spec"] ?? .emptyObject
    if isProvisioned(json) || spec["csi"] != nil { return .nothing }
    guard let path = spec["hostPath"]?.text("path") else {
      return failed(
        volume, json, "VolumeFailedDelete",
        "error getting deleter volume plugin for volume \"\(volume.name)\": no deletable volume plugin matched")
    }
    guard path.hasPrefix("/tmp/"), path.count > 5 else {
      return failed(
        volume, json, "VolumeFailedDelete", "host_path deleter only supports /tmp/.+ but received provided \(path)")
    }
    return Plan([.delete(volume.key, Deletion(uid: volume.uid))])
  }

  /// There is no data to scrub: the volume is as good as new.
  private static func recycle(_ volume: Object, _ json: JSON) -> Plan {
    let spec = json["spec"] ?? .emptyObject
    guard spec["hostPath"] != nil || spec["nfs"] != nil else {
      return failed(volume, json, "VolumeFailedRecycle", "no volume plugin matched")
    }
    var plan = Plan([
      .patch(
        volume.key,
        [
          "metadata": [
            "resourceVersion": .string(String(volume.revision)), "annotations": [boundMark: .null],
          ],
          "spec": ["claimRef": .null],
        ],
        event: EventNote(Reference(volume, json).asInvolved, "VolumeRecycled", "Volume recycled"))
    ])
    // The patch has changed the revision, so the next look sets the phase.
    plan.requeue(after: .milliseconds(10))
    return plan
  }

  private static func failed(_ volume: Object, _ json: JSON, _ reason: String, _ message: String) -> Plan {
    var status = json["status"] ?? .emptyObject
    status["phase"] = "Failed"
    status["message"] = .string(message)
    let note = EventNote(Reference(volume, json).asInvolved, .warning, reason, message)
    return Plan([Action.status(volume, from: json["status"], to: status, event: note)].compactMap { $0 })
  }
}
