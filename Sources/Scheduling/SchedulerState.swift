import EventLoops
import Objects
import Reconciling
import Values

/// What the scheduler knows between two moments; touched on its loop alone.
struct SchedulerState {
  /// A pod that waits for a node.
  struct Pending {
    var pod: PodNeeds
    var attempts = 0
    /// When it may be tried again.
    var notBefore = Instant.epoch
    /// It fits nowhere until something changes.
    var isParked = false
  }

  private(set) var view = ClusterView()
  private var pending: [String: Pending] = [:]
  /// Pods to be tried, best first when taken.
  private var ready: Set<String> = []
  private var startRevision: Int64 = 0
  /// Something changed that may let parked pods in.
  private var mayFit = false
  private var lastFlush = Instant.epoch

  var bindingsUnderWay = 0
  var nextStart = 0
  var isAwake = false
  var isStopped = false
  var timer: (any ScheduledTimer)?
  var timerDeadline = Instant.distantFuture

  private static let backoff = Backoff(first: .seconds(1), limit: .seconds(10))
  /// Parked pods are tried again after this long, whatever happens.
  private static let flushInterval = Duration.seconds(300)

  init() {}

  mutating func begin(_ snapshot: Snapshot, at now: Instant) {
    view = ClusterView(snapshot)
    startRevision = snapshot.revision
    lastFlush = now
    for object in snapshot.objects(.pods) { consider(object, PodFacts(object)) }
  }

  mutating func apply(_ change: Change, at now: Instant) {
    if change.revision <= startRevision { return }
    switch change.key.resource {
    case .nodes: if view.applyNode(change) { mayFit = true }
    case .pods: applyPod(change)
    default: mayFit = true
    }
  }

  private mutating func applyPod(_ change: Change) {
    let facts = PodFacts(change.object)
    if change.kind == .deleted || !facts.nodeName.isEmpty || facts.isTerminal {
      pending[facts.uid] = nil
      ready.remove(facts.uid)
      if view.applyPod(change, facts) { mayFit = true }
      return
    }
    consider(change.object, facts)
  }

  /// Takes a pod up for scheduling, or anew when what it asks for has changed.
  private mutating func consider(_ object: Object, _ facts: PodFacts) {
    if !facts.nodeName.isEmpty || facts.isTerminal || facts.isBeingDeleted {
      pending[facts.uid] = nil
      ready.remove(facts.uid)
      return
    }
    // Already assumed on a node, the binding is under way.
    if view.places[facts.uid] != nil { return }
    guard Scheduler.isResponsible(for: object) else {
      pending[facts.uid] = nil
      ready.remove(facts.uid)
      return
    }
    let pod = PodNeeds(object)
    if pod.schedulerName != Scheduler.name || !pod.gates.isEmpty {
      pending[pod.uid] = nil
      ready.remove(pod.uid)
      return
    }
    if let old = pending[pod.uid] {
      if old.pod.isSameRequest(as: pod) { return }
      pending[pod.uid] = Pending(pod: pod, attempts: old.attempts, notBefore: old.notBefore)
    } else {
      pending[pod.uid] = Pending(pod: pod)
    }
    ready.insert(pod.uid)
  }

  var hasReady: Bool { !ready.isEmpty }

  /// When the next pod's delay ends, or when all are looked at again.
  var nextRetry: Instant? {
    if pending.isEmpty { return nil }
    let flush = lastFlush + Self.flushInterval
    return mayFit ? pending.values.map(\.notBefore).min().map { min($0, flush) } : flush
  }

  /// The pods to decide about now: higher priority first, then the older.
  mutating func takeReady(at now: Instant, limit: Int) -> [PodNeeds] {
    if now >= lastFlush + Self.flushInterval {
      lastFlush = now
      mayFit = true
    }
    if mayFit {
      var isAnyLeft = false
      for (uid, item) in pending where item.isParked {
        if item.notBefore <= now {
          pending[uid]?.isParked = false
          ready.insert(uid)
        } else {
          isAnyLeft = true
        }
      }
      mayFit = isAnyLeft
    }
    if ready.isEmpty || limit <= 0 { return [] }
    let sorted = ready.compactMap { pending[$0]?.pod }.sorted { left, right in
      if left.priority != right.priority { return left.priority > right.priority }
      if left.createdAt != right.createdAt { return left.createdAt < right.createdAt }
      return Key.precedes(left.key, right.key)
    }
    let taken = Array(sorted.prefix(limit))
    for pod in taken { ready.remove(pod.uid) }
    return taken
  }

  mutating func assume(_ pod: PodNeeds, on node: String) {
    view.place(pod, on: node)
    pending[pod.uid] = nil
  }

  /// The binding failed: the room is free again, and the pod waits if it still does.
  mutating func retract(_ pod: PodNeeds, _ snapshot: Snapshot, at now: Instant) {
    guard let object = snapshot[pod.key], object.uid == pod.uid else {
      view.remove(pod.uid)
      return
    }
    let facts = PodFacts(object)
    if facts.nodeName.isEmpty {
      view.remove(pod.uid)
      consider(object, facts)
      park(pod, at: now)
      mayFit = true
    }
  }

  mutating func park(_ pod: PodNeeds, at now: Instant) {
    ready.remove(pod.uid)
    guard var item = pending[pod.uid] else { return }
    item.notBefore = now + Self.backoff.delay(after: item.attempts)
    item.attempts += 1
    item.isParked = true
    pending[pod.uid] = item
  }
}

extension PodNeeds {
  /// Nothing that matters for finding a node has changed.
  func isSameRequest(as other: PodNeeds) -> Bool {
    labels == other.labels && requests == other.requests && nodeSelector == other.nodeSelector
      && tolerations == other.tolerations && gates == other.gates && priority == other.priority
  }
}
