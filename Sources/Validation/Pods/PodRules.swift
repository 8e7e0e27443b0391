import JSONCore
import Objects

/// Rules of `pods`.
enum PodRules {
  static let rule = Rule(
    object: { pod, findings in
      findings.podSpec(
        pod["spec"], findings.path("spec"), use: .pod, podName: pod.at("metadata", "name")?.string ?? "")
    },
    create: { pod, findings in
      let spec = pod["spec"] ?? .emptyObject
      findings.podAnnotations(pod, findings.path("metadata.annotations"))
      findings.profileAnnotations(pod, findings.path("spec"))
      if !spec.list("ephemeralContainers").isEmpty {
        findings.forbidden("spec.ephemeralContainers", "cannot be set on create")
      }
      if !spec.text("nodeName").isEmpty, !spec.list("schedulingGates").isEmpty {
        findings.forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared")
      }
    },
    update: { new, old, findings in
      annotations(new, old, &findings)
      update(new, old, &findings)
    },
    judgesSpecAlone: true)

  private static let mirror = "kubernetes.io/config.mirror"

  /// Some annotations stand for what cannot change.
  static func annotations(_ new: JSON, _ old: JSON, _ findings: inout Findings) {
    let after = new.at("metadata", "annotations")
    let before = old.at("metadata", "annotations")
    if after == before { return }
    let path = findings.path("metadata.annotations")
    func name(_ key: String) -> (String, String)? {
      if key.hasPrefix(Findings.appArmorAnnotation) { return ("AppArmor annotations", key) }
      return key == mirror ? ("mirror pod annotation", key) : nil
    }
    for (key, value) in before?.object ?? Members() where after?[key] != value {
      if let (what, key) = name(key) { findings.forbidden(path.key(key), "may not remove or update \(what)") }
    }
    for (key, _) in after?.object ?? Members() where before?[key] == nil {
      if let (what, key) = name(key) { findings.forbidden(path.key(key), "may not add \(what)") }
    }
    findings.podAnnotations(new, path)
  }

  /// Of a stored pod only images, deadlines, grace and added tolerations may change, and gates may go.
  private static func update(_ new: JSON, _ old: JSON, _ findings: inout Findings) {
    if new.hasSame("spec", as: old) { return }
    let path = Path("spec")
    let newSpec = new["spec"] ?? .emptyObject
    let oldSpec = old["spec"] ?? .emptyObject
    for list in ["containers", "initContainers"] {
      guard newSpec.list(list).count == oldSpec.list(list).count else {
        return findings.forbidden(path.child(list), "pod updates may not add or remove containers")
      }
      images(newSpec, list, path.child(list), &findings)
    }
    guard deadline(newSpec, oldSpec, path, &findings) else { return }
    tolerations(newSpec, oldSpec, path, &findings)
    gates(newSpec, oldSpec, path, &findings)
    var munged = blanked(newSpec)
    if oldSpec["terminationGracePeriodSeconds"]?.int ?? 0 < 0, munged["terminationGracePeriodSeconds"] == 1 {
      munged["terminationGracePeriodSeconds"] = oldSpec["terminationGracePeriodSeconds"]
    }
    if !oldSpec.list("schedulingGates").isEmpty { PodGates.narrow(&munged, oldSpec, path, &findings) }
    if munged != blanked(oldSpec) {
      findings.forbidden(
        path,
        "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
          + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
          + "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)")
    }
  }

  /// The stock server tells of images twice, here and with the rest of the spec.
  private static func images(_ spec: JSON, _ list: String, _ path: Path, _ findings: inout Findings) {
    for (path, container) in findings.elements(spec[list], path) {
      let image = container.text("image")
      if image.isEmpty { findings.required(path.child("image")) }
      if image.first?.isWhitespace == true || image.last?.isWhitespace == true {
        findings.invalid(path.child("image"), .string(image), "must not have leading or trailing whitespace")
      }
    }
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
    return spec
  }

  /// - Returns: false when the rest is not looked at.
  private static func deadline(_ new: JSON, _ old: JSON, _ path: Path, _ findings: inout Findings) -> Bool {
    let path = path.child("activeDeadlineSeconds")
    let before = old["activeDeadlineSeconds"]?.int
    guard let after = new["activeDeadlineSeconds"]?.int else {
      if before != nil { findings.invalid(path, nil, "must not update from a positive integer to nil value") }
      return true
    }
    if !(0...Int(Int32.max)).contains(after) {
      findings.inRange(path, JSON(after), 0...Int(Int32.max))
      return false
    }
    if let before, after > before {
      findings.invalid(path, JSON(after), "must be less than or equal to previous value")
      return false
    }
    return true
  }

  private static func tolerations(_ new: JSON, _ old: JSON, _ path: Path, _ findings: inout Findings) {
    func plain(_ toleration: JSON) -> JSON {
      var toleration = toleration
      toleration["tolerationSeconds"] = nil
      return toleration
    }
    let path = path.child("tolerations")
    let after = Set(new.list("tolerations").map(plain))
    if old.list("tolerations").allSatisfy({ after.contains(plain($0)) }) {
      findings.tolerations(new["tolerations"], path)
    } else {
      findings.forbidden(path, "existing toleration can not be modified except its tolerationSeconds")
    }
  }

  private static func gates(_ new: JSON, _ old: JSON, _ path: Path, _ findings: inout Findings) {
    let known = Set(old.list("schedulingGates").map { $0.text("name") })
    for (path, gate) in findings.elements(new["schedulingGates"], path.child("schedulingGates")) {
      let name = gate.text("name")
      if known.contains(name) { continue }
      findings.forbidden(
        path.child("name"), "only deletion is allowed, but found new scheduling gate '\(name)'")
    }
  }
}
