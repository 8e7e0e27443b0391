import Glibc
import Synchronization
import Values

/// The verbs as the stock server names them, and whether they are about one object, a namespace or the cluster.
struct StockVerb {
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

  /// The first of those for watches.
  static let watch = 3

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
enum Slot {
  static let codes = [
    101, 200, 201, 202, 204, 301, 304, 400, 401, 403, 404, 405, 406, 408, 409, 410, 413, 415, 422, 429, 500, 501, 503,
    504,
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
  /// Bytes of an event.
  static let sizeBounds = Histogram.bounds(from: 1024, times: 2, count: 8)
  static let firstSize = open + 1
  static let sizeSum = firstSize + sizeBounds.count + 1
  static let width = sizeSum + 1

  static func code(_ code: Int) -> Int { codes.firstIndex(of: code) ?? codes.count - 1 }

  static func size(_ bytes: Int) -> Int { sizeBounds.firstIndex { Double(bytes) <= $0 } ?? sizeBounds.count }

  static func bucket(_ microseconds: Int) -> Int { bounds.firstIndex { microseconds <= $0 } ?? bounds.count }
}

/// Zeros that take no memory until they are counted up: the pages of a large `calloc` come when they are written.
struct CounterCells: ~Copyable, @unchecked Sendable {
  private let base: UnsafeMutablePointer<Atomic<Int>>

  init(count: Int) {
    guard let zeros = calloc(count, MemoryLayout<Atomic<Int>>.stride) else { fatalError("no memory for counters") }
    base = zeros.bindMemory(to: Atomic<Int>.self, capacity: count)
  }

  deinit { free(base) }

  subscript(index: Int) -> Int { base[index].load(ordering: .relaxed) }

  func add(_ amount: Int, at index: Int) { base[index].wrappingAdd(amount, ordering: .relaxed) }
}
