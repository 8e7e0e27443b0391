import JSONCore
import Objects

extension Findings {
  private static let notForDebugging = [
    "ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle", "resizePolicy", "restartPolicy",
    "restartPolicyRules",
  ]

  /// Containers that are put into a running pod to look at it.
  mutating func ephemeralContainers(_ path: Path, _ names: inout Set<String>, _ frame: ContainerFrame) {
    let path = path.child("ephemeralContainers")
    let list = frame.spec.list("ephemeralContainers")
    if list.isEmpty { return }
    let words = "cannot be set for an Ephemeral Container"
    let lasting = names
    var debugging = frame
    debugging.use = .pod
    for (path, container) in elements(frame.spec["ephemeralContainers"], path) {
      self.container(container, path, debugging)
      let name = container.text("name")
      if !names.insert(name).inserted { duplicate(path.child("name"), .string(name)) }
      for field in Self.notForDebugging where container[field] != nil { forbidden(path.child(field), words) }
      if container["resources"]?.object?.isEmpty == false { forbidden(path.child("resources"), words) }
      let target = container.text("targetContainerName")
      if !target.isEmpty, !lasting.contains(target) {
        add(.notFound(path.child("targetContainerName"), .string(target)))
      }
      for (path, mount) in elements(container["volumeMounts"], path.child("volumeMounts")) {
        for field in ["subPath", "subPathExpr"] where !mount.text(field).isEmpty { forbidden(path.child(field), words) }
      }
    }
    if case .template = frame.use { forbidden(path, "ephemeral containers not allowed in pod template") }
  }

  /// What a change of its resources does to a container.
  mutating func resizePolicy(_ policies: JSON?, _ path: Path, podRestarts: Bool) {
    var seen = Set<String>()
    for (index, policy) in (policies?.array ?? []).enumerated() {
      let name = policy.text("resourceName")
      let restart = policy.text("restartPolicy")
      if !seen.insert(name).inserted { duplicate(path.index(index), .string(name)) }
      oneOf(path, name, ["cpu", "memory"])
      oneOf(path, restart, ["NotRequired", "RestartContainer"])
      if !podRestarts, restart != "NotRequired" {
        invalid(path, .string(restart), "must be 'NotRequired' when pod `restartPolicy` is 'Never'")
      }
    }
  }
}
