/// The keys and values of an object in one piece of memory: an object costs one allocation, and one count of references
/// when it is handed on. Only `Members` changes it, and only while nobody shares it.
final class MemberStorage: ManagedBuffer<MemberStorageSize, Member> {
  static func make(capacity: Int) -> MemberStorage {
    let storage = create(minimumCapacity: capacity) { _ in MemberStorageSize(count: 0, capacity: capacity) }
    return unsafeDowncast(storage, to: MemberStorage.self)
  }

  deinit {
    // One by one: for a whole array the runtime would ask the type of each how it ends.
    withUnsafeMutablePointers { header, entries in
      for index in 0..<header.pointee.count { _ = (entries + index).move() }
    }
  }

  /// Valid while somebody holds the storage.
  @inline(__always)
  var entries: UnsafeMutablePointer<Member> { withUnsafeMutablePointerToElements { $0 } }

  /// Where a key is, or where it would have to be.
  func position(of key: String) -> (index: Int, found: Bool) {
    let entries = entries
    let prefix = keyPrefix(key)
    let length = key.utf8.count
    var low = 0
    var high = header.count
    while low < high {
      let middle = (low + high) / 2
      let other = entries[middle].prefix
      if other != prefix {
        if other < prefix { low = middle + 1 } else { high = middle }
        continue
      }
      // Up to eight bytes the prefix is the key.
      if length <= 8, entries[middle].key.utf8.count == length { return (middle, true) }
      switch keyOrder(entries[middle].key, key) {
      case true?: low = middle + 1
      case false?: high = middle
      case nil: return (middle, true)
      }
    }
    return (low, false)
  }

  func copied(capacity: Int) -> MemberStorage {
    let copy = Self.make(capacity: max(capacity, header.count))
    copy.entries.initialize(from: entries, count: header.count)
    copy.header.count = header.count
    return copy
  }

  /// Leaves this one empty.
  func moved(capacity: Int) -> MemberStorage {
    let larger = Self.make(capacity: max(capacity, header.count))
    larger.entries.moveInitialize(from: entries, count: header.count)
    larger.header.count = header.count
    header.count = 0
    return larger
  }
}

struct Member {
  let key: String
  /// The beginning of the key (`keyPrefix`): most searches need to look at nothing else.
  let prefix: UInt64
  var value: JSON

  @inline(__always)
  init(key: String, prefix: UInt64, value: JSON) {
    self.key = key
    self.prefix = prefix
    self.value = value
  }

  init(key: String, value: JSON) { self.init(key: key, prefix: keyPrefix(key), value: value) }
}

struct MemberStorageSize {
  var count: Int
  var capacity: Int
}
