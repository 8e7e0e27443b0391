import JSONCore

/// The scale subresource is an object of its own, with managedFields of its own: those of the parent's managers that own
/// the number of replicas.
extension ManagedFields {
  static let scaleVersion = "autoscaling/v1"

  /// - Parameter path: where the parent keeps its replicas, `["spec", "replicas"]`.
  public func forScale(replicas path: [String]) -> ManagedFields {
    var result = ManagedFields()
    for var entry in entries where entry.fields.contains(path) {
      entry.fields = FieldSet(fields: ["spec.replicas"])
      entry.apiVersion = Self.scaleVersion
      result.entries.append(entry)
    }
    return result
  }

  /// The parent's managedFields after its scale was written: who lost the replicas there loses them here.
  /// - Parameters:
  ///   - scale: the managedFields of the written scale.
  ///   - apiVersion: of the parent.
  public func takingScale(_ scale: ManagedFields, replicas path: [String], apiVersion: String) -> ManagedFields {
    let replicas = FieldSet(fields: [path.joined(separator: ".")])
    var result = ManagedFields()
    var remaining = scale.entries
    for var entry in entries {
      if entry.fields.contains(path) {
        let position = remaining.firstIndex {
          $0.manager == entry.manager && $0.isApplied == entry.isApplied && $0.subresource == entry.subresource
        }
        if let position {
          remaining.remove(at: position)
        } else {
          entry.fields = entry.fields.subtracting(replicas)
        }
      }
      if !entry.fields.isEmpty { result.entries.append(entry) }
    }
    for var entry in remaining where !entry.fields.isEmpty {
      entry.fields = replicas
      entry.apiVersion = apiVersion
      result.entries.append(entry)
    }
    return result
  }
}
