import JSONCore
import Objects
import Registry
import Schemas
import Values

/// The cluster as the peers in this process see it: actions become the verbs that everybody uses.
public struct ClusterPeer: Peer {
  private let cluster: Cluster

  public init(_ cluster: Cluster) { self.cluster = cluster }

  public var snapshot: Snapshot { cluster.snapshot }

  public func perform(_ verb: Action.Verb, as caller: String) async throws(Status) -> Object? {
    let options = WriteOptions(caller: .system(caller), fieldManager: Self.fieldManager(caller))
    switch verb {
    case .create(let resource, let object):
      let namespace = object["metadata"]?.text("namespace") ?? ""
      return try await cluster.create(try kind(resource), namespace: namespace, object, options).object
    case .update(let key, let object):
      return try await cluster.update(
        try kind(key.resource), namespace: key.namespace, name: key.name, object, options
      ).object
    case .status(let change):
      return try await cluster.writeStatus(try kind(change.key.resource), change, options).object
    case .patch(let key, let subresource, let patch):
      return try await cluster.patch(
        try kind(key.resource), namespace: key.namespace, name: key.name,
        subresource: subresource.isEmpty ? nil : subresource, Patch(.merge, patch), options
      ).object
    case .finalize(let key, let object):
      return try await cluster.update(
        try kind(key.resource), namespace: key.namespace, name: key.name, subresource: "finalize", object, options
      ).object
    case .bind(let key, let uid, let node):
      let binding: JSON = [
        "apiVersion": "v1", "kind": "Binding",
        "metadata": ["name": .string(key.name), "namespace": .string(key.namespace), "uid": .string(uid)],
        "target": ["apiVersion": "v1", "kind": "Node", "name": .string(node)],
      ]
      return try await cluster.bind(namespace: key.namespace, name: key.name, binding, options).object
    case .delete(let key, let deletion):
      let deleteOptions = DeleteOptions(
        caller: .system(caller), gracePeriodSeconds: deletion.gracePeriodSeconds, uid: deletion.uid,
        resourceVersion: deletion.revision.map { String($0) },
        propagation: deletion.propagation.flatMap { Propagation(rawValue: $0.rawValue) })
      return try await cluster.delete(
        try kind(key.resource), namespace: key.namespace, name: key.name, deleteOptions
      ).object
    case .issueToken(let key):
      return try await cluster.issueToken(forSecret: key.name, namespace: key.namespace, options)
    case .record: return nil
    }
  }

  public func renew(_ leases: [Key], at now: Instant) async -> [Key] { await cluster.renew(leases, at: now) }

  private func kind(_ resource: GroupResource) throws(Status) -> Kind {
    guard let kind = cluster.catalog.kind(resource) else { throw .notFound(resource, "") }
    return kind
  }

  /// The names that the stock components write under.
  private static func fieldManager(_ caller: String) -> String {
    if caller.hasPrefix("node:") { return "kubelet" }
    return caller == "kube-scheduler" ? caller : "kube-controller-manager"
  }
}
