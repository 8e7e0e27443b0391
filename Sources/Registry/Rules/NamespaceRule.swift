import JSONCore
import Objects

/// Namespaces: the label with their name, the finalizer that keeps them until they are empty, their phase.
enum NamespaceRule: KindRule {
  static let nameLabel = "kubernetes.io/metadata.name"
  static let finalizer = "kubernetes"

  static func prepareCreate(_ namespace: inout JSON, _ context: inout WriteContext) throws(Status) {
    label(&namespace)
    let finalizers = (namespace["spec"]?.list("finalizers") ?? []).compactMap(\.string)
    if !finalizers.contains(finalizer) {
      namespace["spec", default: .emptyObject]["finalizers"] = JSON(finalizers + [finalizer])
    }
    namespace["status"] = ["phase": "Active"]
  }

  static func prepareUpdate(_ namespace: inout JSON, old: JSON, _ context: inout WriteContext) throws(Status) {
    label(&namespace)
    if context.subresource == "finalize" {
      if (namespace["spec"]?.list("finalizers") ?? []).isEmpty { namespace["spec"] = [:] }
    } else {
      namespace["spec"] = old["spec"]
    }
  }

  static func mayGo(_ namespace: JSON) -> Bool { (namespace["spec"]?.list("finalizers") ?? []).isEmpty }

  static func markTerminating(_ namespace: inout JSON) {
    namespace["metadata", default: .emptyObject]["deletionGracePeriodSeconds"] = nil
    namespace["status", default: .emptyObject]["phase"] = "Terminating"
  }

  private static func label(_ namespace: inout JSON) {
    let name = namespace.name
    namespace["metadata", default: .emptyObject]["labels", default: .emptyObject][nameLabel] = .string(name)
  }
}
