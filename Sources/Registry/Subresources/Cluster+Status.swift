import JSONCore
import Objects
import Schemas

extension Cluster {
  /// Writes the status of an object for a peer in this process, which made the whole of it. What others have written to
  /// the status since stays.
  /// - Throws: 404, 409 for another object or a later state than the one that is meant, 422.
  public func writeStatus(
    _ kind: Kind, _ change: StatusChange, _ options: WriteOptions
  ) async throws(Status) -> Written {
    let key = change.key
    return try await self.change(kind, key.namespace, key.name, "status", options, [], .patch) {
      (old: JSON, warnings: inout [String]) throws(Status) -> JSON in
      guard old.uid == change.uid else { throw .stale(kind.resource, key.name) }
      let revision = String(change.revision)
      var object = old
      if old["metadata"]?.text("resourceVersion") == revision {
        object["status"] = change.new
      } else {
        object = try old.applying(mergePatch: change.patch)
      }
      object["metadata", default: .emptyObject]["resourceVersion"] = change.isExact ? .string(revision) : nil
      return try self.decoded(kind, object, stored: old, options, &warnings)
    }
  }
}
