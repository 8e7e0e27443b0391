/// How many of something each node has: only the nodes that have any, in the order of their slots.
///
/// Kept sparse, for most selectors match pods on few nodes; adding is a binary search and a short move.
struct NodeCounts: Sendable {
  private(set) var slots: [Int32] = []
  private(set) var counts: [Int32] = []
  /// The sum over all nodes.
  private(set) var total = 0

  var isEmpty: Bool { slots.isEmpty }

  subscript(slot: Int) -> Int {
    let index = position(Int32(slot))
    return index < slots.count && slots[index] == Int32(slot) ? Int(counts[index]) : 0
  }

  /// Counts that come back to zero are dropped.
  mutating func add(_ amount: Int, at slot: Int) {
    if amount == 0 { return }
    total += amount
    let slot = Int32(slot)
    let index = position(slot)
    if index < slots.count, slots[index] == slot {
      counts[index] += Int32(amount)
      if counts[index] == 0 {
        slots.remove(at: index)
        counts.remove(at: index)
      }
    } else {
      slots.insert(slot, at: index)
      counts.insert(Int32(amount), at: index)
    }
  }

  mutating func add(_ other: NodeCounts, times factor: Int = 1) {
    for index in other.slots.indices { add(Int(other.counts[index]) * factor, at: Int(other.slots[index])) }
  }

  /// The sums over the nodes of each value of a node label.
  /// - Parameter values: the number of the value of each slot; -1 where the node has none.
  func sums(by values: [Int32], count: Int) -> [Int32] {
    var sums = [Int32](repeating: 0, count: count)
    for index in slots.indices {
      let slot = Int(slots[index])
      if slot < values.count, values[slot] >= 0 { sums[Int(values[slot])] += counts[index] }
    }
    return sums
  }

  private func position(_ slot: Int32) -> Int {
    var low = 0
    var high = slots.count
    while low < high {
      let middle = (low + high) / 2
      if slots[middle] < slot { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
