/// Completion indexes in the compact form of a Job's status: `0,2-4`.
struct IndexSet: Equatable {
  private(set) var indexes: Set<Int> = []

  init() {}

  /// Numbers beyond the limit are left out.
  init(_ text: String, limit: Int) {
    for part in text.split(separator: ",") {
      let ends = part.split(separator: "-").compactMap { Int($0) }
      guard let first = ends.first, let last = ends.last, first >= 0, first <= last, first < limit else { continue }
      indexes.formUnion(first...min(last, limit - 1))
    }
  }

  var count: Int { indexes.count }

  func contains(_ index: Int) -> Bool { indexes.contains(index) }

  mutating func insert(_ index: Int) { indexes.insert(index) }

  var description: String {
    var parts: [String] = []
    var run: ClosedRange<Int>?
    func close() {
      guard let run else { return }
      let separator = run.count == 2 ? "," : "-"
      parts.append(run.count == 1 ? "\(run.lowerBound)" : "\(run.lowerBound)\(separator)\(run.upperBound)")
    }
    for index in indexes.sorted() {
      if let open = run, open.upperBound + 1 == index {
        run = open.lowerBound...index
      } else {
        close()
        run = index...index
      }
    }
    close()
    return parts.joined(separator: ",")
  }
}
