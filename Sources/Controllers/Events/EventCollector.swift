import JSONCore
import Objects
import Reconciling
import Values

/// Removes events that are over: an hour after they were last seen, as the stock server does, and earlier where there are
/// too many of them, those that changed longest ago first. It sweeps; a timer for each of thousands would cost more than
/// they are worth.
public struct EventCollector: Controller {
  public let name = "event-collector"

  static let lifetime = Duration.seconds(3600)
  /// The most events that are kept, some 90 MB, and how many are left when there were more.
  static let limit = 50_000
  static let rest = 45_000
  /// The longest time between two sweeps, and that of a cluster with many events.
  private static let interval = Duration.seconds(300)
  private static let busyInterval = Duration.seconds(30)
  /// How many are removed before the next look.
  private static let batch = 5000
  private static let all = Key(.events, name: "")

  public init() {}

  public var watches: [Watch] {
    [
      // There are namespaces in every cluster, and from then on it calls itself.
      Watch(.namespaces) { _, _ in [Self.all] },
      Watch(.events) { change, snapshot in
        change.kind == .added && snapshot.count(.events) > Self.limit ? [Self.all] : []
      },
    ]
  }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    let events = snapshot.objects(.events)
    let over =
      events.count > Self.limit
      ? events.sorted { $0.revision < $1.revision }.dropLast(Self.rest)[...]
      : events.filter { Self.lastSeen($0) + Self.lifetime <= now }[...]
    let isMore = over.count > Self.batch
    var plan = Plan(over.prefix(Self.batch).map { .delete($0.key, Deletion(uid: $0.uid)) })
    let usual = events.count > Self.limit / 2 ? Self.busyInterval : Self.interval
    plan.requeue(after: isMore ? .milliseconds(100) : usual)
    return plan
  }

  static func lastSeen(_ event: Object) -> Instant {
    let raw = RawJSON(event.blob.bytes)
    let texts = [
      raw.member("series")?.member("lastObservedTime"), raw.member("lastTimestamp"), raw.member("eventTime"),
      raw.member("metadata")?.member("creationTimestamp"),
    ]
    return texts.compactMap { $0.flatMap { Instant(rfc3339: $0.string) } }.max() ?? .epoch
  }
}
