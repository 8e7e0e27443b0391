/// The latest verdicts: the oldest are dropped first, and before that keep the reasons of a few nodes only.
struct VerdictStore {
  /// The most verdicts kept.
  let limit: Int
  /// The most reasons kept in all, a node counted once for each pod.
  let reasonLimit: Int
  /// The nodes whose reasons an old verdict keeps.
  private static let thinCount = 16

  private struct Entry {
    var verdict: Verdict
    var number: Int
  }

  private var entries: [String: Entry] = [:]
  /// UIDs in the order in which their verdicts came; some are void by now.
  private var order: [(uid: String, number: Int)] = []
  private var oldest = 0
  private var fullest = 0
  private var reasons = 0
  private var next = 0

  init(limit: Int, reasonLimit: Int = 400_000) {
    self.limit = limit
    self.reasonLimit = reasonLimit
  }

  subscript(uid: String) -> Verdict? { entries[uid]?.verdict }

  var count: Int { entries.count }

  mutating func keep(_ verdict: Verdict) {
    next += 1
    reasons += verdict.refusals.count - (entries[verdict.uid]?.verdict.refusals.count ?? 0)
    entries[verdict.uid] = Entry(verdict: verdict, number: next)
    order.append((verdict.uid, next))
    while reasons > reasonLimit, fullest < order.count { thinNext() }
    while entries.count > limit, oldest < order.count { dropNext() }
    if order.count > 4 * limit { compact() }
  }

  mutating func setFailure(_ uid: String, _ message: String) { entries[uid]?.verdict.failure = message }

  private mutating func thinNext() {
    let (uid, number) = order[fullest]
    fullest += 1
    guard var entry = entries[uid], entry.number == number else { return }
    reasons -= entry.verdict.refusals.count
    entry.verdict.thin(to: Self.thinCount)
    reasons += entry.verdict.refusals.count
    entries[uid] = entry
  }

  private mutating func dropNext() {
    let (uid, number) = order[oldest]
    oldest += 1
    guard let entry = entries[uid], entry.number == number else { return }
    reasons -= entry.verdict.refusals.count
    entries[uid] = nil
  }

  private mutating func compact() {
    let isFull = order[min(fullest, order.count)...].reduce(into: Set<Int>()) { $0.insert($1.number) }
    order = order[oldest...].filter { entries[$0.uid]?.number == $0.number }
    oldest = 0
    fullest = order.firstIndex { isFull.contains($0.number) } ?? order.count
  }
}
