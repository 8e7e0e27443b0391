import JSONCore
import Objects

/// Kubelets touch their own node and what runs on it, and nothing else. A kubelet is a user `system:node:<name>` of the
/// group `system:nodes`.
enum NodeRestriction {
  private static let prefix = "system:node:"
  private static let group = "system:nodes"
  private static let mirror = "kubernetes.io/config.mirror"

  static func admit(_ object: inout JSON, _ old: JSON?, _ context: inout WriteContext) throws(Status) {
    guard let node = try node(of: context.caller, context.resource, context.name) else { return }
    let why: String?
    switch context.resource {
    case .pods: why = try podFault(object, old, node, context)
    case .nodes: why = nodeFault(object, old, node, context)
    case .claims: why = claimFault(object, old, node, context)
    case .leases: why = leaseFault(object, node, context)
    case .csiNodes:
      why = object.name == node ? nil : "can only access CSINode with the same name as the requesting node"
    case .resourceSlices:
      let owner = (old ?? object)["spec"]?.text("nodeName")
      why = owner == node ? nil : "can only access ResourceSlice with the same NodeName as the requesting node"
    default: why = nil
    }
    if let why { throw context.forbidden(why) }
  }

  /// - Returns: nil for callers that are no kubelets.
  /// - Throws: 403 for a kubelet without a name.
  static func node(of caller: Caller, _ resource: GroupResource, _ name: String) throws(Status) -> String? {
    guard caller.groups.contains(group), caller.name.hasPrefix(prefix) else { return nil }
    let node = String(caller.name.dropFirst(prefix.count))
    if node.isEmpty {
      throw .forbidden(resource, name, "could not determine node from user \(Status.quoted(caller.name))")
    }
    return node
  }

  // MARK: - pods

  private static func podFault(
    _ pod: JSON, _ old: JSON?, _ node: String, _ context: WriteContext
  ) throws(Status) -> String? {
    let quoted = Status.quoted(node)
    switch context.subresource {
    case nil:
      guard context.operation == .create else {
        return "unexpected operation \"UPDATE\", node \(quoted) can only create and delete mirror pods"
      }
      return try newPodFault(pod, node, context)
    case "status":
      guard let old else { return nil }
      if old["spec"]?.text("nodeName") != node {
        return "node \(quoted) can only update pod status for pods with spec.nodeName set to itself"
      }
      if old["metadata"]?.strings("labels") != pod["metadata"]?.strings("labels") {
        return "node \(quoted) cannot update labels through pod status"
      }
      if claims(of: old) != claims(of: pod) { return "node \(quoted) cannot update resource claim statues" }
      return nil
    case let subresource?:
      return "unexpected pod subresource \(Status.quoted(subresource)), only 'status' and 'eviction' are allowed"
    }
  }

  private static func claims(of pod: JSON) -> [JSON] { pod["status"]?.list("resourceClaimStatuses") ?? [] }

  /// Kubelets show pods that they run by themselves; such a pod may refer to nothing else in the cluster.
  private static func newPodFault(_ pod: JSON, _ node: String, _ context: WriteContext) throws(Status) -> String? {
    let quoted = Status.quoted(node)
    let spec = pod["spec"] ?? .emptyObject
    if pod.at("metadata", "annotations", mirror) == nil {
      return "pod does not have \(Status.quoted(mirror)) annotation, node \(quoted) can only create mirror pods"
    }
    if spec.text("nodeName") != node {
      return "node \(quoted) can only create pods with spec.nodeName set to itself"
    }
    if let fault = try ownerFault(pod["metadata"]?.list("ownerReferences") ?? [], node, context) { return fault }
    let subject = "node \(quoted) can not create pods that reference"
    if !spec.text("serviceAccountName").isEmpty { return "\(subject) a service account" }
    let sources = PodReferences(spec)
    if sources.hasSecrets { return "\(subject) secrets" }
    if sources.hasConfigMaps { return "\(subject) configmaps" }
    if sources.hasTrustBundles { return "\(subject) clustertrustbundles" }
    if sources.hasClaims { return "\(subject) persistentvolumeclaims" }
    return nil
  }

