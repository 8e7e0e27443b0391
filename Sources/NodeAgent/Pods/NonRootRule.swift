import JSONCore
import Objects

/// `runAsNonRoot`: a container that would run as root does not start.
enum NonRootRule {
  /// Whether it holds, as the security contexts of a pod and a container say.
  static func holds(_ shared: JSON, _ own: JSON) -> Bool {
    own["runAsNonRoot"]?.bool ?? shared["runAsNonRoot"]?.bool ?? false
  }

  /// Why a container must not start; nil when it may. Of an image that is not known nothing bad is supposed.
  /// - Parameter label: how messages name the pod.
  static func problem(pod: JSON, container: JSON, label: String) -> String? {
    let (shared, own) = (pod["securityContext"] ?? .emptyObject, container["securityContext"] ?? .emptyObject)
    if !holds(shared, own) { return nil }
    let place = "(pod: \(Status.quoted(label)), container: \(container.text("name")))"
    if let user = own["runAsUser"]?.int ?? shared["runAsUser"]?.int {
      return user == 0 ? "container's runAsUser breaks non-root policy \(place)" : nil
    }
    switch ImageUser(container.text("image")) {
    case .number(0): return "container has runAsNonRoot and image will run as root \(place)"
    case .name(let name):
      return
        "container has runAsNonRoot and image has non-numeric user (\(name)), cannot verify user is non-root \(place)"
    case .number, .unknown: return nil
    }
  }
}
