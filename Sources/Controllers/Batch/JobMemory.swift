import Objects
import Synchronization
import Values

/// When a pod of a Job ended, and how.
struct JobPodEnd: Sendable, Equatable {
  var uid: String
  var time: Instant
  var hasSucceeded: Bool
}

/// The latest ends of the pods of each Job: the delay before the next try is measured by them, though the pods may be gone
/// by then. As in every Kubernetes it is lost when the process ends; the pods that are still there then tell.
final class JobMemory: Sendable {
  /// Failures in a row after which the delay grows no more.
  private static let depth = 8
  /// The most Jobs remembered.
  private static let limit = 50_000

  private struct Entry {
    var uid: String
    var ends: [JobPodEnd]
  }

  private let entries = Mutex<[Key: Entry]>([:])

  /// The ends of the pods that are there and of those that were, the latest first, back to the last success.
  func ends(of job: Object, adding present: [JobPodEnd]) -> [JobPodEnd] {
    entries.withLock { entries in
      var known = entries[job.key].flatMap { $0.uid == job.uid ? $0.ends : nil } ?? []
      let listed = Set(known.map(\.uid))
      known += present.filter { !listed.contains($0.uid) }
      known.sort { $0.time == $1.time ? $0.uid < $1.uid : $0.time > $1.time }
      let failures = known.prefix { !$0.hasSucceeded }
      known = Array(failures.prefix(Self.depth)) + known.dropFirst(failures.count).prefix(1)
      if known.isEmpty { return [] }
      if entries.count >= Self.limit { entries.removeAll() }
      entries[job.key] = Entry(uid: job.uid, ends: known)
      return known
    }
  }

  func forget(_ key: Key) { entries.withLock { $0[key] = nil } }
}
