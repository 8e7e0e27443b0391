import JSONCore
import Objects
import Schemas
import Storage

/// Nothing is made in a namespace that is not there, or that is on its way out; three namespaces cannot be deleted.
enum NamespaceLifecycle {
  static let immortal: Set<String> = ["default", "kube-system", "kube-public"]

  static func admit(_ object: inout JSON, _ old: JSON?, _ context: inout WriteContext) throws(Status) {
    guard context.operation == .create, context.kind.isNamespaced else { return }
    let namespace = context.namespace
    let name = context.name
    let resource = context.resource
    let check: Write.Check = { snapshot throws(Status) in
      guard let status = refusal(snapshot, namespace, resource, name) else { return }
      throw status
    }
    if let status = refusal(context.snapshot, namespace, resource, name) { throw status }
    // The namespace may begin to go while the object is on its way to the store.
    context.guards.append(WriteGuard(of: [.namespaces], check))
  }

  private static func refusal(
    _ snapshot: Snapshot, _ namespace: String, _ resource: GroupResource, _ name: String
  ) -> Status? {
    guard let holder = snapshot[Key(.namespaces, name: namespace)] else { return .notFound(.namespaces, namespace) }
    guard holder.metadata?.member("deletionTimestamp") != nil else { return nil }
    var status = Status.forbidden(
      resource, name, "unable to create new content in namespace \(namespace) because it is being terminated")
    status.details?.causes = [
      Status.Cause(
        reason: "NamespaceTerminating", message: "namespace \(namespace) is being terminated",
        field: "metadata.namespace")
    ]
    return status
  }

  static func admitDelete(_ kind: Kind, _ name: String) throws(Status) {
    if kind.resource == .namespaces, immortal.contains(name) {
      throw .forbidden(.namespaces, name, "this namespace may not be deleted")
    }
  }
}
