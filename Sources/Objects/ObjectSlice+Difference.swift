extension ObjectSlice {
  /// The same objects, with nothing else of the table they come from but their neighbours in two chunks: to be kept for
  /// long, where the slice itself would keep a whole old state alive.
  public var detached: ObjectSlice {
    if isEmpty { return ObjectSlice(.empty, 0..<0) }
    let first = table.chunkIndex(position: startIndex)
    let part = ObjectTable(chunks: Array(table.chunks[first...table.chunkIndex(position: endIndex - 1)]))
    return ObjectSlice(part, startIndex - table.starts[first]..<endIndex - table.starts[first])
  }

  /// What is only in `old` and what is only here, by state. The cost is that of what lies around the changes, not of all.
  /// - Parameter old: an earlier or later state of the same window.
  public func difference(from old: ObjectSlice) -> (gone: [Object], come: [Object]) {
    let mine = chunkRange
    let theirs = old.chunkRange
    var head = 0
    while head < Swift.min(mine.count, theirs.count),
      table.chunks[mine.lowerBound + head] === old.table.chunks[theirs.lowerBound + head]
    {
      head += 1
    }
    var tail = 0
    while tail < Swift.min(mine.count, theirs.count) - head,
      table.chunks[mine.upperBound - 1 - tail] === old.table.chunks[theirs.upperBound - 1 - tail]
    {
      tail += 1
    }
    let before = theirs.dropFirst(head).dropLast(tail)
    let after = mine.dropFirst(head).dropLast(tail)
    // Chunks in the middle may have moved without a change.
    let kept = Set(before.map { ObjectIdentifier(old.table.chunks[$0]) })
      .intersection(after.map { ObjectIdentifier(table.chunks[$0]) })
    return Self.compare(
      old.objects(before.filter { !kept.contains(ObjectIdentifier(old.table.chunks[$0])) }),
      objects(after.filter { !kept.contains(ObjectIdentifier(table.chunks[$0])) }))
  }

  private var chunkRange: Range<Int> {
    isEmpty ? 0..<0 : table.chunkIndex(position: startIndex)..<table.chunkIndex(position: endIndex - 1) + 1
  }

  /// The objects of some chunks, as far as they belong to the window.
  private func objects(_ chunks: [Int]) -> [Object] {
    chunks.flatMap { index -> ArraySlice<Object> in
      let objects = table.chunks[index].objects
      let start = table.starts[index]
      return objects[Swift.max(0, startIndex - start)..<Swift.min(objects.count, endIndex - start)]
    }
  }

  private static func compare(_ before: [Object], _ after: [Object]) -> (gone: [Object], come: [Object]) {
    var gone: [Object] = []
    var come: [Object] = []
    var (left, right) = (0, 0)
    while left < before.count, right < after.count {
      if before[left] === after[right] {
        left += 1
        right += 1
      } else if ObjectTable.precedes(after[right].key, before[left].key) {
        come.append(after[right])
        right += 1
      } else {
        gone.append(before[left])
        left += 1
      }
    }
    return (gone + before[left...], come + after[right...])
  }
}
