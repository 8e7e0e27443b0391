import Objects
import Synchronization
import Values

/// What earlier looks at an autoscaler recommended and did. As in every Kubernetes it is lost when the process ends: the
/// first look then starts from the present size.
struct ScalingHistory: Sendable, Equatable {
  struct Recommendation: Sendable, Equatable {
    var replicas: Int
    var time: Instant
  }

  /// The change of one rescaling; positive in either direction.
  struct Event: Sendable, Equatable {
    var change: Int
    var time: Instant
  }

  /// No window and no period is longer.
  static let memory = Duration.seconds(3600)

  var recommendations: [Recommendation] = []
  var additions: [Event] = []
  var removals: [Event] = []

  mutating func forget(before limit: Instant) {
    recommendations.removeAll { $0.time < limit }
    additions.removeAll { $0.time < limit }
    removals.removeAll { $0.time < limit }
  }

  mutating func note(from old: Int, to new: Int, at now: Instant) {
    if new > old { additions.append(Event(change: new - old, time: now)) }
    if new < old { removals.append(Event(change: old - new, time: now)) }
  }
}

/// The histories of all autoscalers. A look happens every fifteen seconds, so each stays short.
final class ScalingMemory: Sendable {
  private struct Entry {
    var uid: String
    var history: ScalingHistory
  }

  private let entries = Mutex<[Key: Entry]>([:])

  func update<Result: Sendable>(_ object: Object, _ body: (inout ScalingHistory) -> Result) -> Result {
    var history = entries.withLock { entries in
      entries[object.key].flatMap { $0.uid == object.uid ? $0.history : nil } ?? ScalingHistory()
    }
    let result = body(&history)
    entries.withLock { [history] in $0[object.key] = Entry(uid: object.uid, history: history) }
    return result
  }

  func forget(_ key: Key) { entries.withLock { $0[key] = nil } }
}
