import JSONCore
import Objects
import Schemas

/// What an author of an object should know though it is accepted: outdated fields, things that cannot work.
enum Warnings {
  /// Of a new object, or of a changed one whose relevant parts changed.
  static func of(_ object: JSON, old: JSON?, _ kind: Kind) -> [String] {
    switch kind.resource {
    case .pods: return old == nil ? name(object, "the Pod's hostname") + PodWarnings.of(object, Path.root) : []
    case .volumes:
      guard object["spec"]?.text("persistentVolumeReclaimPolicy") == "Recycle" else { return [] }
      return [
        "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is "
          + "to use dynamic provisioning."
      ]
    case .services:
      let addresses = object["spec"]?.list("externalIPs") ?? []
      if addresses.isEmpty || addresses == old?["spec"]?.list("externalIPs") { return [] }
      return ["spec.externalIPs is deprecated and may no longer be implemented in some clusters"]
    default: return ofTemplate(object, old, kind)
    }
  }

  /// Where each workload keeps its pod template.
  private static let templates: [GroupResource: [String]] = [
    GroupResource("apps", "deployments"): ["spec", "template"],
    GroupResource("apps", "replicasets"): ["spec", "template"],
    GroupResource("apps", "statefulsets"): ["spec", "template"],
    GroupResource("apps", "daemonsets"): ["spec", "template"],
    .jobs: ["spec", "template"],
    GroupResource("batch", "cronjobs"): ["spec", "jobTemplate", "spec", "template"],
    GroupResource("", "replicationcontrollers"): ["spec", "template"],
    GroupResource("", "podtemplates"): ["template"],
  ]

  /// Whose name becomes part of the names of its pods, and so should be good for a host name.
  private static let namingPods: Set<GroupResource> = [
    .jobs, GroupResource("batch", "cronjobs"), GroupResource("apps", "replicasets"),
    GroupResource("", "replicationcontrollers"),
  ]

  private static func ofTemplate(_ object: JSON, _ old: JSON?, _ kind: Kind) -> [String] {
    guard let path = templates[kind.resource] else { return [] }
    var result = old == nil && namingPods.contains(kind.resource) ? name(object, "Pod names and hostnames") : []
    guard let template = object.value(at: path[...]), template != old?.value(at: path[...]) else { return result }
    result += PodWarnings.of(template, path.reduce(Path.root) { $0.child($1) })
    return result
  }

  private static func name(_ object: JSON, _ use: String) -> [String] {
    guard object.name.contains(".") else { return [] }
    return [
      "metadata.name: this is used in \(use), which can result in surprising behavior; a DNS label is recommended: "
        + "[must not contain dots]"
    ]
  }

  /// Owners that stand twice are dropped.
  static func dropRepeatedOwners(_ object: inout JSON) -> [String] {
    guard let owners = object["metadata"]?["ownerReferences"]?.array, owners.count > 1 else { return [] }
    var kept: [JSON] = []
    var repeated: [String] = []
    for owner in owners {
      if kept.contains(owner) { repeated.append(owner.text("uid")) } else { kept.append(owner) }
    }
    if repeated.isEmpty { return [] }
    object["metadata"]?["ownerReferences"] = .array(kept)
    return [
      ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such "
        + "requests as early as 1.24; please fix your requests; duplicate UID(s) observed: \(repeated.joined(separator: ", "))"
    ]
  }
}
