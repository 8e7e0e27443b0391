import JSONCore
import Objects
import Reconciling

/// What an autoscaler scales, as its scale subresource shows it.
struct ScaleTarget {
  let key: Key
  let replicas: Int
  /// Which pods are its; nil where the object does not say.
  let selector: LabelSelector?

  struct Missing: Error { let message: String }

  private static let builtIn: [String: GroupResource] = [
    "Deployment": .deployments, "ReplicaSet": .replicaSets, "StatefulSet": .statefulSets,
    "ReplicationController": .replicationControllers,
  ]

  init(_ reference: JSON, namespace: String, _ snapshot: Snapshot) throws(Missing) {
    let kind = reference.text("kind")
    let parts = reference.text("apiVersion").split(separator: "/").map(String.init)
    let group = parts.count > 1 ? parts[0] : ""
    let name = reference.text("name")
    if let resource = Self.builtIn[kind], resource.group == group || parts.isEmpty {
      let key = Key(resource, namespace: namespace, name: name)
      guard let json = snapshot[key]?.json else { throw Missing(message: Self.notFound(key)) }
      self.key = key
      replicas = json.at("spec", "replicas")?.int ?? 1
      let selector = json.at("spec", "selector")
      self.selector = Self.selector(resource == .replicationControllers ? ["matchLabels": selector ?? [:]] : selector)
      return
    }
    guard let custom = Self.custom(kind, group, version: parts.last ?? "", snapshot) else {
      throw Missing(message: "no matches for kind \"\(kind)\" in group \"\(group)\"")
    }
    let key = Key(custom.resource, namespace: namespace, name: name)
    guard let json = snapshot[key]?.json else { throw Missing(message: Self.notFound(key)) }
    self.key = key
    // The schema of a custom resource may let any number through.
    replicas = Int(Int32(clamping: Self.value(json, custom.scale.text("specReplicasPath"))?.int ?? 0))
    let text = Self.value(json, custom.scale.text("labelSelectorPath"))
    selector = text?.string.flatMap { $0.isEmpty ? nil : try? LabelSelector(parsing: $0) } ?? Self.selector(text)
  }

  private static func selector(_ json: JSON?) -> LabelSelector? {
    guard let json, json.object != nil else { return nil }
    return try? LabelSelector(json: json)
  }

  /// A custom resource that has a scale.
  private static func custom(
    _ kind: String, _ group: String, version: String, _ snapshot: Snapshot
  ) -> (resource: GroupResource, scale: JSON)? {
    for object in snapshot.objects(.customResourceDefinitions) {
      let spec = object.json["spec"] ?? .emptyObject
      guard spec.text("group") == group, spec["names"]?.text("kind") == kind else { continue }
      let match = spec.list("versions").first { $0.text("name") == version }
      guard let scale = match?.at("subresources", "scale") else { return nil }
      return (GroupResource(group, spec["names"]?.text("plural") ?? ""), scale)
    }
    return nil
  }

  /// - Parameter path: `.spec.replicas`
  private static func value(_ json: JSON, _ path: String) -> JSON? {
    path.split(separator: ".").reduce(json) { value, key in value?[String(key)] }
  }

  /// The words of the scale subresource, which differ by kind.
  private static func notFound(_ key: Key) -> String {
    let resource: String
    switch key.resource {
    case .deployments, .replicaSets: resource = "\(key.resource.resource)/scale.apps"
    case .replicationControllers: resource = "replicationcontrollers/scale.autoscaling"
    default: resource = key.resource.description
    }
    return "\(resource) \"\(key.name)\" not found"
  }
}
