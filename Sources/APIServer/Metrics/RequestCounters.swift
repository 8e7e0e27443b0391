import Glibc
import Schemas
import Synchronization
import Values

/// How many requests there were, how long they took, and how many streams are open, by resource and verb. All counters
/// are made at the start: to count is to add to atomics, and strangers' words are never kept.
final class RequestCounters: Sendable {
  /// One row of counters for each verb of a resource or subresource; all unknown paths share the first.
  private struct Row {
    var group = ""
    var version = ""
    var resource = ""
    var subresource = ""
  }

  private let rows: [Row]
  private let firstRows: [ObjectIdentifier: Int]
  private let cells: CounterCells

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
    cells = CounterCells(count: rows.count * StockVerb.count * Slot.width)
  }

  /// Where a request is counted.
  func series(_ kind: Kind?, _ target: Target) -> Series {
    var row = 0
    if let kind, let first = firstRows[ObjectIdentifier(kind)] {
      row = first
      if !target.subresource.isEmpty {
        row += (kind.subresources.firstIndex { $0.name == target.subresource } ?? -1) + 1
      }
    }
    return Series(start: (row * StockVerb.count + StockVerb.index(target.verb)) * Slot.width)
  }

  func count(_ series: Series, code: Int) { cells.add(1, at: series.start + Slot.code(code)) }

  func observe(_ series: Series, _ duration: Duration) {
    let microseconds = max(0, Int(duration / .microseconds(1)))
    cells.add(1, at: series.start + Slot.firstBucket + Slot.bucket(microseconds))
    cells.add(microseconds, at: series.start + Slot.sum)
  }

  /// A stream opened (1) or ended (-1).
  func open(_ series: Series, by change: Int) { cells.add(change, at: series.start + Slot.open) }

  struct Series: Sendable { fileprivate var start: Int }

  // MARK: - text

  func write(to text: inout MetricsText) {
    text.family("apiserver_request_total", .counter, "Requests by verb, resource and code.")
    forEachSeries { labels, start in
      for (slot, code) in Slot.codes.enumerated() where cells[start + slot] > 0 {
        text.sample(
          "apiserver_request_total", [("code", code == 0 ? "other" : "\(code)")] + labels, cells[start + slot])
      }
    }
    text.family("apiserver_request_duration_seconds", .histogram, "Time to the answer, but for streams.")
    forEachSeries { labels, start in writeDurations(labels, start, &text) }
    text.family("apiserver_longrunning_requests", .gauge, "Watches and followed logs that are open.")
    forEachSeries { labels, start in
      let open = cells[start + Slot.open]
      if open > 0 { text.sample("apiserver_longrunning_requests", labels, open) }
    }
  }

  private typealias Labels = [(name: String, value: String)]

  private func forEachSeries(_ body: (Labels, Int) -> Void) {
    for (index, row) in rows.enumerated() {
      for (position, verb) in StockVerb.names.enumerated() {
        let start = (index * StockVerb.count + position) * Slot.width
        guard (0..<Slot.codes.count).contains(where: { cells[start + $0] > 0 }) else { continue }
        body(
          [
            ("group", row.group), ("resource", row.resource), ("subresource", row.subresource), ("verb", verb),
            ("version", row.version),
          ], start)
      }
    }
  }

  private func writeDurations(_ labels: Labels, _ start: Int, _ text: inout MetricsText) {
    let name = "apiserver_request_duration_seconds"
    var total = 0
    var lines: [(String, Int)] = []
    for index in 0...Slot.bounds.count {
      total += cells[start + Slot.firstBucket + index]
      let bound = index < Slot.bounds.count ? "\(Double(Slot.bounds[index]) / 1_000_000)" : "+Inf"
      lines.append((bound, total))
    }
    if total == 0 { return }
    for (bound, count) in lines { text.sample(name + "_bucket", labels + [("le", bound)], count) }
    text.sample(name + "_sum", labels, Double(cells[start + Slot.sum]) / 1_000_000)
    text.sample(name + "_count", labels, total)
  }
}

/// The verbs as the stock server names them.
private enum StockVerb {
  static let names = ["GET", "LIST", "WATCH", "POST", "PUT", "PATCH", "DELETE", "DELETECOLLECTION", "OTHER"]
  static let count = 9

  static func index(_ verb: String) -> Int {
    switch verb {
    case "get", "head": 0
    case "list": 1
    case "watch": 2
    case "create", "post": 3
    case "update", "put": 4
    case "patch": 5
    case "delete": 6
    case "deletecollection": 7
    default: 8
    }
  }
}

/// What stands where in the counters of one resource and verb.
private enum Slot {
  static let codes = [
    200, 201, 202, 204, 301, 304, 400, 401, 403, 404, 405, 406, 408, 409, 410, 413, 415, 422, 429, 500, 501, 503, 504,
    0,
  ]
  /// Microseconds: the bounds of the stock server, and two below them.
  static let bounds = [
    100, 1_000, 5_000, 25_000, 50_000, 100_000, 200_000, 400_000, 600_000, 800_000, 1_000_000, 1_250_000, 1_500_000,
    2_000_000, 3_000_000, 4_000_000, 5_000_000, 6_000_000, 8_000_000, 10_000_000, 15_000_000, 20_000_000, 30_000_000,
    45_000_000, 60_000_000,
  ]
  static let firstBucket = codes.count
  static let sum = firstBucket + bounds.count + 1
  static let open = sum + 1
  static let width = open + 1

  static func code(_ code: Int) -> Int { codes.firstIndex(of: code) ?? codes.count - 1 }

  static func bucket(_ microseconds: Int) -> Int { bounds.firstIndex { microseconds <= $0 } ?? bounds.count }
}

/// Zeros that take no memory until they are counted up: the pages of a large `calloc` come when they are written.
private struct CounterCells: ~Copyable, @unchecked Sendable {
  private let base: UnsafeMutablePointer<Atomic<Int>>

  init(count: Int) {
    guard let zeros = calloc(count, MemoryLayout<Atomic<Int>>.stride) else { fatalError("no memory for counters") }
    base = zeros.bindMemory(to: Atomic<Int>.self, capacity: count)
  }

  deinit { free(base) }

  subscript(index: Int) -> Int { base[index].load(ordering: .relaxed) }

  func add(_ amount: Int, at index: Int) { base[index].wrappingAdd(amount, ordering: .relaxed) }
}
