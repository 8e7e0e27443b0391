import Objects

/// Keys as the journal writes them: group, resource, namespace and name, with a zero byte between. Only the name may
/// contain one: the names of roles are nearly free.
struct JournalKey {
  /// What the last decoded key began with, for neighbours are mostly of one resource and one namespace.
  private var prefix: [UInt8] = []
  private var resource = GroupResource("", "")
  private var namespace = ""

  func encode(_ key: Key) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(96)
    for part in [key.resource.group, key.resource.resource, key.namespace] {
      bytes.append(contentsOf: part.utf8)
      bytes.append(0)
    }
    bytes.append(contentsOf: key.name.utf8)
    return bytes
  }

  /// nil when the bytes are not a key.
  mutating func decode(_ bytes: UnsafeBufferPointer<UInt8>) -> Key? {
    if prefix.isEmpty || !bytes.starts(with: prefix) {
      let parts = bytes.split(separator: 0, maxSplits: 3, omittingEmptySubsequences: false)
      guard parts.count == 4 else { return nil }
      func text(_ part: Int) -> String { String(decoding: parts[part], as: UTF8.self) }
      resource = GroupResource(text(0), text(1))
      namespace = text(2)
      prefix = Array(bytes[..<parts[3].startIndex])
    }
    let name = UnsafeBufferPointer(rebasing: bytes[prefix.count...])
    return Key(resource, namespace: namespace, name: String(decoding: name, as: UTF8.self))
  }
}
