import Synchronization

/// Counts what has been set off and has not come to its end, and tells when that is nothing.
final class Tally: Sendable {
  /// The one that this is a part of: what counts here counts there.
  private let whole: Tally?
  private let count = Atomic(0)
  private let waiters = Mutex<[@Sendable () -> Void]>([])

  init(partOf whole: Tally? = nil) { self.whole = whole }

  /// What is under way now.
  var underWay: Int { count.load(ordering: .relaxed) }

  var isQuiet: Bool { count.load(ordering: .acquiring) == 0 }

  func begin() {
    whole?.begin()
    count.add(1, ordering: .acquiringAndReleasing)
  }

  /// To be called when all that the work set off has itself begun: the count must not touch zero in between.
  func end() {
    if count.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 { tell() }
    whole?.end()
  }

  /// Runs `work` as soon as the count is zero, on whatever thread that happens; it must be short.
  func whenQuiet(_ work: @escaping @Sendable () -> Void) {
    waiters.withLock { $0.append(work) }
    if isQuiet { tell() }
  }

  private func tell() {
    // Only the whole is waited for.
    if whole != nil { return }
    let due = waiters.withLock { waiters -> [@Sendable () -> Void] in
      guard isQuiet else { return [] }
      defer { waiters = [] }
      return waiters
    }
    for work in due { work() }
  }
}
