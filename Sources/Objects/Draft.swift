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
  private let sections: Sections
  let uid: String
  let labels: Labels
  let owners: [String]
  let controller: String

  /// Encodes; a resourceVersion that stands in the JSON does not matter.
  public init(key: Key, json: JSON) {
    var members = json.object ?? Members()
    var metadata = members["metadata"]?.object ?? Members()
    if metadata["resourceVersion"] == nil { metadata["resourceVersion"] = "" }
    if members["metadata"] == nil { members["metadata"] = .emptyObject }
    var sections = Sections()
    var gap = 0
    var writer = Writer(capacity: 8192)
    writer.put(members) { writer, name, value in
      sections.note(name, at: writer.count)
      guard name == "metadata" else { return writer.put(value) }
      writer.put(metadata) { writer, name, value in
        guard name == "resourceVersion" else { return writer.put(value) }
        // Between the quotes of the empty string.
        gap = writer.count + 1
        writer.put("")
      }
    }
    let owners = metadata["ownerReferences"]?.array ?? []
    self.key = key
    self.bytes = writer.blob
    self.gap = gap
    self.sections = sections
    self.uid = metadata["uid"]?.string ?? ""
    self.labels = Labels(metadata["labels"])
    self.owners = owners.map { $0.text("uid") }
    self.controller = owners.last { $0["controller"]?.bool == true }?.text("uid") ?? ""
  }

  /// The state of `object`, to be given another revision: what a delete leaves behind.
  public init(of object: Object) {
    self.init(of: object, Array(object.blob.bytes))
  }

  /// - Parameter bytes: those of the object, or of one that differs from it in texts of the same length.
  private init(of object: Object, _ bytes: [UInt8]) {
    let digits = object.metadata?.member("resourceVersion")?.bytes
    if let start = digits?.baseAddress, let length = digits?.count, length >= 2 {
      let gap = start - object.blob.base + 1
      self.bytes = Blob(bytes[..<gap] + bytes[(gap + length - 2)...])
      self.gap = gap
      sections = object.sections.moved(behind: gap, by: 2 - length)
    } else {
      self.bytes = Blob(bytes)
      gap = 0
      sections = object.sections
    }
    self.key = object.key
    self.uid = object.uid
    self.labels = object.labels
    self.owners = object.owners
    self.controller = object.controller
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
    self.init(of: object, changed)
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
    return Object(self, revision: revision, blob: blob, sections.moved(behind: gap, by: digits.count))
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
