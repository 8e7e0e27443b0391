import Schemas
import Synchronization
import Values

/// How many requests there were, how long they took, and how many streams are open, by resource and verb. All counters
/// are made at the start: to count is to add to atomics, and strangers' words are never kept.
final class RequestCounters: Sendable {
  /// One row of counters for each verb of a resource or subresource; all unknown paths share the first.
  struct Row {
    var group = ""
    var version = ""
    var resource = ""
    var subresource = ""
  }

  let rows: [Row]
  private let firstRows: [ObjectIdentifier: Int]
  let cells: CounterCells
  let reading = Atomic(0)
  let mutating = Atomic(0)

  init(_ kinds: [Kind]) {
    var rows = [Row()]
    var firstRows: [ObjectIdentifier: Int] = [:]
    for kind in kinds {
      firstRows[ObjectIdentifier(kind)] = rows.count
      for subresource in [""] + kind.subresources.map(\.name) {
        rows.append(
          Row(
            group: kind.group, version: kind.version, resource: kind.resource.resource, subresource: subresource))
      }
    }
    self.rows = rows
    self.firstRows = firstRows
    cells = CounterCells(count: rows.count * StockVerb.all.count * Slot.width)
  }

  /// Where a request is counted.
  func series(_ kind: Kind?, _ call: Call) -> Series {
    var row = 0
    if let kind, let first = firstRows[ObjectIdentifier(kind)] {
      row = first
      if !call.target.subresource.isEmpty {
        row += (kind.subresources.firstIndex { $0.name == call.target.subresource } ?? -1) + 1
      }
    }
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
