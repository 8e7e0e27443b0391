/// The members of a JSON object: unique keys in the order of their UTF-8 bytes, in one piece of memory.
public struct Members: Sendable {
  public typealias Element = (key: String, value: JSON)

  /// nil where there are none. It is changed only while nobody shares it.
  nonisolated(unsafe) private(set) var storage: MemberStorage?

  public init() {}

  init(_ storage: MemberStorage) { self.storage = storage }

  /// Of equal keys the last one wins.
  public init(_ elements: some Sequence<(String, JSON)>) {
    let elements = Array(elements)
    reserveCapacity(elements.count)
    if Self.isSorted(elements) {
      for (key, value) in elements { append(key, value) }
      return
    }
    let order = elements.indices.sorted { keyOrder(elements[$0].0, elements[$1].0) ?? ($0 < $1) }
    for index in order {
      let (key, value) = elements[index]
      if let last = lastKey, keyOrder(last, key) == nil { replaceLast(value) } else { append(key, value) }
    }
  }

  private static func isSorted(_ elements: [(String, JSON)]) -> Bool {
    for index in elements.indices.dropFirst() where keyOrder(elements[index - 1].0, elements[index].0) != true {
      return false
    }
    return true
  }

  public var count: Int { storage?.header.count ?? 0 }
  public var isEmpty: Bool { storage == nil || count == 0 }
  public var allKeys: [String] { (0..<count).map { key(at: $0) } }
  public var allValues: [JSON] { (0..<count).map { value(at: $0).resolved } }

  public subscript(key: String) -> JSON? {
    get {
      let (index, found) = position(of: key)
      return found ? value(at: index).resolved : nil
    }
    _modify {
      let (index, found) = position(of: key)
      var value: JSON? = nil
      if found { value = take(at: index).resolved }
      defer { store(value, key: key, index: index, found: found) }
      yield &value
    }
  }

  private mutating func store(_ value: JSON?, key: String, index: Int, found: Bool) {
    switch (value, found) {
    case (let value?, true): setValue(value, at: index)
    case (let value?, false): insert(Member(key: key, value: value), at: index)
    case (nil, true): _ = remove(at: index)
    case (nil, false): break
    }
  }

  /// Adds a member whose key comes behind all others in byte order; that is for the caller to know.
  public mutating func append(_ key: String, _ value: JSON) {
    assert(lastKey.map { keyOrder($0, key) == true } ?? true, "keys must be appended in order")
    insert(Member(key: key, value: value), at: count)
  }

  /// Adds the same member that another object has; its key must come behind all others.
  @inline(__always)
  public mutating func append(_ index: Int, of other: Members) {
    insert(other.storage.unsafelyUnwrapped.entries[index], at: count)
  }

  public mutating func reserveCapacity(_ capacity: Int) {
    if capacity > 0, capacity > storage?.header.capacity ?? 0 { makeOwn(capacity: capacity) }
  }

  var lastKey: String? { isEmpty ? nil : key(at: count - 1) }

  mutating func replaceLast(_ value: JSON) { setValue(value, at: count - 1) }

  @discardableResult
  public mutating func removeValue(forKey key: String) -> JSON? {
    let (index, found) = position(of: key)
    return found ? remove(at: index).resolved : nil
  }

  /// The same keys with other values; a nil drops the member.
  public func compactMapValues(_ transform: (String, JSON) throws -> JSON?) rethrows -> Members {
    var result = Members()
    result.reserveCapacity(count)
    for (key, value) in self {
      if let value = try transform(key, value) { result.append(key, value) }
    }
    return result
  }

  @inline(__always)
  private func position(of key: String) -> (index: Int, found: Bool) {
    if isEmpty { return (0, false) }
    // Without a count of references: the search does not outlive its caller, who holds the storage.
    return Unmanaged.passUnretained(storage.unsafelyUnwrapped)._withUnsafeGuaranteedRef { $0.position(of: key) }
  }
}

// MARK: - values that nobody has looked into

extension Members {
  /// The text of a member that nobody has looked into since it was read.
  public func unread(_ key: String) -> EncodedJSON? {
    let (index, found) = position(of: key)
    guard found, case .encoded(let text) = value(at: index) else { return nil }
    return text
  }

  /// The value at a key as it is: `encoded` where nobody has looked into it.
  public func untouched(_ key: String) -> JSON? {
    let (index, found) = position(of: key)
    return found ? value(at: index) : nil
  }

  /// Whether both have the same at a key, found out without decoding what is equal anyway.
  public func hasSame(_ key: String, as other: Members) -> Bool {
    let (left, isHere) = position(of: key)
    let (right, isThere) = other.position(of: key)
    return isHere && isThere ? value(at: left) == other.value(at: right) : isHere == isThere
  }

  /// Takes what another object has at a key, decoded or not.
  public mutating func copy(_ key: String, from other: Members) {
    let (source, isThere) = other.position(of: key)
    let (target, isHere) = position(of: key)
    store(isThere ? other.value(at: source) : nil, key: key, index: target, found: isHere)
  }

  @inline(__always) public func key(at index: Int) -> String { storage.unsafelyUnwrapped.entries[index].key }

  /// The value as it is: `encoded` where nobody has looked into it.
  @inline(__always) public func value(at index: Int) -> JSON { storage.unsafelyUnwrapped.entries[index].value }

  public mutating func setValue(_ value: JSON, at index: Int) {
    makeOwn(capacity: count)
    storage.unsafelyUnwrapped.entries[index].value = value
  }
}

// MARK: - memory

extension Members {
  /// Makes sure that the memory is nobody else's and has room.
  private mutating func makeOwn(capacity: Int) {
    if storage == nil {
      storage = .make(capacity: capacity)
      return
    }
    // Asked before anybody else holds it: a binding would be the second holder.
    let isOwn = isKnownUniquelyReferenced(&storage)
    let old = storage.unsafelyUnwrapped
    if isOwn, old.header.capacity >= capacity { return }
    storage = isOwn ? old.moved(capacity: capacity) : old.copied(capacity: capacity)
  }

  private mutating func insert(_ entry: Member, at index: Int) {
    let count = count
    let capacity = storage?.header.capacity ?? 0
    makeOwn(capacity: count < capacity ? count + 1 : Swift.max(4, count * 2))
    let storage = storage.unsafelyUnwrapped
    let entries = storage.entries
    (entries + index + 1).moveInitialize(from: entries + index, count: count - index)
    (entries + index).initialize(to: entry)
    storage.header.count = count + 1
  }

  private mutating func remove(at index: Int) -> JSON {
    makeOwn(capacity: count)
    let storage = storage.unsafelyUnwrapped
    let entries = storage.entries
    let entry = (entries + index).move()
    (entries + index).moveInitialize(from: entries + index + 1, count: storage.header.count - index - 1)
    storage.header.count -= 1
    return entry.value
  }

  /// Moves a value out, to be put back changed; so it can be changed in place.
  private mutating func take(at index: Int) -> JSON {
    makeOwn(capacity: count)
    let place = storage.unsafelyUnwrapped.entries + index
    let value = place.pointee.value
    place.pointee.value = .null
    return value
  }
}