  private static func ownerFault(
    _ owners: [JSON], _ node: String, _ context: WriteContext
  ) throws(Status) -> String? {
    let subject = "node \(Status.quoted(node)) can only create pods with"
    guard let owner = owners.first else { return "\(subject) an owner reference set to itself" }
    if owners.count > 1 { return "\(subject) a single owner reference set to itself" }
    if owner.text("apiVersion") != "v1" || owner.text("kind") != "Node" || owner.text("name") != node {
      return "\(subject) an owner reference set to itself"
    }
    if owner["controller"]?.bool != true { return "\(subject) a controller owner reference set to itself" }
    if owner["blockOwnerDeletion"]?.bool == true {
      return "node \(Status.quoted(node)) must not set blockOwnerDeletion on an owner reference"
    }
    guard let stored = context.snapshot[Key(.nodes, name: node)] else { throw .notFound(.nodes, node) }
    let uid = owner.text("uid")
    return uid == stored.uid ? nil : "node \(node) UID mismatch: expected \(uid) got \(stored.uid)"
  }

  // MARK: - nodes

  private static func nodeFault(_ object: JSON, _ old: JSON?, _ node: String, _ context: WriteContext) -> String? {
    let quoted = Status.quoted(node)
    if object.name != node {
      return "node \(quoted) is not allowed to modify node \(Status.quoted(object.name))"
    }
    let source = object["spec"]?["configSource"]
    guard let old else {
      if source != nil { return "node \(quoted) is not allowed to create pods with a non-nil configSource" }
      let labels = forbidden(object["metadata"]?.strings("labels") ?? [:], [:])
      return labels.isEmpty
        ? nil : "node \(quoted) is not allowed to set the following labels: \(labels.joined(separator: ", "))"
    }
    if let source, source != old["spec"]?["configSource"] {
      return "node \(quoted) is not allowed to update configSource to a new non-nil configSource"
    }
    if object["spec"]?.list("taints") ?? [] != old["spec"]?.list("taints") ?? [] {
      return "node \(quoted) is not allowed to modify taints"
    }
    let labels = forbidden(object["metadata"]?.strings("labels") ?? [:], old["metadata"]?.strings("labels") ?? [:])
    return labels.isEmpty ? nil : "is not allowed to modify labels: \(labels.joined(separator: ", "))"
  }

  /// Labels that steer where pods go are not the kubelet's to change, unless it knows best.
  private static func forbidden(_ new: [String: String], _ old: [String: String]) -> [String] {
    Set(new.keys).union(old.keys).filter { key in
      if new[key] == old[key] { return false }
      let domain = key.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      guard domain.count == 2 else { return false }
      let name = String(domain[0])
      if isWithin(name, "node-restriction.kubernetes.io") { return true }
      let isOfKubernetes = isWithin(name, "kubernetes.io") || isWithin(name, "k8s.io")
      return isOfKubernetes && !ownLabels.contains(key)
        && !["kubelet.kubernetes.io", "node.kubernetes.io"].contains { isWithin(name, $0) }
    }.sorted()
  }

  private static func isWithin(_ domain: String, _ parent: String) -> Bool {
    domain == parent || domain.hasSuffix("." + parent)
  }

  private static let ownLabels: Set<String> = [
    "kubernetes.io/hostname", "kubernetes.io/os", "kubernetes.io/arch", "topology.kubernetes.io/zone",
    "topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region", "beta.kubernetes.io/instance-type", "beta.kubernetes.io/os",
    "beta.kubernetes.io/arch",
  ]

  // MARK: - claims and leases

  /// A kubelet tells how far the resizing of a volume has come.
  private static func claimFault(_ object: JSON, _ old: JSON?, _ node: String, _ context: WriteContext) -> String? {
    guard context.subresource == "status" else { return "may only update PVC status" }
    func rest(_ claim: JSON) -> JSON {
      var result = claim
      for field in ["capacity", "conditions", "allocatedResources", "allocatedResourceStatuses"] {
        result["status", default: .emptyObject][field] = nil
      }
      for field in ["resourceVersion", "managedFields"] { result["metadata", default: .emptyObject][field] = nil }
      return result
    }
    guard let old, rest(object) != rest(old) else { return nil }
    return "node \(Status.quoted(node)) is not allowed to update fields other than status.capacity and "
      + "status.conditions"
  }

  private static func leaseFault(_ lease: JSON, _ node: String, _ context: WriteContext) -> String? {
    if context.namespace != leaseNamespace {
      return "can only access leases in the \(Status.quoted(leaseNamespace)) system namespace"
    }
    return lease.name == node ? nil : "can only access node lease with the same name as the requesting node"
  }

  static let leaseNamespace = "kube-node-lease"
}
