import EventLoops
import Objects
import Synchronization
import Values

/// The one place that makes the next state of the cluster.
///
/// Writers queue; the store's loop takes all that wait into one transaction: check, assign revisions, commit durably,
/// publish the snapshot, publish to the feed, resume the writers. That order is an invariant: whoever learns of a
/// revision, by an answer or by an event, finds it in the snapshot and on the disk.
public final class Store: Sendable {
  /// What happens, for watchers and reconcilers.
  public let feed: Feed

  let loop: Loop
  let journal: any Journal
  let clock: any Clock
  let queue = Mutex(WriteQueue())
  let past: Past
  let waiters = Mutex(Waiters())
  private let current: Mutex<Snapshot>
  private let commits = Atomic(0)

  /// Loads the journal; 100,000 objects take about a second.
  /// - Parameters:
  ///   - clock: by which the history ages and waiting ends. Those who resume and wait live in real time.
  ///   - pool: where the store works; that of the clock unless the cluster has another.
  ///   - fieldValue: the value of a field that selectors may name (`spec.nodeName`) in an object.
  public init(
    journal: any Journal, clock: any Clock, pool: WorkPool? = nil, limits: HistoryLimits = HistoryLimits(),
    fieldValue: @escaping WatchFilter.FieldValue = WatchFilter.metadataField
  ) throws(StoreError) {
    let loading: Loading
    do throws(JournalError) {
      loading = try Loading.load(journal, now: clock.now)
    } catch {
      throw .failed(error.message)
    }
    self.journal = journal
    self.clock = clock
    loop = (pool ?? clock.pool).loop("swiftlet.store")
    let snapshot = loading.snapshot
    current = Mutex(snapshot)
    past = Past(journal: journal, history: loading.history(limits: limits))
    feed = Feed(snapshot: snapshot, past: past, fieldValue: fieldValue)
    loop.run { [self] in scheduleHousekeeping() }
  }

  /// The newest state. Any thread may ask; it never waits for a write.
  public var snapshot: Snapshot { current.withLock { $0 } }

  /// Transactions since the start.
  public var commitCount: Int { commits.load(ordering: .relaxed) }

  func publish(_ snapshot: Snapshot) {
    current.withLock { $0 = snapshot }
    commits.add(1, ordering: .relaxed)
  }

  /// Refuses new writes, waits for those that queue, and closes the journal.
  public func close() async {
    queue.withLock { $0.isClosed = true }
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      loop.run { [self] in
        drainAll()
        for waiter in waiters.withLock({ $0.take { _ in true } }) { waiter.resume(false) }
        feed.close()
        journal.close()
        continuation.resume()
      }
    }
  }
}

/// Who waits for a revision.
struct Waiter: Sendable {
  let id: UInt64
  let revision: Int64
  let resume: @Sendable (Bool) -> Void
}

/// All who wait. Numbers are never given out twice: the timer of one who is gone must not meet another.
struct Waiters: Sendable {
  private var waiting: [Waiter] = []
  private var lastID: UInt64 = 0

  mutating func add(_ revision: Int64, _ resume: @escaping @Sendable (Bool) -> Void) -> UInt64 {
    lastID += 1
    waiting.append(Waiter(id: lastID, revision: revision, resume: resume))
    return lastID
  }

  /// Removes those that fit and hands them over.
  mutating func take(_ fits: (Waiter) -> Bool) -> [Waiter] {
    if waiting.isEmpty { return [] }
    defer { waiting.removeAll(where: fits) }
    return waiting.filter(fits)
  }
}

extension Store {
  /// Waits until the cluster has come to a revision.
  /// - Returns: false when the time is over first.
  public func waitFor(revision: Int64, timeout: Duration) async -> Bool {
    if snapshot.revision >= revision { return true }
    return await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
      loop.run { [self] in
        if snapshot.revision >= revision { return continuation.resume(returning: true) }
        let id = waiters.withLock { $0.add(revision) { continuation.resume(returning: $0) } }
        clock.schedule(after: timeout, on: loop) { [weak self] in self?.giveUp(id) }
      }
    }
  }

  private func giveUp(_ id: UInt64) {
    for waiter in waiters.withLock({ $0.take { $0.id == id } }) { waiter.resume(false) }
  }

  func resumeWaiters(_ revision: Int64) {
    for waiter in waiters.withLock({ $0.take { $0.revision <= revision } }) { waiter.resume(true) }
  }
}
