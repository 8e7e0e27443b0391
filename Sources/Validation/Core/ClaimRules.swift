import JSONCore
import Objects

/// Rules of `persistentvolumeclaims`.
enum ClaimRules {
  private static let classAnnotation = "volume.beta.kubernetes.io/storage-class"

  static let rule = Rule(
    object: { object, findings in findings.claimSpec(object["spec"] ?? .emptyObject, findings.path("spec")) },
    update: { new, old, findings in
      if new.hasSame("spec", as: old) { return annotation(new, old, &findings) }
      spec(new, old, &findings)
      shrinking(new, old, &findings)
      let after = new["spec"]
      let before = old["spec"]
      findings.immutable("volumeMode", new: after?["volumeMode"], old: before?["volumeMode"])
      attributes(after?["volumeAttributesClassName"], before?["volumeAttributesClassName"], &findings)
    },
    isToldTwice: true)

  private static func note(_ claim: JSON) -> String? { claim.at("metadata", "annotations", classAnnotation)?.string }

  private static func annotation(_ new: JSON, _ old: JSON, _ findings: inout Findings) {
    let before = note(old) ?? ""
    let after = note(new) ?? ""
    if before == after { return }
    findings.invalid(
      Path("metadata.annotations").child(classAnnotation), .string(after), "field is immutable")
  }

  /// What binds a claim may be written once; what a bound claim asks for may grow.
  private static func spec(_ new: JSON, _ old: JSON, _ findings: inout Findings) {
    var after = new["spec"] ?? .emptyObject
    var before = old["spec"] ?? .emptyObject
    if before.text("volumeName").isEmpty { before["volumeName"] = after["volumeName"] }
    annotation(new, old, &findings)
    let wanted = after["storageClassName"]?.string
    if before["storageClassName"] == nil, wanted != nil, note(old) == nil || note(old) == wanted {
      after["storageClassName"] = nil
    }
    if new.at("status", "phase") == "Bound" {
      if after.at("resources", "requests") != nil {
        var resources = after["resources"] ?? .emptyObject
        var requests = resources["requests"] ?? .emptyObject
        requests["storage"] = before.at("resources", "requests", "storage")
        resources["requests"] = requests
        after["resources"] = resources
      }
      if after["volumeAttributesClassName"] != nil {
        after["volumeAttributesClassName"] = before["volumeAttributesClassName"]
      }
    }
    if after == before { return }
    findings.forbidden(
      "spec",
      "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n"
        + GoDifference.text(before, after, .claimSpec))
  }

  /// A claim that asked for too much may ask for less, but not for less than it has got.
  private static func shrinking(_ new: JSON, _ old: JSON, _ findings: inout Findings) {
    func size(_ claim: JSON) -> Quantity {
      Quantity(claim["spec"]?.at("resources", "requests", "storage")) ?? .zero
    }
    let capacity = Quantity(old.at("status", "capacity", "storage")) ?? .zero
    if size(new) < size(old), size(new) <= capacity {
      findings.forbidden("spec.resources.requests.storage", "field can not be less than status.capacity")
    }
  }

  private static func attributes(_ new: JSON?, _ old: JSON?, _ findings: inout Findings) {
    guard old != nil, new?.string ?? "" == "" else { return }
    findings.forbidden(
      "spec.volumeAttributesClassName",
      new == nil
        ? "update from non-nil value to nil is forbidden" : "update from non-nil value to an empty string is forbidden")
  }
}
