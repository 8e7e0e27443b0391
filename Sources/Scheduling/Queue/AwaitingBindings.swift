import Objects
import Values

/// Pods with a node that wait for their volumes or devices, found by the claims that they wait for: a change of one claim
/// costs nothing for all the others. There are never more than the pods that were given a node.
struct AwaitingBindings {
  private struct Deadline: Comparable {
    let time: Instant
    let uid: String

    static func < (left: Deadline, right: Deadline) -> Bool {
      left.time == right.time ? left.uid < right.uid : left.time < right.time
    }
  }

  private var bindings: [String: Scheduler.Binding] = [:]
  private var byClaim: [Key: Set<String>] = [:]
  private var deadlines = BinaryHeap<Deadline>()
  /// Claims that have changed since the last call of `takeTouched`.
  private var touched: Set<Key> = []

  var count: Int { bindings.count }
  var isEmpty: Bool { bindings.isEmpty }

  subscript(uid: String) -> Scheduler.Binding? { bindings[uid] }

  mutating func insert(_ binding: Scheduler.Binding) {
    let uid = binding.pod.uid
    bindings[uid] = binding
    for claim in binding.awaitedClaims { byClaim[claim, default: []].insert(uid) }
    // Those that are through leave their deadlines behind.
    if deadlines.count > 2 * bindings.count + 64 {
      deadlines = BinaryHeap()
      for (uid, binding) in bindings { deadlines.insert(Deadline(time: binding.deadline, uid: uid)) }
    } else {
      deadlines.insert(Deadline(time: binding.deadline, uid: uid))
    }
  }

  @discardableResult
  mutating func remove(_ uid: String) -> Scheduler.Binding? {
    guard let binding = bindings.removeValue(forKey: uid) else { return nil }
    for claim in binding.awaitedClaims {
      byClaim[claim]?.remove(uid)
      if byClaim[claim]?.isEmpty == true { byClaim[claim] = nil }
    }
    return binding
  }

  /// A claim has changed; it matters if anybody waits for it.
  mutating func touch(_ claim: Key) { if byClaim[claim] != nil { touched.insert(claim) } }

  /// The pods whose claims have changed since the last call, in an order that does not depend on chance.
  mutating func takeTouched() -> [Scheduler.Binding] {
    if touched.isEmpty { return [] }
    let uids = touched.reduce(into: Set<String>()) { $0.formUnion(byClaim[$1] ?? []) }
    touched = []
    return uids.sorted().compactMap { bindings[$0] }
  }

  /// The pods that have waited too long.
  mutating func takeExpired(at now: Instant) -> [Scheduler.Binding] {
    var expired: [Scheduler.Binding] = []
    while let first = deadlines.first, first.time <= now {
      _ = deadlines.popFirst()
      if bindings[first.uid]?.deadline == first.time, let binding = remove(first.uid) { expired.append(binding) }
    }
    return expired
  }

  /// When somebody has to look again; nil when nobody waits.
  mutating func nextDeadline() -> Instant? {
    while let first = deadlines.first, bindings[first.uid]?.deadline != first.time { _ = deadlines.popFirst() }
    return deadlines.first?.time
  }
}
