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
  private let reading = Atomic(0)
  private let mutating = Atomic(0)

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
    let target = call.target
    var row = 0
    if let kind, let first = firstRows[ObjectIdentifier(kind)] {
      row = first
      if !target.subresource.isEmpty {
        row += (kind.subresources.firstIndex { $0.name == target.subresource } ?? -1) + 1
      }
    }
    let verb = StockVerb.index(call)
    return Series(
      start: (row * StockVerb.all.count + verb) * Slot.width, isMutating: StockVerb.all[verb].isMutating)
  }

  func count(_ series: Series, code: Int) { cells.add(1, at: series.start + Slot.code(code)) }

  func observe(_ series: Series, _ duration: Duration) {
    let microseconds = max(0, Int(duration / .microseconds(1)))
    cells.add(1, at: series.start + Slot.firstBucket + Slot.bucket(microseconds))
    cells.add(microseconds, at: series.start + Slot.sum)
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
    fileprivate var isMutating: Bool
  }

  // MARK: - text

  func write(to text: inout MetricsText) {
    text.family("apiserver_request_total", .counter, "Requests by verb, resource and code.")
    forEachSeries { labels, start in
      for (slot, code) in Slot.codes.enumerated() where cells[start + slot] > 0 {
        text.sample(
          "apiserver_request_total", [("code", code == 0 ? "other" : "\(code)"), Self.dryRun] + labels,
          cells[start + slot])
      }
    }
    text.family("apiserver_request_duration_seconds", .histogram, "Time to the answer, but for streams.")
    forEachSeries { labels, start in
      writeDurations("apiserver_request_duration_seconds", [Self.dryRun] + labels, start, &text)
    }
    text.family("apiserver_request_sli_duration_seconds", .histogram, "Time to the answer, but for streams, for SLOs.")
    forEachSeries { labels, start in writeDurations("apiserver_request_sli_duration_seconds", labels, start, &text) }
    text.family("apiserver_current_inflight_requests", .gauge, "Requests that wait for the store or other work.")
    text.sample(
      "apiserver_current_inflight_requests", [("request_kind", "mutating")], mutating.load(ordering: .relaxed))
    text.sample(
      "apiserver_current_inflight_requests", [("request_kind", "readOnly")], reading.load(ordering: .relaxed))
    text.family("apiserver_longrunning_requests", .gauge, "Watches and followed logs that are open.")
    forEachSeries { labels, start in
      let open = cells[start + Slot.open]
      if open > 0 { text.sample("apiserver_longrunning_requests", labels, open) }
    }
  }

  private typealias Labels = [(name: String, value: String)]

  /// Dry runs are counted with the others.
  private static let dryRun = (name: "dry_run", value: "")

  private func forEachSeries(_ body: (Labels, Int) -> Void) {
    for (index, row) in rows.enumerated() {
      for (position, verb) in StockVerb.all.enumerated() {
        let start = (index * StockVerb.all.count + position) * Slot.width
        guard (0..<Slot.codes.count).contains(where: { cells[start + $0] > 0 }) else { continue }
        body(
          [
            ("component", "apiserver"), ("group", row.group), ("resource", row.resource),
            ("scope", row.resource.isEmpty ? "" : verb.scope), ("subresource", row.subresource), ("verb", verb.name),
            ("version", row.version),
          ], start)
      }
    }
  }

  private func writeDurations(_ name: String, _ labels: Labels, _ start: Int, _ text: inout MetricsText) {
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

/// The verbs as the stock server names them, and whether they are about one object, a namespace or the cluster.
private struct StockVerb {
  let name: String
  var scope = "resource"
  var isMutating = true

  static let all = [
    StockVerb(name: "GET", isMutating: false), StockVerb(name: "LIST", scope: "cluster", isMutating: false),
    StockVerb(name: "LIST", scope: "namespace", isMutating: false),
    StockVerb(name: "WATCH", scope: "cluster", isMutating: false),
    StockVerb(name: "WATCH", scope: "namespace", isMutating: false), StockVerb(name: "POST"), StockVerb(name: "PUT"),
    StockVerb(name: "PATCH"), StockVerb(name: "APPLY"), StockVerb(name: "DELETE"),
    StockVerb(name: "DELETECOLLECTION", scope: "cluster"), StockVerb(name: "DELETECOLLECTION", scope: "namespace"),
    StockVerb(name: "OTHER"),
  ]

  static func index(_ call: Call) -> Int {
    let inNamespace = call.target.namespace.isEmpty ? 0 : 1
    switch call.target.verb {
    case "get", "head": return 0
    case "list": return 1 + inNamespace
    case "watch": return 3 + inNamespace
    case "create", "post": return 5
    case "update", "put": return 6
    case "patch": return call.contentType == "application/apply-patch+yaml" ? 8 : 7
    case "delete": return 9
    case "deletecollection": return 10 + inNamespace
    default: return 12
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
