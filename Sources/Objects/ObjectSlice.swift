/// Objects of one resource in the order of namespace and name: a window into a snapshot, made without copying.
public struct ObjectSlice: RandomAccessCollection, Sendable {
  let table: ObjectTable
  public let startIndex: Int
  public let endIndex: Int

  init(_ table: ObjectTable, _ range: Range<Int>) {
    self.table = table
    self.startIndex = range.lowerBound
    self.endIndex = range.upperBound
  }

  /// A window without objects.
  public static let none = ObjectSlice(.empty, 0..<0)

  /// Whether both are known to have the same objects without looking at them: windows into a table that nobody changed.
  public func isSame(as other: ObjectSlice) -> Bool {
    table === other.table && startIndex == other.startIndex && endIndex == other.endIndex
  }

  public subscript(position: Int) -> Object {
    precondition(startIndex <= position && position < endIndex, "no object at \(position)")
    return table[position]
  }

  public subscript(bounds: Range<Int>) -> ObjectSlice {
    precondition(startIndex <= bounds.lowerBound && bounds.upperBound <= endIndex, "no objects at \(bounds)")
    return ObjectSlice(table, bounds)
  }

  /// What comes after a namespace and name (which need not exist): where the next page of a list starts.
  public func suffix(after namespace: String, _ name: String) -> ObjectSlice {
    let position = table.firstPosition { key in
      key.namespace == namespace ? key.name <= name : key.namespace < namespace
    }
    return ObjectSlice(table, Swift.min(Swift.max(position, startIndex), endIndex)..<endIndex)
  }

  public func makeIterator() -> Iterator { Iterator(self) }

  /// Walks chunk by chunk, without searching for each element.
  public struct Iterator: IteratorProtocol, Sendable {
    private let table: ObjectTable
    private var chunk: Int
    private var offset: Int
    private var remaining: Int

    fileprivate init(_ slice: ObjectSlice) {
      table = slice.table
      remaining = slice.endIndex - slice.startIndex
      chunk = slice.table.chunkIndex(position: slice.startIndex)
      offset = remaining == 0 ? 0 : slice.startIndex - table.starts[chunk]
    }

    public mutating func next() -> Object? {
      if remaining == 0 { return nil }
      if offset == table.chunks[chunk].objects.count {
        chunk += 1
        offset = 0
      }
      defer {
        offset += 1
        remaining -= 1
      }
      return table.chunks[chunk].objects[offset]
    }
  }
}

extension ObjectSlice {
  /// The objects whose labels fit. Masks decide first; the labels themselves are read of likely ones only.
  public func matching(_ selector: LabelSelector) -> [Object] {
    if selector.isEmpty { return Array(self) }
    if selector.matchesNothing || isEmpty { return [] }
    var result: [Object] = []
    var position = startIndex
    var index = table.chunkIndex(position: position)
    while position < endIndex {
      let chunk = table.chunks[index]
      let start = table.starts[index]
      let end = Swift.min(endIndex - start, chunk.masks.count)
      chunk.masks.withUnsafeBufferPointer { masks in
        for offset in position - start..<end where selector.mayMatch(masks[offset]) {
          let object = chunk.objects[offset]
          if selector.matches(object.labels) { result.append(object) }
        }
      }
      position = start + end
      index += 1
    }
    return result
  }
}

extension ObjectSlice {
  /// The objects of a name: one at most when a namespace is given, any number without.
  public func named(_ name: String, in namespace: String?) -> ObjectSlice {
    guard let namespace else { return ObjectTable(sorted: filter { $0.name == name }).slice }
    let rest = suffix(after: namespace, name)
    let position = rest.startIndex - 1
    guard position >= startIndex, table[position].name == name, table[position].namespace == namespace else {
      return ObjectSlice(table, startIndex..<startIndex)
    }
    return ObjectSlice(table, position..<position + 1)
  }
}

extension ObjectTable {
  fileprivate var slice: ObjectSlice { ObjectSlice(self, 0..<count) }
}
