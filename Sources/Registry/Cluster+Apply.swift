import JSONCore
import Objects
import Schemas

extension Cluster {
  /// Server-side apply: the fields that the manager wants, and those alone.
  /// - Throws: 400, 409 with a cause for each field that another manager owns, 422.
  func apply(
    _ kind: Kind, _ namespace: String, _ name: String, _ subresource: String?, _ configuration: JSON,
    _ options: WriteOptions
  ) async throws(Status) -> Written {
    let warnings = try Self.repeatedKeys(options)
    for _ in 0..<Self.conflictTries {
      if snapshot[key(kind, namespace, name)] == nil {
        guard subresource == nil else { throw .notFound(kind.resource, name) }
        let object = try applied(configuration, to: nil, kind, namespace, name, nil, options)
        guard object.uid.isEmpty else {
          throw .conflict(
            kind.resource, name,
            "uid mismatch: the provided object specified uid \(object.uid), and no existing object was found")
        }
        do {
          return try await create(kind, namespace, decoded: object.withoutRevision, options, warnings, tracks: false)
        } catch  where error.reason == "AlreadyExists" {
          continue
        }
      }
      do {
        return try await change(
          kind, namespace, name, subresource, options, warnings, .applying
        ) { (old: JSON, _: inout [String]) throws(Status) -> JSON in
          var object = try self.applied(configuration, to: old, kind, namespace, name, subresource, options)
          if configuration["metadata"]?["resourceVersion"] == nil {
            object["metadata", default: .emptyObject]["resourceVersion"] = nil
          }
          return object
        }
      } catch  where error.code == 404 && subresource == nil {
        continue
      }
    }
    throw .stale(kind.resource, name)
  }

  private func applied(
    _ configuration: JSON, to old: JSON?, _ kind: Kind, _ namespace: String, _ name: String, _ subresource: String?,
    _ options: WriteOptions
  ) throws(Status) -> JSON {
    let applied = try ManagedFields.apply(
      configuration, to: old, kind.groupVersionKind, by: writer(kind, subresource, options), force: options.force,
      kind.schema, reset: ResetFields.of(kind, subresource: subresource ?? ""))
    var ignored: [String] = []
    var quiet = options
    quiet.fieldValidation = .ignore
    var object = try decoded(kind, applied.object, quiet, &ignored)
    try Self.checkName(object, name)
    try Self.placeInNamespace(&object, kind, namespace)
    return object
  }

  /// A configuration is YAML: what stands twice in it is told in the words of the YAML reader.
  private static func repeatedKeys(_ options: WriteOptions) throws(Status) -> [String] {
    switch options.fieldValidation {
    case .ignore: return []
    case .warn: return options.duplicates
    case .strict:
      guard options.duplicates.isEmpty else {
        throw .badRequest("error strict decoding YAML: \(options.duplicates.joined(separator: ", "))")
      }
      return []
    }
  }
}
