/// A type's fields as protobuf orders and nests them.
struct MessageLayout: Sendable {
  /// One number of the message: a field, or an embedded message whose fields JSON inlines.
  struct Entry: Sendable {
    let number: Int
    let content: Content
  }

  indirect enum Content: Sendable {
    case field(Int)
    case inlined(MessageLayout)
  }

  /// Sorted by number.
  let entries: [Entry]
  /// The positions of the fields beneath, nested ones included.
  let positions: [Int]

  init(fields: [Field] = []) {
    self.init(fields.indices.filter { !fields[$0].numbers.isEmpty }.map { ($0, fields[$0].numbers[...]) })
  }

  private init(_ paths: [(position: Int, numbers: ArraySlice<Int>)]) {
    var entries: [Entry] = []
    for (number, group) in Dictionary(grouping: paths, by: { $0.numbers.first ?? 0 }).sorted(by: { $0.key < $1.key }) {
      if let only = group.first, only.numbers.count == 1 {
        entries.append(Entry(number: number, content: .field(only.position)))
      } else {
        let inner = group.map { ($0.position, $0.numbers.dropFirst()) }
        entries.append(Entry(number: number, content: .inlined(MessageLayout(inner))))
      }
    }
    self.entries = entries
    self.positions = paths.map(\.position)
  }

  /// The entry of a number; nil when the message has none.
  func entry(_ number: Int) -> Entry? {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].number == number { return entries[middle] }
      if entries[middle].number < number { low = middle + 1 } else { high = middle }
    }
    return nil
  }
}
