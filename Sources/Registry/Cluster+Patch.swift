import JSONCore
import Objects
import Schemas

extension Cluster {
  /// Changes an object or a subresource by a difference.
  /// A patch without a resourceVersion never fails because of a race: it is made again from the newer state.
  /// - Throws: 400 for a patch that cannot be read, 404, 409, 415 for a format that the kind does not take, 422.
  public func patch(
    _ kind: Kind, namespace: String, name: String, subresource: String? = nil, _ patch: Patch, _ options: WriteOptions
  ) async throws(Status) -> Written {
    if subresource == "scale" { return try await patchScale(kind, namespace, name, patch, options) }
    if patch.format == .apply {
      return try await apply(kind, namespace, name, subresource, patch.body, options)
    }
    try Self.checkShape(patch)
    return try await change(kind, namespace, name, subresource, options, [], .patch) {
      (old: JSON, warnings: inout [String]) throws(Status) -> JSON in
      var patched = try Self.patched(old, patch, kind)
      if !patch.namesRevision, patched["metadata"]?["resourceVersion"] == old["metadata"]?["resourceVersion"] {
        patched["metadata", default: .emptyObject]["resourceVersion"] = nil
      }
      var result = try self.decodedPatch(kind, patched, from: old, patch, options, &warnings)
      try Self.checkName(result, name)
      try Self.placeInNamespace(&result, kind, namespace)
      return result
    }
  }

  private static func checkShape(_ patch: Patch) throws(Status) {
    let isRight = patch.format == .json ? patch.body.array != nil : patch.body.object != nil
    guard isRight else {
      throw .badRequest(
        "error decoding patch: json: cannot unmarshal into \(patch.format == .json ? "a list of operations" : "an object")"
      )
    }
  }

  /// - Throws: 415, 422 or what the patch format's own rules say.
  static func patched(_ old: JSON, _ patch: Patch, _ kind: Kind) throws(Status) -> JSON {
    switch patch.format {
    case .json: return try old.applying(jsonPatch: patch.body)
    case .merge, .apply: return try old.applying(mergePatch: patch.body)
    case .strategic:
      guard !kind.isCustom else {
        throw Status(
          code: 415, reason: "UnsupportedMediaType",
          message: "the body of the request was in an unknown format - accepted media types include: "
            + "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml")
      }
      return try strategicMerge(old, patch: patch.body, schema: kind.schema)
    }
  }

  /// The patched object, read like a body; whatever is wrong with it is the fault of the patch.
  private func decodedPatch(
    _ kind: Kind, _ patched: JSON, from old: JSON, _ patch: Patch, _ options: WriteOptions, _ warnings: inout [String]
  ) throws(Status) -> JSON {
    var complaints: [String] = []
    var options = options
    if patch.format == .json {
      // Repeated keys of a JSON patch are those of its operations, not of the object.
      if options.fieldValidation != .ignore {
        complaints = options.duplicates
      }
      options.duplicates = []
    }
    let result: JSON
    do {
      result = try decoded(kind, patched, stored: old, options, &complaints)
    } catch {
      throw Self.faultyPatch(patch, error.message)
    }
    if options.fieldValidation == .strict, !complaints.isEmpty {
      throw Self.faultyPatch(patch, "strict decoding error: \(complaints.joined(separator: ", "))")
    }
    warnings += complaints
    return result
  }

  static func faultyPatch(_ patch: Patch, _ why: String) -> Status {
    .invalid(kind: "", group: "", name: "", [.invalid(Path("patch"), .string(patch.body.text), why)])
  }
}

extension Patch {
  /// Whether the patch itself names a version, and so insists on it.
  fileprivate var namesRevision: Bool {
    switch format {
    case .json:
      (body.array ?? []).contains { $0.text("path") == "/metadata/resourceVersion" && $0.text("op") != "test" }
    default: body.at("metadata", "resourceVersion")?.string?.isEmpty == false
    }
  }
}
