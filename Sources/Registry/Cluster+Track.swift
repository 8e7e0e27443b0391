import JSONCore
import Objects
import Schemas

extension Cluster {
  /// Notes in `metadata.managedFields` who owns what the write changed. Comes before admission, as in the stock server: what
  /// the server adds belongs to nobody.
  func track(_ object: inout JSON, old: JSON?, _ kind: Kind, _ subresource: String?, _ options: WriteOptions) {
    object = ManagedFields.recorded(
      old: old, new: object, by: writer(kind, subresource, options), kind.schema,
      reset: ResetFields.of(kind, subresource: subresource ?? ""))
  }

  func writer(_ kind: Kind, _ subresource: String?, _ options: WriteOptions) -> FieldWriter {
    FieldWriter(
      manager: options.fieldManager, apiVersion: kind.apiVersion, subresource: subresource ?? "", time: now)
  }
}
