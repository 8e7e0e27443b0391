import JSONCore
import Objects

/// Rules of `persistentvolumes`.
enum VolumeRules {
  static let rule = Rule(
    object: { object, findings in
      let spec = object["spec"] ?? .emptyObject
      let path = findings.path("spec")
      findings.accessModes(spec, path, missing: "")
      capacity(spec, path.child("capacity"), &findings)
      if let policy = spec["persistentVolumeReclaimPolicy"]?.string, !policy.isEmpty {
        findings.supported(path.child("persistentVolumeReclaimPolicy"), policy, ["Delete", "Recycle", "Retain"])
      }
      if let affinity = spec["nodeAffinity"] { nodeAffinity(affinity, path.child("nodeAffinity"), &findings) }
      source(spec, path, name: object.at("metadata", "name")?.string ?? "", &findings)
      if let host = spec.at("hostPath", "path")?.string, !host.isEmpty, host.allSatisfy({ $0 == "/" }),
        spec.text("persistentVolumeReclaimPolicy") == "Recycle"
      {
        findings.forbidden(
          path.child("persistentVolumeReclaimPolicy"), "may not be 'recycle' for a hostPath mount of '/'")
      }
      if !spec.text("storageClassName").isEmpty {
        let name = spec.text("storageClassName")
        findings.invalid(path.child("storageClassName"), name, messages: Names.subdomain(name))
      }
      if let mode = spec["volumeMode"]?.string {
        findings.supported(path.child("volumeMode"), mode, ["Block", "Filesystem"])
      }
      attributes(spec, path, &findings)
    },
    update: { new, old, findings in
      let after = new["spec"] ?? .emptyObject
      let before = old["spec"] ?? .emptyObject
      source(after, before, &findings)
      findings.immutable("volumeMode", new: after["volumeMode"], old: before["volumeMode"])
      if let affinity = before["nodeAffinity"], after["nodeAffinity"] != affinity {
        findings.invalid(
          "nodeAffinity", after["nodeAffinity"], as: .pointer(.volumeNodeAffinity),
          "field is immutable, except for updating from beta label to GA")
      }
      if before["volumeAttributesClassName"] != nil, after["volumeAttributesClassName"] == nil {
        findings.forbidden("spec.volumeAttributesClassName", "update from non-nil value to nil is forbidden")
      }
    },
    isToldTwice: true)

  /// In the order in which the stock server looks at them: the first one counts, the others are too much.
  private static let kinds = [
    "hostPath", "gcePersistentDisk", "awsElasticBlockStore", "glusterfs", "flocker", "nfs", "rbd", "quobyte", "cephfs",
    "iscsi", "cinder", "fc", "flexVolume", "azureFile", "vsphereVolume", "photonPersistentDisk", "portworxVolume",
    "azureDisk", "scaleIO", "local", "storageos", "csi",
  ]

  private static func capacity(_ spec: JSON, _ path: Path, _ findings: inout Findings) {
    let capacity = spec["capacity"]?.object ?? Members()
    if capacity.isEmpty { findings.required(path) }
    if capacity["storage"] == nil || capacity.count > 1 {
      findings.add(.notSupported(path, spec["capacity"] ?? .null, ["storage"]))
    }
    for (name, value) in capacity {
      guard let amount = Quantity(value) else { continue }
      if amount.value < 0 {
        findings.invalid(path.key(name), JSON(Int(amount.value)), "must be a valid resource quantity")
      }
      if amount <= .zero { findings.invalid(path.key(name), .string(amount.description), "must be greater than zero") }
    }
  }

  private static func nodeAffinity(_ affinity: JSON, _ path: Path, _ findings: inout Findings) {
    if let selector = affinity["required"] {
      findings.nodeSelector(selector, path.child("required"))
    } else {
      findings.required(path.child("required"), "must specify required node constraints")
    }
  }

  private static func source(_ spec: JSON, _ path: Path, name: String, _ findings: inout Findings) {
    var count = 0
    for kind in kinds {
      guard let source = spec[kind], !source.isNull else { continue }
      count += 1
      if count > 1 {
        findings.forbidden(
          path.child(kind == "cephfs" ? "cephFS" : kind), "may not specify more than 1 volume type")
        continue
      }
      switch kind {
      case "csi": driver(source, path.child("csi"), &findings)
      case "local": local(source, spec, path, &findings)
      default: findings.source(kind, source, path.child(Findings.shownKind(kind)), isPersistent: true)
      }
    }
    if let portal = spec.at("iscsi", "targetPortal")?.string, spec.at("iscsi", "initiatorName") != nil,
      "\(name):\(portal)".utf8.count > 64
    {
      findings.invalid(path.child("iscsi").child("targetportal"), .string(portal), Findings.longPortal)
    }
    if count == 0 { findings.required(path, "must specify a volume type") }
  }

  private static func local(_ source: JSON, _ spec: JSON, _ path: Path, _ findings: inout Findings) {
    let place = path.child("local").child("path")
    if source.text("path").isEmpty { findings.required(place) } else { findings.steadyPath(source.text("path"), place) }
    if spec["nodeAffinity"] == nil {
      findings.required(path.child("nodeAffinity"), "Local volume requires node affinity")
    }
  }

  private static func driver(_ source: JSON, _ path: Path, _ findings: inout Findings) {
    findings.driverName(source.text("driver"), path.child("driver"))
    if source.text("volumeHandle").isEmpty { findings.required(path.child("volumeHandle")) }
    for field in [
      "controllerPublishSecretRef", "controllerExpandSecretRef", "nodePublishSecretRef", "nodeExpandSecretRef",
    ] {
      guard let reference = source[field] else { continue }
      for (part, grammar) in [("name", Names.subdomain), ("namespace", Names.label)] {
        let value = reference.text(part)
        let place = path.child(field).child(part)
        if value.isEmpty { findings.required(place) } else { findings.invalid(place, value, messages: grammar(value)) }
      }
    }
  }

  private static func attributes(_ spec: JSON, _ path: Path, _ findings: inout Findings) {
    guard let name = spec["volumeAttributesClassName"]?.string else { return }
    let place = path.child("volumeAttributesClassName")
    if name.isEmpty {
      findings.required(place, "an empty string is disallowed")
    } else {
      findings.invalid(place, name, messages: Names.subdomain(name))
    }
    if spec["csi"] == nil {
      findings.required(path.child("csi"), "has to be specified when using volumeAttributesClassName")
    }
  }

  private static func source(_ after: JSON, _ before: JSON, _ findings: inout Findings) {
    var after = after
    // Where the secret for growing a volume is may be told later.
    if before["csi"] != nil, before.at("csi", "controllerExpandSecretRef") == nil, var csi = after["csi"] {
      csi["controllerExpandSecretRef"] = nil
      after["csi"] = csi
    }
    if kinds.allSatisfy({ after[$0] == before[$0] }) { return }
    findings.forbidden(
      "spec.persistentvolumesource",
      "spec.persistentvolumesource is immutable after creation\n"
        + GoDifference.text(before, after, .persistentVolumeSource))
  }
}
