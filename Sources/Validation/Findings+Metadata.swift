import JSONCore
import Objects

extension Findings {
  /// All annotations of an object together, keys and values (`apivalidation.TotalAnnotationSizeLimitB`).
  static let annotationBytes = 256 * 1024

  /// `ObjectMeta` of a new object.
  /// - Parameters:
  ///   - isCore: false for the look that is common to all kinds, custom ones included.
  ///   - grammar: of names of this kind.
  public mutating func metadata(
    _ metadata: JSON?, _ path: Path, isNamespaced: Bool, isCore: Bool = true, name grammar: (String) -> [String]
  ) {
    let metadata = metadata ?? .emptyObject
    let name = metadata.text("name")
    let generateName = metadata.text("generateName")
    if !generateName.isEmpty {
      invalid(path.child("generateName"), generateName, messages: grammar(Self.sample(of: generateName)))
    }
    if name.isEmpty {
      required(path.child("name"), "name or generateName is required")
    } else {
      invalid(path.child("name"), name, messages: grammar(name))
    }
    if isNamespaced {
      let namespace = metadata.text("namespace")
      if namespace.isEmpty {
        required(path.child("namespace"))
      } else {
        invalid(path.child("namespace"), namespace, messages: Names.label(namespace))
      }
    } else if !metadata.text("namespace").isEmpty {
      forbidden(path.child("namespace"), "not allowed on this type")
    }
    nonNegative(path.child("generation"), metadata["generation"])
    labels(metadata["labels"], path.child("labels"))
    annotations(metadata["annotations"], path.child("annotations"))
    ownerReferences(metadata["ownerReferences"], path.child("ownerReferences"))
    finalizers(metadata["finalizers"], path.child("finalizers"), isCore: isCore)
  }

  /// What an update may not do to `ObjectMeta` (`ValidateObjectMetaUpdate`).
  public mutating func metadataUpdate(_ new: JSON?, old: JSON?, _ path: Path) {
    let new = new ?? .emptyObject
    let old = old ?? .emptyObject
    if old["deletionTimestamp"] != nil {
      let known = Set(old.list("finalizers").compactMap(\.string))
      let added = new.list("finalizers").compactMap(\.string).filter { !known.contains($0) }
      if !added.isEmpty {
        let shown = added.map(Status.quoted).joined(separator: ", ")
        forbidden(
          path.child("finalizers"),
          "no new finalizers can be added if the object is being deleted, found new finalizers []string{\(shown)}")
      }
    }
    if new.text("resourceVersion").isEmpty, !old.text("resourceVersion").isEmpty {
      invalid(path.child("resourceVersion"), new["resourceVersion"] ?? "", "must be specified for an update")
    }
    if let generation = new["generation"]?.int, generation < old["generation"]?.int ?? 0 {
      invalid(path.child("generation"), new["generation"], "must not be decremented")
    }
    for field in ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"] {
      immutable(path.child(field), new: new[field], old: old[field])
    }
    labels(new["labels"], path.child("labels"))
    annotations(new["annotations"], path.child("annotations"))
    ownerReferences(new["ownerReferences"], path.child("ownerReferences"))
  }

  public mutating func labels(_ labels: JSON?, _ path: Path) {
    for (key, value) in labels?.object ?? Members() {
      invalid(path, key, messages: Names.qualified(key))
      if let value = value.string { invalid(path, value, messages: Names.labelValue(value)) }
    }
  }

  public mutating func annotations(_ annotations: JSON?, _ path: Path) {
    var size = 0
    for (key, value) in annotations?.object ?? Members() {
      invalid(path, key, messages: Names.qualified(key.isLowercase ? key : key.lowercased()))
      size += key.utf8.count + (value.string?.utf8.count ?? 0)
    }
    if size > Self.annotationBytes { add(.tooLong(path, limit: Self.annotationBytes)) }
  }

  public mutating func finalizers(_ finalizers: JSON?, _ path: Path, isCore: Bool = true) {
    let standard = ["orphan", "foregroundDeletion", "kubernetes"]
    for (index, finalizer) in (finalizers?.array ?? []).compactMap(\.string).enumerated() {
      invalid(path.index(index), finalizer, messages: Names.qualified(finalizer))
      if isCore, !finalizer.contains("/"), !standard.contains(finalizer) {
        invalid(
          path.index(index), .string(finalizer),
          "name is neither a standard finalizer name nor is it fully qualified")
      }
    }
  }

  public mutating func ownerReferences(_ references: JSON?, _ path: Path) {
    var controller: String?
    for (path, reference) in elements(references, path) {
      for field in ["apiVersion", "kind", "name", "uid"] where reference.text(field).isEmpty {
        invalid(path.child(field), "", field == "apiVersion" ? "version must not be empty" : "must not be empty")
      }
      if reference.text("apiVersion") == "v1", reference.text("kind") == "Event" {
        invalid(path, reference, as: .ownerReference, "/v1, Kind=Event is disallowed from being an owner")
      }
      guard reference["controller"]?.bool == true else { continue }
      if let first = controller {
        invalid(
          path, reference, as: .ownerReference,
          "Only one reference can have Controller set to true. Found \"true\" in references for "
            + "\(first) and \(reference.text("kind"))/\(reference.text("name"))")
      }
      controller = "\(reference.text("kind"))/\(reference.text("name"))"
    }
  }

  /// A generated name is judged by its base with a stand-in for the random end.
  private static func sample(of base: String) -> String { base.hasSuffix("-") ? String(base.dropLast()) + "a" : base }
}

extension String {
  fileprivate var isLowercase: Bool { utf8.allSatisfy { $0 < 128 && !(65...90).contains($0) } }
}
