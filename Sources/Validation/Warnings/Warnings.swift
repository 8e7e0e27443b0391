import JSONCore
import Objects

/// What is valid and yet unwise: the texts of the `Warning` headers that a write is answered with.
public struct Warnings: Sendable {
  public private(set) var texts: [String] = []

  /// Whether the texts will be read.
  private let showsPaths: Bool

  /// All that `judge` has to say. Hardly any object gives cause, so it looks without noting where it stands, and once more
  /// where there is something to tell.
  private static func collect(_ judge: (inout Warnings) -> Void) -> [String] {
    var quick = Warnings(showsPaths: false)
    judge(&quick)
    if quick.texts.isEmpty { return [] }
    var warnings = Warnings(showsPaths: true)
    judge(&warnings)
    return warnings.texts
  }

  /// Where a rule begins that goes far down from there; the first look takes every pod for a template, of which there is
  /// more to tell.
  private func path(_ text: @autoclosure () -> String) -> Path { showsPaths ? Path(text()) : .unseen }

  private static let hostnameAdvice =
    "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; "
    + "a DNS label is recommended: "

  /// Warnings about a new object that has passed validation.
  public static func create(_ resource: GroupResource, _ object: JSON) -> [String] {
    collect { warnings in
      if let path = templatePaths[resource] {
        if namingPods.contains(resource) { warnings.hostname(object, hostnameAdvice) }
        warnings.template(of: object, path)
      }
      rules[resource]?(object, &warnings)
    }
  }

  /// Warnings about a change. Workloads are looked at when their content changed, pods hardly: people do not write them, but
  /// for what they say of their simulation.
  public static func update(_ resource: GroupResource, new: JSON, old: JSON) -> [String] {
    if let path = templatePaths[resource] {
      if new["metadata"]?["generation"] == old["metadata"]?["generation"] { return [] }
      return collect { $0.template(of: new, path) }
    }
    if resource == pods {
      if new.at("metadata", "annotations") == old.at("metadata", "annotations") { return [] }
      return collect { $0.simulation(new, $0.path("")) }
    }
    guard !silentUpdates.contains(resource), let rule = rules[resource] else { return [] }
    return collect { rule(new, &$0) }
  }

  mutating func add(_ path: Path, _ text: String) { add("\(path): \(text)") }

  /// The same text is told once.
  mutating func add(_ text: String) {
    if !texts.contains(text) { texts.append(text) }
  }

  mutating func hostname(_ object: JSON, _ advice: String) {
    let messages = Names.label(object.at("metadata", "name")?.string ?? "")
    if !messages.isEmpty { add("\(advice)[\(messages.joined(separator: " "))]") }
  }

  private mutating func template(of object: JSON, _ keys: [String]) {
    var template = object
    for key in keys { template = template[key] ?? .emptyObject }
    pod(template, path(keys.joined(separator: ".")))
  }

  /// Where each kind keeps its pod template.
  public static let templatePaths: [GroupResource: [String]] = [
    GroupResource("", "podtemplates"): ["template"],
    GroupResource("", "replicationcontrollers"): ["spec", "template"],
    GroupResource("apps", "deployments"): ["spec", "template"],
    GroupResource("apps", "replicasets"): ["spec", "template"],
    GroupResource("apps", "daemonsets"): ["spec", "template"],
    GroupResource("apps", "statefulsets"): ["spec", "template"],
    GroupResource("batch", "jobs"): ["spec", "template"],
    GroupResource("batch", "cronjobs"): ["spec", "jobTemplate", "spec", "template"],
  ]

  /// Whose name becomes the beginning of the names of its pods.
  private static let namingPods: Set<GroupResource> = [
    GroupResource("", "replicationcontrollers"), GroupResource("apps", "deployments"),
    GroupResource("apps", "replicasets"), GroupResource("batch", "jobs"), GroupResource("batch", "cronjobs"),
  ]

  private static let pods = GroupResource("", "pods")

  private static let silentUpdates: Set<GroupResource> = [GroupResource("networking.k8s.io", "ingresses")]

  private static let rules: [GroupResource: @Sendable (JSON, inout Warnings) -> Void] = [
    pods: { pod, warnings in
      warnings.hostname(
        pod,
        "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; "
          + "a DNS label is recommended: ")
      warnings.pod(pod, warnings.path(""))
    },
    GroupResource("apps", "statefulsets"): { set, warnings in warnings.statefulSet(set) },
    GroupResource("", "services"): { service, warnings in warnings.service(service) },
    GroupResource("", "persistentvolumeclaims"): { claim, warnings in warnings.claim(claim) },
    GroupResource("", "persistentvolumes"): { volume, warnings in warnings.persistentVolume(volume) },
    GroupResource("", "nodes"): { node, warnings in
      warnings.node(node["spec"] ?? .emptyObject)
      warnings.simulatedNode(node, warnings.path(""))
    },
    GroupResource("", "serviceaccounts"): { account, warnings in
      let annotation = "kubernetes.io/enforce-mountable-secrets"
      if account.at("metadata", "annotations", annotation) != nil {
        warnings.add(
          Path("metadata.annotations").key(annotation),
          "deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets")
      }
    },
    GroupResource("", "secrets"): { secret, warnings in warnings.certificate(secret) },
    GroupResource("storage.k8s.io", "storageclasses"): { object, warnings in warnings.storageClass(object) },
    GroupResource("storage.k8s.io", "csistoragecapacities"): { object, warnings in
      warnings.selectorKeys(object["nodeTopology"], "nodeTopology")
    },
    GroupResource("node.k8s.io", "runtimeclasses"): { object, warnings in
      for key in object.at("scheduling", "nodeSelector")?.object?.allKeys ?? [] {
        if let text = Warnings.deprecatedNodeLabels[key] { warnings.add("scheduling.nodeSelector: \(text)") }
      }
    },
    GroupResource("networking.k8s.io", "ingresses"): { ingress, warnings in
      let annotation = "kubernetes.io/ingress.class"
      if ingress.at("metadata", "annotations", annotation) != nil, ingress.at("spec", "ingressClassName") == nil {
        warnings.add("annotation \"\(annotation)\" is deprecated, please use 'spec.ingressClassName' instead")
      }
    },
    GroupResource("networking.k8s.io", "networkpolicies"): { policy, warnings in warnings.networkPolicy(policy) },
    GroupResource("discovery.k8s.io", "endpointslices"): { slice, warnings in warnings.endpointSlice(slice) },
  ]
}
