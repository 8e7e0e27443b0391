import EventLoops
import Objects
import Synchronization
import Values

extension Store {
  /// How long the store is idle before it cleans up, and between two steps of that.
  private static let idleDelay: Duration = .seconds(1)
  /// Dead entries removed in one step: a few milliseconds.
  private static let trimmedPerStep = 256

  /// Called on the loop when the queue is empty: arms the timer, unless it is armed.
  func scheduleHousekeeping() {
    let mayArm = queue.withLock { queue in
      defer { queue.isHousekeepingDue = true }
      return !queue.isHousekeepingDue && !queue.isClosed
    }
    if mayArm { arm(after: Self.idleDelay) }
  }

  private func arm(after delay: Duration) {
    clock.schedule(after: delay, on: loop) { [weak self] in self?.keepHouse() }
  }

  /// Forgets what is too old, a few entries at a time, and lets the journal tidy up.
  private func keepHouse() {
    let (isBusy, isClosed) = queue.withLock { ($0.isScheduled, $0.isClosed) }
    if isClosed { return }
    if isBusy { return arm(after: Self.idleDelay) }
    let now = clock.now
    let dead = past.history.withLock { history in
      history.expire(now: now)
      return history.takeDead(Self.trimmedPerStep)
    }
    past.forgetSnapshots()
    do throws(JournalError) {
      if !dead.isEmpty { try journal.append([], removing: dead) }
      try journal.tidy()
    } catch {
      // A full disk may have room again later; reads and memory are not affected.
      past.history.withLock { $0.returnDead(dead) }
    }
    rearm(now)
  }

  private func rearm(_ now: Instant) {
    let (hasDead, expiry) = past.history.withLock { ($0.hasDead, $0.nextExpiry) }
    if hasDead { return arm(after: Self.idleDelay) }
    if let expiry { return arm(after: max(Self.idleDelay, expiry - now)) }
    // The next commit arms it again.
    queue.withLock { $0.isHousekeepingDue = false }
  }
}
