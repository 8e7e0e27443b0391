import JSONCore
import Objects

/// Rules of `persistentvolumes` and `persistentvolumeclaims`.
enum VolumeRules {
  private static let modes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"]
  /// Fields of a volume's spec that do not name its kind of storage.
  private static let commonFields: Set<String> = [
    "accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity", "persistentVolumeReclaimPolicy",
    "storageClassName", "volumeAttributesClassName", "volumeMode",
  ]

  static let persistentVolume = Rule(
    object: { object, findings in
      let spec = object["spec"] ?? .emptyObject
      let path = Path("spec")
      if spec.list("accessModes").isEmpty { findings.required(path.child("accessModes")) }
      for mode in spec.list("accessModes") { findings.supported(path.child("accessModes"), mode.string ?? "", modes) }
      if spec.list("accessModes").contains("ReadWriteOncePod"), spec.list("accessModes").count > 1 {
        findings.forbidden(path.child("accessModes"), "may not use ReadWriteOncePod with other access modes")
      }
      if let name = spec["storageClassName"]?.string, !name.isEmpty {
        findings.invalid(path.child("storageClassName"), name, messages: Names.subdomain(name))
      }
      if spec["nodeAffinity"] != nil, spec.at("nodeAffinity", "required") == nil {
        findings.required(path.child("nodeAffinity").child("required"), "must specify required node constraints")
      }
      if spec.at("hostPath", "path") == "/", spec.text("persistentVolumeReclaimPolicy") == "Recycle" {
        findings.forbidden(
          path.child("persistentVolumeReclaimPolicy"), "may not be 'recycle' for a hostPath mount of '/'")
      }
      let capacity = spec["capacity"]?.object ?? Members()
      if capacity.isEmpty { findings.required(path.child("capacity")) }
      if !capacity.isEmpty, capacity["storage"] == nil || capacity.count > 1 {
        findings.add(.notSupported(path.child("capacity"), spec["capacity"] ?? .null, ["storage"]))
      }
      for (name, value) in capacity {
        if let amount = Quantity(value), amount <= .zero {
          findings.invalid(path.child("capacity").key(name), .string(amount.description), "must be greater than zero")
        }
      }
      if let policy = spec["persistentVolumeReclaimPolicy"]?.string, !policy.isEmpty {
        findings.supported(path.child("persistentVolumeReclaimPolicy"), policy, ["Delete", "Recycle", "Retain"])
      }
      sources(spec, path, &findings)
      if let mode = spec["volumeMode"]?.string {
        findings.supported(path.child("volumeMode"), mode, ["Block", "Filesystem"])
      }
      if let selector = spec.at("nodeAffinity", "required") {
        findings.nodeSelector(selector, path.child("nodeAffinity").child("required"))
      }
    },
    update: { new, old, findings in
      var after = new["spec"] ?? .emptyObject
      var before = old["spec"] ?? .emptyObject
      for field in commonFields {
        after[field] = nil
        before[field] = nil
      }
      if after != before {
        findings.forbidden("spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation")
      }
      if let affinity = old["spec"]?["nodeAffinity"] {
        findings.immutable("spec.nodeAffinity", new: new["spec"]?["nodeAffinity"], old: affinity)
      }
      findings.immutable("spec.volumeMode", new: new["spec"]?["volumeMode"], old: old["spec"]?["volumeMode"])
    })

  private static func sources(_ spec: JSON, _ path: Path, _ findings: inout Findings) {
    let kinds = (spec.object?.allKeys ?? []).filter { !commonFields.contains($0) }
    if kinds.isEmpty { findings.required(path, "must specify a volume type") }
    for kind in kinds.dropFirst() { findings.forbidden(path.child(kind), "may not specify more than 1 volume type") }
    for kind in kinds.prefix(1) where kind != "csi" && kind != "local" {
      findings.source(kind, spec[kind] ?? .emptyObject, path.child(kind))
    }
    if let csi = spec["csi"] {
      for field in ["driver", "volumeHandle"] where csi.text(field).isEmpty {
        findings.required(path.child("csi").child(field))
      }
    }
    if spec["local"] != nil {
      if spec["local"]?.text("path").isEmpty != false { findings.required(path.child("local").child("path")) }
      if spec["nodeAffinity"] == nil {
        findings.required(path.child("nodeAffinity"), "Local volume requires node affinity")
      }
    }
  }

  static let claim = Rule(
    object: { object, findings in findings.claimSpec(object["spec"] ?? .emptyObject, "spec") },
    update: { new, old, findings in
      var after = new["spec"] ?? .emptyObject
      var before = old["spec"] ?? .emptyObject
      let isBound = old.at("status", "phase")?.string == "Bound"
      if before.text("volumeName").isEmpty {
        after["volumeName"] = nil
        before["volumeName"] = nil
      }
      if isBound {
        let wanted = Quantity(after.at("resources", "requests", "storage"))
        let had = Quantity(before.at("resources", "requests", "storage"))
        if let wanted, let had, wanted < had {
          findings.forbidden("spec.resources.requests.storage", "field can not be less than status.capacity")
        }
        for field in ["resources", "volumeAttributesClassName"] {
          after[field] = nil
          before[field] = nil
        }
      }
      if before["storageClassName"] == nil {
        after["storageClassName"] = nil
      }
      if after != before {
        findings.forbidden(
          "spec",
          "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n"
            + ClaimDifference.text(old: old["spec"], new: new["spec"]))
      }
    })
}
