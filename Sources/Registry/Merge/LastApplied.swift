import JSONCore
import Schemas

/// The annotation in which client-side `kubectl apply` keeps what it applied last.
///
/// When the same kubectl goes over to server-side apply, the fields that the annotation names and that still have its
/// values are no conflict, and the annotation is kept up to date for the way back.
enum LastApplied {
  static let manager = "kubectl"
  static let annotation = "kubectl.kubernetes.io/last-applied-configuration"
  /// Bytes that all annotations of an object may have together.
  static let maximumAnnotationBytes = 256 << 10

  static func text(of object: JSON) -> String? {
    let text = object["metadata"]?["annotations"]?.text(annotation) ?? ""
    return text.isEmpty ? nil : text
  }

  /// The fields of the annotation that the object still has as they were applied.
  static func unchanged(in object: JSON, _ schema: ObjectSchema) -> FieldSet {
    guard let text = text(of: object), let applied = try? JSON.parse(text) else { return FieldSet() }
    if AppliedCheck.problem(in: applied, schema) != nil { return FieldSet() }
    let comparison = Comparison(applied, object, schema)
    return FieldSet(of: applied, schema).subtracting(comparison.modified).subtracting(comparison.added)
      .subtracting(comparison.removed)
  }

  /// The object with the configuration in its annotation; without one when it would be too long.
  static func synchronized(_ object: JSON, with configuration: JSON) -> JSON {
    var configuration = configuration
    configuration["metadata"]?["annotations"]?[annotation] = nil
    let text = configuration.text + "\n"
    var object = object
    let others = object["metadata"]?.strings("annotations").reduce(0) { sum, pair in
      sum + (pair.key == annotation ? 0 : pair.key.utf8.count + pair.value.utf8.count)
    }
    let fits = (others ?? 0) + annotation.utf8.count + text.utf8.count <= maximumAnnotationBytes
    object["metadata", default: .emptyObject]["annotations", default: .emptyObject][annotation] =
      fits ? .string(text) : nil
    return object
  }
}
