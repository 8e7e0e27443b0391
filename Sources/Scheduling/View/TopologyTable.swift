import Objects

/// The values that nodes have of the labels that terms speak of, as small numbers.
struct TopologyTable: Sendable {
  struct Column: Sendable {
    /// The number of the value by slot; -1 where the node has no such label, or there is no node.
    fileprivate(set) var values: [Int32] = []
    /// The values by number.
    fileprivate(set) var names: [String] = []
    fileprivate var numbers: [String: Int32] = [:]

    fileprivate mutating func set(_ slot: Int, _ value: String?) {
      while values.count <= slot { values.append(-1) }
      values[slot] = value.map { number(of: $0) } ?? -1
    }

    private mutating func number(of value: String) -> Int32 {
      if let number = numbers[value] { return number }
      names.append(value)
      numbers[value] = Int32(names.count - 1)
      return Int32(names.count - 1)
    }
  }

  /// Beyond so many labels all are forgotten and found out anew.
  private static let limit = 64
  private var columns: [String: Column] = [:]

  /// The column of a label, made from the nodes when there is none.
  mutating func column(_ key: String, _ nodes: NodeTable) -> Column {
    if let column = columns[key], column.values.count == nodes.count { return column }
    if columns.count >= Self.limit { columns = [:] }
    var column = Column()
    for slot in 0..<nodes.count { column.set(slot, nodes.labels[slot][key]) }
    columns[key] = column
    return column
  }

  mutating func update(_ slot: Int, _ labels: Labels) {
    for key in columns.keys { columns[key]?.set(slot, labels[key]) }
  }
}
