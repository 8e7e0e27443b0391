/// Completion indexes, kept as a Job's status writes them: `0,2-4`. The cost is that of the runs, not of the indexes.
struct IndexSet: Equatable {
  /// In order, with a gap between each two.
  private(set) var runs: [ClosedRange<Int>] = []

  init() {}

  /// Indexes from `limit` on are left out.
  init(_ text: String, limit: Int) {
    for part in text.split(separator: ",") {
      let ends = part.split(separator: "-").compactMap { Int($0) }
      guard let first = ends.first, let last = ends.last, first >= 0, first <= last, first < limit else { continue }
      insert(first...min(last, limit - 1))
    }
  }

  var count: Int { runs.reduce(0) { $0 + $1.count } }
  var isEmpty: Bool { runs.isEmpty }

  func contains(_ index: Int) -> Bool {
    let next = position(after: index)
    return next > 0 && runs[next - 1].contains(index)
  }

  mutating func insert(_ index: Int) { insert(index...index) }

  private mutating func insert(_ run: ClosedRange<Int>) {
    var (low, high) = (run.lowerBound, run.upperBound)
    var first = position(after: low)
    if first > 0, runs[first - 1].upperBound >= low - 1 { first -= 1 }
    var end = first
    while end < runs.count, runs[end].lowerBound <= high + 1 {
      (low, high) = (min(low, runs[end].lowerBound), max(high, runs[end].upperBound))
      end += 1
    }
    runs.replaceSubrange(first..<end, with: [low...high])
  }

  /// How many of the runs begin at the index or before it.
  private func position(after index: Int) -> Int {
    var (low, high) = (0, runs.count)
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].lowerBound <= index { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// How many indexes are in both.
  func overlap(with other: IndexSet) -> Int {
    var (left, right, sum) = (0, 0, 0)
    while left < runs.count, right < other.runs.count {
      let (mine, theirs) = (runs[left], other.runs[right])
      sum += max(0, min(mine.upperBound, theirs.upperBound) - max(mine.lowerBound, theirs.lowerBound) + 1)
      if mine.upperBound < theirs.upperBound { left += 1 } else { right += 1 }
    }
    return sum
  }

  mutating func formUnion(_ other: IndexSet) { for run in other.runs { insert(run) } }

  /// The first indexes below `limit` that are not in it.
  func missing(_ count: Int, below limit: Int) -> [Int] {
    var result: [Int] = []
    var next = 0
    for run in runs + [limit...limit] where next < limit {
      let gap = next..<min(max(next, run.lowerBound), limit)
      result += gap.prefix(count - result.count)
      if result.count == count { break }
      next = run.upperBound + 1
    }
    return result
  }

  var description: String {
    runs.map { run in
      switch run.count {
      case 1: "\(run.lowerBound)"
      case 2: "\(run.lowerBound),\(run.upperBound)"
      default: "\(run.lowerBound)-\(run.upperBound)"
      }
    }.joined(separator: ",")
  }
}
