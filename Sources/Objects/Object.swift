import JSONCore
import Values

/// A stored object: its encoded bytes, and what of its metadata the store and the selectors need without decoding them.
///
/// The bytes are the body of a GET, an element of a LIST and the object of a watch event, as they are.
public final class Object: Sendable {
  public let key: Key
  public let uid: String
  /// `metadata.resourceVersion`: the revision of the cluster that this state began with.
  public let revision: Int64
  public let labels: Labels
  /// The UIDs in `metadata.ownerReferences`.
  public let owners: [String]
  /// Compact JSON with sorted keys, `apiVersion` and `kind` included.
  public let blob: Blob

  public init(key: Key, revision: Int64, blob: Blob) {
    let metadata = RawJSON(blob.bytes).member("metadata")
    self.key = key
    self.revision = revision
    self.blob = blob
    self.uid = metadata?.member("uid")?.string ?? ""
    self.labels = Labels(metadata?.member("labels")?.decoded())
    self.owners = (metadata?.member("ownerReferences")?.decoded()?.array ?? []).map { $0.text("uid") }
  }

  /// The whole object, decoded anew at each call; keep it while you work on it.
  public var json: JSON {
    do { return try JSON.parse(blob) } catch { preconditionFailure("stored bytes of \(key) are not JSON: \(error)") }
  }

  public var namespace: String { key.namespace }
  public var name: String { key.name }
}
