/// The members of a JSON object: unique keys in the order of their UTF-8 bytes.
public struct Members: Sendable, Hashable {
  public typealias Element = (key: String, value: JSON)

  private var keys: [String]
  private var contents: [JSON]

  public init() {
    keys = []
    contents = []
  }

  /// Of equal keys the last one wins.
  public init(_ elements: some Sequence<(String, JSON)>) {
    var keys: [String] = []
    var contents: [JSON] = []
    for (key, value) in elements {
      keys.append(key)
      contents.append(value)
    }
    self.init(keys: keys, contents: contents)
  }

  private init(keys: [String], contents: [JSON]) {
    if Self.isSorted(keys) {
      self.init(sortedKeys: keys, contents: contents)
      return
    }
    self.init()
    let order = keys.indices.sorted { keyOrder(keys[$0], keys[$1]) ?? ($0 < $1) }
    reserveCapacity(order.count)
    for index in order {
      if let last = lastKey, keyOrder(last, keys[index]) == nil {
        replaceLast(contents[index])
      } else {
        append(keys[index], contents[index])
      }
    }
  }

  /// From a builder that keeps the order itself: unique keys in the order of their bytes, one value for each.
  public init(sortedKeys keys: [String], contents: [JSON]) {
    assert(keys.count == contents.count && Self.isSorted(keys))
    self.keys = keys
    self.contents = contents
  }

  private static func isSorted(_ keys: [String]) -> Bool {
    for index in keys.indices.dropFirst() where keyOrder(keys[index - 1], keys[index]) != true { return false }
    return true
  }

  public var count: Int { keys.count }
  public var isEmpty: Bool { keys.isEmpty }
  public var allKeys: [String] { keys }
  public var allValues: [JSON] { hasEncoded ? contents.map(\.resolved) : contents }

  private var hasEncoded: Bool {
    for value in contents { if case .encoded = value { return true } }
    return false
  }

  public subscript(key: String) -> JSON? {
    get {
      let (index, found) = position(of: key)
      return found ? contents[index].resolved : nil
    }
    _modify {
      let (index, found) = position(of: key)
      var value: JSON? = nil
      if found {
        value = contents[index].resolved
        contents[index] = .null
      }
      defer { store(value, key: key, index: index, found: found) }
      yield &value
    }
  }

  private mutating func store(_ value: JSON?, key: String, index: Int, found: Bool) {
    switch (value, found) {
    case (let value?, true): contents[index] = value
    case (let value?, false):
      keys.insert(key, at: index)
      contents.insert(value, at: index)
    case (nil, true):
      keys.remove(at: index)
      contents.remove(at: index)
    case (nil, false): break
    }
  }

  /// Adds a member whose key comes behind all others in byte order; that is for the caller to know.
  public mutating func append(_ key: String, _ value: JSON) {
    assert(keys.last.map { keyOrder($0, key) == true } ?? true, "keys must be appended in order")
    keys.append(key)
    contents.append(value)
  }

  public mutating func reserveCapacity(_ capacity: Int) {
    keys.reserveCapacity(capacity)
    contents.reserveCapacity(capacity)
  }

  /// The text of a member that nobody has looked into since it was read.
  public func unread(_ key: String) -> EncodedJSON? {
    let (index, found) = position(of: key)
    guard found, case .encoded(let text) = contents[index] else { return nil }
    return text
  }

  /// Whether both have the same at a key, found out without decoding what is equal anyway.
  public func hasSame(_ key: String, as other: Members) -> Bool {
    let (left, isHere) = position(of: key)
    let (right, isThere) = other.position(of: key)
    return isHere && isThere ? contents[left] == other.contents[right] : isHere == isThere
  }

  /// Takes what another object has at a key, decoded or not.
  public mutating func copy(_ key: String, from other: Members) {
    let (source, isThere) = other.position(of: key)
    let (target, isHere) = position(of: key)
    store(isThere ? other.contents[source] : nil, key: key, index: target, found: isHere)
  }

  /// The values as they are; those that nobody has looked into are `encoded`.
  public var unresolvedValues: [JSON] { contents }

  @inline(__always) func key(at index: Int) -> String { keys[index] }
  @inline(__always) func value(at index: Int) -> JSON { contents[index] }

  var lastKey: String? { keys.last }

  mutating func replaceLast(_ value: JSON) { contents[contents.count - 1] = value }

  @discardableResult
  public mutating func removeValue(forKey key: String) -> JSON? {
    let (index, found) = position(of: key)
    guard found else { return nil }
    keys.remove(at: index)
    return contents.remove(at: index).resolved
  }

  /// The same keys with other values; a nil drops the member.
  public func compactMapValues(_ transform: (String, JSON) throws -> JSON?) rethrows -> Members {
    var result = Members()
    result.keys.reserveCapacity(count)
    result.contents.reserveCapacity(count)
    for index in keys.indices {
      if let value = try transform(keys[index], contents[index].resolved) {
        result.keys.append(keys[index])
        result.contents.append(value)
      }
    }
    return result
  }

  private func position(of key: String) -> (index: Int, found: Bool) {
    var low = 0
    var high = keys.count
    while low < high {
      let middle = (low + high) / 2
      switch keyOrder(keys[middle], key) {
      case true?: low = middle + 1
      case false?: high = middle
      case nil: return (middle, true)
      }
    }
    return (low, false)
  }
}

extension Members: RandomAccessCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { keys.count }
  public subscript(position: Int) -> Element { (keys[position], contents[position].resolved) }
}

/// Byte order of two keys: true when the left comes first, false when the right does, nil when they are the same bytes.
/// `String.<` would fold canonically equivalent keys into one, and so lose a member.
public func keyOrder(_ left: String, _ right: String) -> Bool? {
  // Without copies of the strings, whose reference counts would cost more than the comparison.
  let order = left.utf8.withContiguousStorageIfAvailable { left in
    right.utf8.withContiguousStorageIfAvailable { right in byteOrder(left, right) }
  }
  if let order, let order { return order }
  return byteOrder(Array(left.utf8), Array(right.utf8))
}

@inline(__always)
func byteOrder(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool? {
  let common = Swift.min(left.count, right.count)
  var index = 0
  while index < common {
    if left[index] != right[index] { return left[index] < right[index] }
    index += 1
  }
  return left.count == right.count ? nil : left.count < right.count
}

private func byteOrder(_ left: [UInt8], _ right: [UInt8]) -> Bool? {
  left.withUnsafeBufferPointer { left in right.withUnsafeBufferPointer { right in byteOrder(left, right) } }
}
