import Objects
import Schemas

/// What a write to an object or to one of its subresources leaves as it was, and so cannot own
/// (the `GetResetFields` of the stock strategies).
public enum ResetFields {
  /// - Parameter subresource: "" for the object itself.
  public static func of(_ kind: Kind, subresource: String) -> FieldSet {
    if !kind.hasStatus { return FieldSet() }
    switch subresource {
    case "": return status
    case "status": return statusWrites[kind.resource.resource] ?? (kind.isCustom ? customStatus : spec)
    default: return FieldSet()
    }
  }

  private static let status = FieldSet(fields: ["status"])
  private static let spec = FieldSet(fields: ["spec"])
  private static let customStatus = FieldSet(fields: ["spec", "metadata"])
  private static let specAndLabels = FieldSet(fields: ["spec", "metadata.labels"])

  private static let statusWrites: [String: FieldSet] = [
    "deployments": specAndLabels,
    "certificatesigningrequests": FieldSet(fields: ["spec", "metadata"]),
    "customresourcedefinitions": FieldSet(fields: ["spec", "metadata"]),
    "apiservices": FieldSet(fields: ["spec", "metadata"]),
    "networkpolicies": spec,
    "pods": FieldSet(fields: ["spec", "metadata.deletionTimestamp", "metadata.ownerReferences"]),
    "replicasets": spec,
    "volumeattachments": FieldSet(fields: ["spec", "metadata"]),
    "nodes": FieldSet(fields: ["spec"]),
  ]
}
