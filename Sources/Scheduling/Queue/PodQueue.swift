import Objects
import Reconciling
import Values

/// The pods without a node: those to be tried now, those that wait for a delay to pass, those that fit nowhere until
/// something changes, and those that are gated.
struct PodQueue {
  enum Place: Sendable {
    case ready, backingOff, parked, gated
    /// Taken out to be decided about.
    case taken
  }

  struct Entry: Sendable {
    var pod: PodNeeds
    var place = Place.ready
    /// Attempts that failed.
    var failures = 0
    var notBefore = Instant.epoch
    var parkedAt = Instant.epoch
    /// What stood in the way the last time.
    var rejectors: PluginSet = []
    /// The last attempt failed for a reason that waiting may cure, such as a conflict.
    var hasErred = false
    /// Tells the latest ticket of the pod from those that are void.
    var ticket = 0
    /// Its turn among pods of its priority: when it came, or was tried last.
    var turn = 0
    /// Something changed while it was being decided about.
    var mayFitNow = false
  }

  private struct ReadyTicket: Comparable, Sendable {
    let priority: Int
    let turn: Int
    let number: Int
    let uid: String

    static func < (left: ReadyTicket, right: ReadyTicket) -> Bool {
      left.priority == right.priority ? left.turn < right.turn : left.priority > right.priority
    }
  }

  private struct DelayTicket: Comparable, Sendable {
    let due: Instant
    let number: Int
    let uid: String

    static func < (left: DelayTicket, right: DelayTicket) -> Bool {
      left.due == right.due ? left.number < right.number : left.due < right.due
    }
  }

  private(set) var entries: [String: Entry] = [:]
  /// How many pods there are at each place.
  private(set) var counts: [Place: Int] = [:]
  private var ready = BinaryHeap<ReadyTicket>()
  private var delayed = BinaryHeap<DelayTicket>()
  private var parked: Set<String> = []
  private var taken: Set<String> = []
  /// No pod has been parked for longer than since then.
  private var oldestParking = Instant.distantFuture
  private var nextNumber = 0
  private var readyCount = 0
  private let backoff: Backoff
  /// Parked pods are tried again after this long, whatever happens.
  private static let patience = Duration.seconds(300)

  init(backoff: Backoff) { self.backoff = backoff }

  var hasReady: Bool { readyCount > 0 }
  var isEmpty: Bool { entries.isEmpty }

  subscript(uid: String) -> Entry? { entries[uid] }

  /// Takes a pod up, or anew after its specification has changed.
  mutating func add(_ pod: PodNeeds) {
    var entry = entries[pod.uid] ?? Entry(pod: pod)
    leave(entry)
    entry.pod = pod
    entry.hasErred = false
    enter(&entry, pod.gates.isEmpty ? .ready : .gated)
  }

  mutating func remove(_ uid: String) {
    guard let entry = entries.removeValue(forKey: uid) else { return }
    leave(entry)
  }

  /// The pod to decide about next: the highest priority first, then the one that has waited longest. When none is ready,
  /// pods whose delay has not passed are tried early, unless they wait after an error.
  mutating func take(at now: Instant) -> Entry? {
    promote(at: now)
    while let ticket = ready.popFirst() {
      guard var entry = entries[ticket.uid], entry.ticket == ticket.number, entry.place == .ready else { continue }
      leave(entry)
      enter(&entry, .taken)
      return entry
    }
    return nil
  }

  /// The pod fits nowhere: it waits for a change.
  mutating func park(_ uid: String, rejectors: PluginSet, at now: Instant) {
    guard var entry = entries[uid], entry.place == .taken else { return }
    entry.rejectors = rejectors
    entry.parkedAt = now
    entry.notBefore = now + backoff.delay(after: entry.failures)
    entry.failures += 1
    entry.hasErred = false
    let mayFit = entry.mayFitNow
    leave(entry)
    enter(&entry, .parked)
    if mayFit { wake(uid) }
  }

  /// Something went wrong: the pod is tried again after a delay.
  /// - Parameter failures: how many attempts had failed before.
  mutating func retry(_ pod: PodNeeds, failures: Int, at now: Instant) {
    var entry = entries[pod.uid] ?? Entry(pod: pod)
    leave(entry)
    entry.failures = failures
    entry.notBefore = now + backoff.delay(after: entry.failures)
    entry.failures += 1
    entry.hasErred = true
    enter(&entry, pod.gates.isEmpty ? .backingOff : .gated)
  }

  /// Lets parked pods try again that a change may help.
  mutating func wake(where mayHelp: (Entry) -> Bool) {
    for uid in taken { entries[uid]?.mayFitNow = true }
    if parked.isEmpty { return }
    let woken = parked.compactMap { entries[$0] }.filter(mayHelp)
    // In the order in which they were parked, so that equal histories go on alike.
    for entry in woken.sorted(by: { $0.ticket < $1.ticket }) { wake(entry.pod.uid) }
  }

  private mutating func wake(_ uid: String) {
    guard var entry = entries[uid], entry.place == .parked else { return }
    leave(entry)
    enter(&entry, .backingOff)
  }

  /// When somebody has to look again: a delay that ends, or patience that does; nil when nothing waits.
  func nextDeadline() -> Instant? {
    var deadline = parked.isEmpty ? nil : oldestParking + Self.patience
    if let first = delayed.first { deadline = min(deadline ?? first.due, first.due) }
    return deadline
  }

  private mutating func promote(at now: Instant) {
    if !parked.isEmpty, oldestParking + Self.patience <= now {
      let due = parked.compactMap { entries[$0] }.filter { $0.parkedAt + Self.patience <= now }
      for entry in due.sorted(by: { $0.ticket < $1.ticket }) { wake(entry.pod.uid) }
      oldestParking = parked.compactMap { entries[$0]?.parkedAt }.min() ?? .distantFuture
    }
    while let first = delayed.first {
      guard var entry = entries[first.uid], entry.ticket == first.number, entry.place == .backingOff else {
        _ = delayed.popFirst()
        continue
      }
      if first.due > now, readyCount > 0 || entry.hasErred { return }
      _ = delayed.popFirst()
      leave(entry)
      enter(&entry, .ready)
    }
  }

  /// Who waits for a change, or after a failure, keeps this turn when its time comes.
  private mutating func enter(_ entry: inout Entry, _ place: Place) {
    nextNumber += 1
    if entry.ticket == 0 || entry.place == .taken { entry.turn = nextNumber }
    entry.place = place
    entry.ticket = nextNumber
    entry.mayFitNow = false
    let uid = entry.pod.uid
    entries[uid] = entry
    counts[place, default: 0] += 1
    switch place {
    case .ready:
      ready.insert(ReadyTicket(priority: entry.pod.priority, turn: entry.turn, number: nextNumber, uid: uid))
      readyCount += 1
    case .backingOff: delayed.insert(DelayTicket(due: entry.notBefore, number: nextNumber, uid: uid))
    case .parked:
      oldestParking = parked.isEmpty ? entry.parkedAt : min(oldestParking, entry.parkedAt)
      parked.insert(uid)
    case .taken: taken.insert(uid)
    case .gated: break
    }
  }

  /// An entry that never entered has no ticket.
  private mutating func leave(_ entry: Entry) {
    if entry.ticket == 0 { return }
    counts[entry.place, default: 0] -= 1
    switch entry.place {
    case .ready: readyCount -= 1
    case .parked: parked.remove(entry.pod.uid)
    case .taken: taken.remove(entry.pod.uid)
    case .backingOff, .gated: break
    }
  }
}
