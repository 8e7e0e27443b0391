import JSONCore
import Objects
import Reconciling
import Values

/// Removes events that are over: an hour after they were last seen, as the stock server does, and earlier where there are
/// too many of them, the oldest first. It sweeps; a timer for each of thousands would cost more than they are worth.
public struct EventCollector: Controller {
  public let name = "event-collector"

  static let lifetime = Duration.seconds(3600)
  /// The most events that are kept; some 50 MB.
  static let limit = 30_000
  /// The longest time between two sweeps, and that of a cluster with many events.
  private static let interval = Duration.seconds(300)
  private static let busyInterval = Duration.seconds(30)
  /// How many are removed before the next look.
  private static let batch = 2000
  private static let all = Key(.events, name: "")

  public init() {}

  /// Nothing in particular wakes it: there are namespaces in every cluster, and from then on it calls itself.
  public var watches: [Watch] { [Watch(.namespaces) { _, _ in [Self.all] }] }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    let events = snapshot.objects(.events).map { (object: $0, seen: Self.lastSeen($0)) }
    var over = events.filter { $0.seen + Self.lifetime <= now }
    let surplus = events.count - over.count - Self.limit
    if surplus > 0 {
      let rest = events.filter { $0.seen + Self.lifetime > now }
      over += rest.sorted { ($0.seen, $0.object.revision) < ($1.seen, $1.object.revision) }.prefix(surplus)
    }
    let isMore = over.count > Self.batch
    var plan = Plan(over.prefix(Self.batch).map { .delete($0.object.key, Deletion(uid: $0.object.uid)) })
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
