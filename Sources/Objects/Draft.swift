import Glibc
import JSONCore
import Values

/// An object encoded but for its resourceVersion, for which the bytes have a gap: whoever knows the revision splices its
/// digits in, and need not look at JSON for it.
public struct Draft: Sendable {
  public let key: Key
  /// Compact JSON without the digits of `metadata.resourceVersion`.
  private let bytes: Blob
  /// Where the digits belong.
  private let gap: Int
  private let uid: String
  private let labels: Labels
  private let owners: [String]

  /// Encodes; a resourceVersion that stands in the JSON does not matter.
  public init(key: Key, json: JSON) {
    var json = json
    var metadata = json["metadata"] ?? .emptyObject
    metadata["resourceVersion"] = ""
    json["metadata"] = metadata
    let blob = json.blob
    // Between the quotes of the empty string.
    let value = RawJSON(blob.bytes).member("metadata")?.member("resourceVersion")?.bytes.baseAddress
    gap = value.map { $0 - blob.base + 1 } ?? 0
    self.key = key
    self.bytes = blob
    self.uid = metadata.text("uid")
    self.labels = Labels(metadata["labels"])
    self.owners = metadata.list("ownerReferences").map { $0.text("uid") }
  }

  /// The state of `object`, to be given another revision: what a delete leaves behind.
  public init(of object: Object) {
    let digits = RawJSON(object.blob.bytes).member("metadata")?.member("resourceVersion")?.bytes
    if let start = digits?.baseAddress, let length = digits?.count, length >= 2 {
      let gap = start - object.blob.base + 1
      bytes = Blob(Array(object.blob.bytes[..<gap]) + object.blob.bytes[(gap + length - 2)...])
      self.gap = gap
    } else {
      bytes = object.blob
      gap = 0
    }
    self.key = object.key
    self.uid = object.uid
    self.labels = object.labels
    self.owners = object.owners
  }

  /// The state of `object` with the texts of some of its JSON strings changed for others of the same length, which need no
  /// escapes; nil when a length differs.
  public init?(of object: Object, changing edits: [(string: RawJSON, to: String)]) {
    var changed = Array(object.blob.bytes)
    for (string, text) in edits {
      let old = string.bytes
      guard let start = old.baseAddress, old.count == text.utf8.count + 2 else { return nil }
      let offset = start - object.blob.base + 1
      changed.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
    }
    self.init(
      of: Object(
        key: object.key, revision: object.revision, blob: Blob(changed), uid: object.uid, labels: object.labels,
        owners: object.owners))
  }

  public func object(revision: Int64) -> Object {
    var digits = ByteBuffer(capacity: 20)
    digits.append(decimal: revision)
    let blob = Blob(count: bytes.count + digits.count) { target in
      guard let base = target.baseAddress else { return }
      memcpy(base, bytes.base, gap)
      _ = target[gap...].initialize(from: digits.bytes)
      memcpy(base + gap + digits.count, bytes.base + gap, bytes.count - gap)
    }
    return Object(key: key, revision: revision, blob: blob, uid: uid, labels: labels, owners: owners)
  }

  /// Whether `object` is this state, but for its revision.
  public func isSame(as object: Object) -> Bool {
    let stored = object.blob.bytes
    let digitCount = stored.count - bytes.count
    guard digitCount == String(object.revision).utf8.count, stored.count >= digitCount else { return false }
    return memcmp(object.blob.base, bytes.base, gap) == 0
      && memcmp(object.blob.base + gap + digitCount, bytes.base + gap, bytes.count - gap) == 0
  }
}
