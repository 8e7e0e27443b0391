import JSONCore
import Objects

/// What is wrong with a question about access.
struct ReviewCheck {
  private(set) var errors: [FieldError] = []

  /// - Parameters:
  ///   - isSelf: it is about the caller, so it names nobody.
  ///   - isLocal: it is about one namespace, which stands in its metadata.
  init(_ review: JSON, isSelf: Bool, isLocal: Bool) {
    let spec = review["spec"] ?? .emptyObject
    let path = Path("spec")
    let resource = spec["resourceAttributes"]
    let plain =
      spec["nonResourceAttributes"].map { ["Path": .string($0.text("path")), "Verb": .string($0.text("verb"))] }
      as JSON?
    if let plain, resource != nil {
      errors.append(
        .invalid(
          path.child("nonResourceAttributes"), plain, "cannot be specified in combination with resourceAttributes"))
    } else if resource == nil, plain == nil {
      errors.append(
        .invalid(
          path.child("resourceAttributes"), .null,
          "exactly one of nonResourceAttributes or resourceAttributes must be specified"))
    }
    if !isSelf, spec.text("user").isEmpty, spec.list("groups").isEmpty {
      errors.append(.invalid(path.child("user"), "", "at least one of user or group must be specified"))
    }
    if let resource { checkSelectors(resource, path.child("resourceAttributes")) }
    checkMetadata(review["metadata"] ?? .emptyObject, isLocal: isLocal)
    if isLocal { checkPlace(review, resource, plain) }
  }

  private mutating func checkMetadata(_ metadata: JSON, isLocal: Bool) {
    var rest = metadata
    rest["managedFields"] = nil
    if isLocal { rest["namespace"] = nil }
    if rest.object?.isEmpty ?? true { return }
    errors.append(
      .invalid(Path("metadata"), metadata, isLocal ? "must be empty except for namespace" : "must be empty"))
  }

  private mutating func checkPlace(_ review: JSON, _ resource: JSON?, _ plain: JSON?) {
    let path = Path("spec")
    let wanted = resource?.text("namespace") ?? ""
    if resource != nil, wanted != review["metadata"]?.text("namespace") {
      errors.append(
        .invalid(
          path.child("resourceAttributes").child("namespace"), .string(wanted), "must match metadata.namespace"))
    }
    if let plain {
      errors.append(.invalid(path.child("nonResourceAttributes"), plain, "disallowed on this kind of request"))
    }
  }

  /// A selector comes as a text or in parts, not as both and not as neither.
  private mutating func checkSelectors(_ resource: JSON, _ path: Path) {
    for field in ["fieldSelector", "labelSelector"] {
      guard let selector = resource[field], selector.object != nil else { continue }
      let path = path.child(field)
      let text = selector.text("rawSelector")
      let hasParts = !selector.list("requirements").isEmpty
      if !text.isEmpty, hasParts {
        errors.append(
          .invalid(path.child("rawSelector"), .string(text), "may not specified at the same time as requirements"))
      } else if text.isEmpty, !hasParts {
        errors.append(
          .required(path.child("requirements"), "when \(path) is specified, requirements or rawSelector is required"))
      }
    }
  }
}
