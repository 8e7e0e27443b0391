import JSONCore
import Objects
import Schemas

/// Deletions, evictions and tokens, which are no creates or updates of an object.
extension NodeRestriction {
  static func admitDelete(
    _ kind: Kind, _ namespace: String, _ name: String, _ caller: Caller, _ snapshot: Snapshot
  ) throws(Status) {
    guard let node = try node(of: caller, kind.resource, name) else { return }
    let why: String?
    switch kind.resource {
    case .pods:
      let isOwn = isOn(node, try pod(namespace, name, snapshot))
      why = isOwn ? nil : "node \(Status.quoted(node)) can only delete pods with spec.nodeName set to itself"
    case .nodes:
      why = name == node ? nil : "node \(Status.quoted(node)) is not allowed to modify node \(Status.quoted(name))"
    case .leases:
      why =
        namespace != leaseNamespace
        ? "can only access leases in the \(Status.quoted(leaseNamespace)) system namespace"
        : name == node ? nil : "can only access node lease with the same name as the requesting node"
    case .csiNodes: why = name == node ? nil : "can only access CSINode with the same name as the requesting node"
    default: why = nil
    }
    if let why { throw .forbidden(kind.resource, name, why) }
  }

  static func admitEviction(
    _ namespace: String, _ name: String, _ caller: Caller, _ snapshot: Snapshot
  ) throws(Status) {
    guard let node = try node(of: caller, .pods, name) else { return }
    if isOn(node, try pod(namespace, name, snapshot)) { return }
    throw .forbidden(.pods, name, "node \(node) can only evict pods with spec.nodeName set to itself")
  }

  /// Kubelets get tokens for the pods that run on them.
  static func admitToken(
    _ namespace: String, _ account: String, _ request: JSON, _ caller: Caller, _ snapshot: Snapshot
  ) throws(Status) {
    guard let node = try node(of: caller, .serviceAccounts, account) else { return }
    func refused(_ why: String) -> Status { .forbidden(.serviceAccounts, account, why) }
    guard let reference = request["spec"]?["boundObjectRef"], reference.text("apiVersion") == "v1",
      reference.text("kind") == "Pod", !reference.text("name").isEmpty
    else { throw refused("node requested token not bound to a pod") }
    let uid = reference.text("uid")
    if uid.isEmpty { throw refused("node requested token with a pod binding without a uid") }
    let pod = try pod(namespace, reference.text("name"), snapshot)
    if uid != pod.uid {
      throw refused(
        "the UID in the bound object reference (\(uid)) does not match the UID in record. The object might have been "
          + "deleted and then recreated")
    }
    if !isOn(node, pod) { throw refused("node requested token bound to a pod scheduled on a different node") }
  }

  private static func pod(_ namespace: String, _ name: String, _ snapshot: Snapshot) throws(Status) -> Object {
    guard let pod = snapshot[Key(.pods, namespace: namespace, name: name)] else { throw .notFound(.pods, name) }
    return pod
  }

  private static func isOn(_ node: String, _ pod: Object) -> Bool {
    pod.spec?.member("nodeName")?.string == node
  }
}
