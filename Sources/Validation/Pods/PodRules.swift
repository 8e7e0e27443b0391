import JSONCore
import Objects

/// Rules of `pods`.
enum PodRules {
  static let rule = Rule(
    object: { pod, findings in
      findings.podSpec(pod["spec"], findings.path("spec"), use: .pod)
    },
    create: { pod, findings in
      if !(pod["spec"]?.list("ephemeralContainers") ?? []).isEmpty {
        findings.forbidden("spec.ephemeralContainers", "cannot be set on create")
      }
    },
    update: { new, old, findings in update(new, old, &findings) },
    judgesSpecAlone: true)

  /// Of a stored pod only images, deadlines, grace and added tolerations may change, and gates may go.
  private static func update(_ new: JSON, _ old: JSON, _ findings: inout Findings) {
    if new.hasSame("spec", as: old) { return }
    let path = Path("spec")
    let newSpec = new["spec"] ?? .emptyObject
    let oldSpec = old["spec"] ?? .emptyObject
    for list in ["containers", "initContainers"] where newSpec.list(list).count != oldSpec.list(list).count {
      return findings.forbidden(path.child(list), "pod updates may not add or remove containers")
    }
    deadline(newSpec, oldSpec, path, &findings)
    tolerations(newSpec, oldSpec, path, &findings)
    gates(newSpec, oldSpec, path, &findings)
    var munged = blanked(newSpec)
    if !oldSpec.list("schedulingGates").isEmpty { narrow(&munged, oldSpec, path, &findings) }
    if munged != blanked(oldSpec) {
      findings.forbidden(
        path,
        "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
          + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
          + "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)")
    }
  }

  /// While gates hold a pod back, it may still be bound to fewer nodes.
  private static func narrow(_ new: inout JSON, _ old: JSON, _ path: Path, _ findings: inout Findings) {
    let before = old.strings("nodeSelector")
    let after = new.strings("nodeSelector")
    if before == after { return }
    if before.contains(where: { after[$0.key] != $0.value }) {
      findings.invalid(
        path.child("nodeSelector"), new["nodeSelector"], "only additions are allowed (no mutations or deletions)")
    }
    new["nodeSelector"] = old["nodeSelector"]
  }

  /// The spec without what an update may change.
  private static func blanked(_ spec: JSON) -> JSON {
    var spec = spec
    for list in ["containers", "initContainers"] where spec[list] != nil {
      spec[list] = .array(
        spec.list(list).map { container in
          var container = container
          container["image"] = nil
          return container
        })
    }
    for field in ["activeDeadlineSeconds", "tolerations", "schedulingGates"] { spec[field] = nil }
    if let grace = spec["terminationGracePeriodSeconds"]?.int, grace < 0 { spec["terminationGracePeriodSeconds"] = 1 }
    return spec
  }

  private static func deadline(_ new: JSON, _ old: JSON, _ path: Path, _ findings: inout Findings) {
    let path = path.child("activeDeadlineSeconds")
    guard let before = old["activeDeadlineSeconds"]?.int else { return }
    guard let after = new["activeDeadlineSeconds"]?.int else {
      return findings.invalid(path, nil, "must not update from a positive integer to nil value")
    }
    if after > before { findings.invalid(path, JSON(after), "must be less than or equal to previous value") }
  }

  private static func tolerations(_ new: JSON, _ old: JSON, _ path: Path, _ findings: inout Findings) {
    func plain(_ toleration: JSON) -> JSON {
      var toleration = toleration
      toleration["tolerationSeconds"] = nil
      return toleration
    }
    let after = Set(new.list("tolerations").map(plain))
    if !old.list("tolerations").allSatisfy({ after.contains(plain($0)) }) {
      findings.forbidden(
        path.child("tolerations"), "existing toleration can not be modified except its tolerationSeconds")
    }
  }

  private static func gates(_ new: JSON, _ old: JSON, _ path: Path, _ findings: inout Findings) {
    let known = Set(old.list("schedulingGates").map { $0.text("name") })
    let added = new.list("schedulingGates").map { $0.text("name") }.filter { !known.contains($0) }
    if !added.isEmpty {
      findings.forbidden(
        path.child("schedulingGates"),
        "only deletion is allowed, but found new scheduling gate '\(added.joined(separator: ", "))'")
    }
  }
}
