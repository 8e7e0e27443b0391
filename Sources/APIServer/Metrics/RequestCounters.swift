import Schemas
import Synchronization
import Values

/// How many requests there were, how long they took, and how many streams are open, by resource and verb. All counters
/// are made at the start: to count is to add to atomics, and strangers' words are never kept. Custom kinds get theirs out
/// of a store of rows when they are first asked for.
final class RequestCounters: Sendable {
  /// One row of counters for each verb of a resource or subresource; all unknown paths share the first.
  struct Row: Hashable {
    var group = ""
    var version = ""
    var resource = ""
    var subresource = ""
  }

  private let builtIn: [Row]
  private let firstRows: [ObjectIdentifier: Int]
  private let custom = Mutex(CustomRows())
  let cells: CounterCells
  let reading = Atomic(0)
  let mutating = Atomic(0)

  init(_ kinds: [Kind]) {
    var rows = [Row()]
    var firstRows: [ObjectIdentifier: Int] = [:]
    for kind in kinds {
      firstRows[ObjectIdentifier(kind)] = rows.count
      rows += Self.rows(of: kind)
    }
    builtIn = rows
    self.firstRows = firstRows
    cells = CounterCells(count: (rows.count + CustomRows.limit) * StockVerb.all.count * Slot.width)
  }

  private static func rows(of kind: Kind) -> [Row] {
    ([""] + kind.subresources.map(\.name)).map {
      Row(group: kind.group, version: kind.version, resource: kind.resource.resource, subresource: $0)
    }
  }

  /// Every row that may have been counted in.
  var rows: [Row] { builtIn + custom.withLock { $0.rows } }

  /// Rows of custom kinds, in the order in which they were first asked for; they stay when the kind goes, as counters do.
  private struct CustomRows {
    /// What comes after them is counted with the unknown paths.
    static let limit = 512

    private(set) var rows: [Row] = []
    private var positions: [Row: Int] = [:]

    /// nil when there is no room left.
    mutating func position(of row: Row) -> Int? {
      if let known = positions[row] { return known }
      guard rows.count < Self.limit else { return nil }
      positions[row] = rows.count
      rows.append(row)
      return rows.count - 1
    }
  }

  private func row(_ kind: Kind, _ subresource: String) -> Int {
    let part = subresource.isEmpty ? nil : kind.subresources.first { $0.name == subresource }
    if let first = firstRows[ObjectIdentifier(kind)] {
      guard let part else { return first }
      return first + 1 + (kind.subresources.firstIndex { $0.name == part.name } ?? 0)
    }
    guard kind.isCustom else { return 0 }
    let row = Row(
      group: kind.group, version: kind.version, resource: kind.resource.resource, subresource: part?.name ?? "")
    return custom.withLock { $0.position(of: row) }.map { builtIn.count + $0 } ?? 0
  }

  /// Where a request is counted.
  func series(_ kind: Kind?, _ call: Call) -> Series {
    let row = kind.map { self.row($0, call.target.subresource) } ?? 0
    let verb = StockVerb.index(call)
    return Series(
      start: start(row, verb), events: start(row, StockVerb.watch), isMutating: StockVerb.all[verb].isMutating)
  }

  /// The first counter of a row's verb.
  func start(_ row: Int, _ verb: Int) -> Int { (row * StockVerb.all.count + verb) * Slot.width }

  func count(_ series: Series, code: Int) { cells.add(1, at: series.start + Slot.code(code)) }

  func observe(_ series: Series, _ duration: Duration) {
    let microseconds = max(0, Int(duration / .microseconds(1)))
    cells.add(1, at: series.start + Slot.firstBucket + Slot.bucket(microseconds))
    cells.add(microseconds, at: series.start + Slot.sum)
  }

  /// A watch has sent an event of so many bytes.
  func event(_ series: Series, bytes: Int) {
    cells.add(1, at: series.events + Slot.firstSize + Slot.size(bytes))
    cells.add(bytes, at: series.events + Slot.sizeSum)
  }

  /// A stream opened (1) or ended (-1).
  func open(_ series: Series, by change: Int) { cells.add(change, at: series.start + Slot.open) }

  /// Work that waits for the store began (1) or is done (-1).
  func work(_ series: Series, by change: Int) {
    if series.isMutating {
      mutating.wrappingAdd(change, ordering: .relaxed)
    } else {
      reading.wrappingAdd(change, ordering: .relaxed)
    }
  }

  struct Series: Sendable {
    fileprivate var start: Int
    /// Where the events of the resource are counted, whatever part of it is watched.
    fileprivate var events: Int
    fileprivate var isMutating: Bool
  }
}
