import JSONCore
import Objects

/// Annotations that once were fields, or still are half of one.
extension Findings {
  static let appArmorAnnotation = "container.apparmor.security.beta.kubernetes.io/"
  private static let seccompOfPod = "seccomp.security.alpha.kubernetes.io/pod"
  private static let seccompOfContainer = "container.seccomp.security.alpha.kubernetes.io/"
  private static let deletionCost = "controller.kubernetes.io/pod-deletion-cost"
  private static let mirror = "kubernetes.io/config.mirror"

  /// Of a pod, or of the template of one.
  mutating func podAnnotations(_ pod: JSON, _ path: Path) {
    guard let annotations = pod.at("metadata", "annotations")?.object, !annotations.isEmpty else { return }
    if let value = annotations[Self.mirror], pod["spec"]?.text("nodeName").isEmpty != false {
      invalid(path.key(Self.mirror), value, "must set spec.nodeName if mirror pod annotation is set")
    }
    if let cost = annotations[Self.deletionCost], !Self.isCost(cost.string ?? "") {
      invalid(path.key(Self.deletionCost), cost, "must be a 32bit integer")
    }
    for (key, value) in annotations {
      let value = value.string ?? ""
      if key == Self.seccompOfPod || key.hasPrefix(Self.seccompOfContainer) {
        oldSeccompProfile(value, path.child(key))
      } else if key.hasPrefix(Self.appArmorAnnotation) {
        let name = String(key.dropFirst(Self.appArmorAnnotation.count))
        if !Self.allContainers(of: pod["spec"] ?? .emptyObject, path).contains(where: { $0.1.text("name") == name }) {
          invalid(path.key(key), .string(name), "container not found")
        }
        if !["", "runtime/default", "unconfined"].contains(value), !value.hasPrefix("localhost/") {
          invalid(path.key(key), .string(value), "invalid AppArmor profile name: \(Status.quoted(value))")
        }
      }
    }
  }

  /// Digits of 32 bits, without a plus sign or leading zeros.
  private static func isCost(_ text: String) -> Bool {
    guard let number = Int32(text), !text.hasPrefix("+") else { return false }
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    return digits == "0" ? text == "0" : number != 0 && !digits.hasPrefix("0")
  }

  private mutating func oldSeccompProfile(_ value: String, _ path: Path) {
    if ["runtime/default", "docker/default", "unconfined"].contains(value) { return }
    if value.hasPrefix("localhost/") {
      descendingPath(String(value.dropFirst("localhost/".count)), path)
    } else {
      invalid(path, .string(value), "must be a valid seccomp profile")
    }
  }

  /// Where both the annotation and the field are there, they say the same.
  /// - Parameter path: of the spec.
  mutating func profileAnnotations(_ pod: JSON, _ path: Path) {
    guard let annotations = pod.at("metadata", "annotations")?.object, !annotations.isEmpty else { return }
    let spec = pod["spec"] ?? .emptyObject
    func place(_ path: Path, _ field: String) -> Path { path.child("securityContext").child(field) }
    if let note = annotations[Self.seccompOfPod]?.string {
      same(note, spec.at("securityContext", "seccompProfile"), place(path, "seccompProfile"), "seccomp")
    }
    let ofPod = spec.at("securityContext", "appArmorProfile")
    for (path, container) in Self.allContainers(of: spec, path) {
      let name = container.text("name")
      if let note = annotations[Self.seccompOfContainer + name]?.string {
        same(note, container.at("securityContext", "seccompProfile"), place(path, "seccompProfile"), "seccomp")
      }
      if spec.at("os", "name") == "windows" { continue }
      if let note = annotations[Self.appArmorAnnotation + name]?.string {
        let profile = container.at("securityContext", "appArmorProfile") ?? ofPod
        same(note, profile, place(path, "appArmorProfile"), "apparmor")
      }
    }
  }

  private mutating func same(_ note: String, _ profile: JSON?, _ path: Path, _ kind: String) {
    guard let profile else { return }
    let words = "in annotation and field must match"
    let isSame: Bool
    switch profile.text("type") {
    case "Unconfined": isSame = note == "unconfined"
    case "RuntimeDefault": isSame = note == "runtime/default" || kind == "seccomp" && note == "docker/default"
    case "Localhost":
      isSame = note.hasPrefix("localhost/")
      if isSame, String(note.dropFirst("localhost/".count)) != profile.text("localhostProfile") {
        forbidden(path.child("localhostProfile"), "\(kind) profile \(words)")
      }
    default: return
    }
    if !isSame { forbidden(path.child("type"), "\(kind) type \(words)") }
  }
}
