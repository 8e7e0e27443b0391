import JSONCore
import Values

/// An object encoded but for its resourceVersion, for which the bytes have a gap: whoever knows the revision splices its
/// digits in, and need not look at JSON for it.
public struct Draft: Sendable {
  public let key: Key
  /// Compact JSON without the digits of `metadata.resourceVersion`.
  private let bytes: [UInt8]
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
    var buffer = ByteBuffer(capacity: 2048)
    var gap = 0
    Self.write(json, to: &buffer) { name, value, buffer in
      guard name == "metadata" else { return value.write(to: &buffer) }
      Self.write(value, to: &buffer) { name, value, buffer in
        value.write(to: &buffer)
        // Between the quotes of the empty string.
        if name == "resourceVersion" { gap = buffer.count - 1 }
      }
    }
    self.key = key
    self.bytes = buffer.bytes
    self.gap = gap
    self.uid = metadata.text("uid")
    self.labels = Labels(metadata["labels"])
    self.owners = metadata.list("ownerReferences").map { $0.text("uid") }
  }

  /// The state of `object`, to be given another revision: what a delete leaves behind.
  public init(of object: Object) {
    let digits = RawJSON(object.blob.bytes).member("metadata")?.member("resourceVersion")?.bytes
    var bytes = Array(object.blob.bytes)
    var gap = 0
    if let digits, let start = digits.baseAddress, digits.count >= 2 {
      gap = start - object.blob.base + 1
      bytes.removeSubrange(gap..<gap + digits.count - 2)
    }
    self.key = object.key
    self.bytes = bytes
    self.gap = gap
    self.uid = object.uid
    self.labels = object.labels
    self.owners = object.owners
  }

  public func object(revision: Int64) -> Object {
    var digits = ByteBuffer(capacity: 20)
    digits.append(decimal: revision)
    let blob = Blob(count: bytes.count + digits.count) { target in
      _ = target.initialize(from: bytes[..<gap])
      _ = target[gap...].initialize(from: digits.bytes)
      _ = target[(gap + digits.count)...].initialize(from: bytes[gap...])
    }
    return Object(key: key, revision: revision, blob: blob, uid: uid, labels: labels, owners: owners)
  }

  /// Whether `object` is this state, but for its revision.
  public func isSame(as object: Object) -> Bool {
    let stored = object.blob.bytes
    let digitCount = stored.count - bytes.count
    guard digitCount == String(object.revision).utf8.count else { return false }
    return stored[..<gap].elementsEqual(bytes[..<gap]) && stored[(gap + digitCount)...].elementsEqual(bytes[gap...])
  }

  private static func write(
    _ object: JSON, to buffer: inout ByteBuffer, member write: (String, JSON, inout ByteBuffer) -> Void
  ) {
    buffer.append(UInt8(ascii: "{"))
    var isFirst = true
    for (name, value) in object.object ?? Members() {
      if !isFirst { buffer.append(UInt8(ascii: ",")) }
      isFirst = false
      JSON.write(name, to: &buffer)
      buffer.append(UInt8(ascii: ":"))
      write(name, value, &buffer)
    }
    buffer.append(UInt8(ascii: "}"))
  }
}
