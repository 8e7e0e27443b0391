import JSONCore
import Objects
import Validation

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

  /// Each finalizer is a known word or has a domain.
  static func faults(of namespace: JSON) -> [FieldError] {
    var errors: [FieldError] = []
    let path = Path("spec").child("finalizers")
    for (index, value) in (namespace["spec"]?.list("finalizers") ?? []).enumerated() {
      let text = value.string ?? ""
      for message in Names.qualified(text) { errors.append(.invalid(path.index(index), value, message)) }
      if !text.contains("/"), !["orphan", "foregroundDeletion", finalizer].contains(text) {
        errors.append(
          .invalid(path.index(index), value, "name is neither a standard finalizer name nor is it fully qualified"))
      }
    }
    return errors
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
