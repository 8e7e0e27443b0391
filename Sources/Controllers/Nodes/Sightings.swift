import Synchronization
import Values

/// When something was first seen to be so: for what a snapshot does not say, such as since when a node is gone. Forgotten
/// when the process ends, as by every controller.
final class Sightings: Sendable {
  /// Far more than a cluster has nodes.
  private static let limit = 100_000

  private let times = Mutex<[String: Instant]>([:])

  /// The time of the first sighting; `now` when this is it.
  func first(_ name: String, at now: Instant) -> Instant {
    times.withLock { times in
      if let time = times[name] { return time }
      if times.count >= Self.limit { times.removeAll() }
      times[name] = now
      return now
    }
  }

  /// - Returns: whether this is the first sighting.
  func note(_ name: String, at now: Instant) -> Bool {
    times.withLock { times in
      if times[name] != nil { return false }
      if times.count >= Self.limit { times.removeAll() }
      times[name] = now
      return true
    }
  }

  /// - Returns: whether it had been seen.
  @discardableResult
  func forget(_ name: String) -> Bool { times.withLock { $0.removeValue(forKey: name) != nil } }
}
