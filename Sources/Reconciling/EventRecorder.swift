import EventLoops
import JSONCore
import Objects
import Synchronization
import Values

/// Writes events beside everything else: counted instead of repeated, limited for each object, dropped when they pile up.
public final class EventRecorder: Sendable {
  /// The most events that wait to be written.
  private static let queueLimit = 4096
  /// How many are written at a time.
  private static let inFlightLimit = 16

  private struct State {
    var series: EventSeries
    var waiting = RingBuffer<EventSeries.Write>(limit: queueLimit)
    var inFlight = 0
    var number: UInt64 = 0
    var isClosed = false
  }

  private let peer: any Peer
  private let clock: any Clock
  private let state = Mutex(State(series: EventSeries()))
  /// For what no event can be written about, or no event is enough for.
  public let failures: FailureLog

  public init(peer: any Peer, clock: any Clock, failures: FailureLog = FailureLog()) {
    self.peer = peer
    self.clock = clock
    self.failures = failures
  }

  /// - Parameter component: who reports it: `deployment-controller`, `kubelet`.
  /// - Parameter host: the node it happened on, for agents.
  public func record(_ note: EventNote, from component: String, on host: String = "") {
    let now = clock.now
    let starts = state.withLock { state in
      guard !state.isClosed, let write = state.series.add(note, from: component, on: host, at: now) else {
        return false
      }
      _ = state.waiting.append(write)
      if state.inFlight >= Self.inFlightLimit { return false }
      state.inFlight += 1
      return true
    }
    if starts { clock.pool.spawn { await self.drain() } }
  }

  public func close() { state.withLock { $0.isClosed = true } }

  private func drain() async {
    while let write = state.withLock({ state -> EventSeries.Write? in
      if let next = state.waiting.popFirst() { return next }
      state.inFlight -= 1
      return nil
    }) {
      // An event that cannot be written (its namespace is going away, say) is lost, as everywhere.
      switch write {
      case .create(let event): _ = try? await peer.perform(.create(.events, event), as: "event-recorder")
      case .repeated(let key, let patch, let event):
        do {
          _ = try await peer.perform(.patch(key, subresource: "", patch), as: "event-recorder")
        } catch  where error.code == 404 {
          _ = try? await peer.perform(.create(.events, event), as: "event-recorder")
        } catch {}
      }
    }
  }
}

/// Turns notes into events: equal ones raise a count, too many similar ones are combined, floods are cut.
/// The numbers are those of client-go's recorder.
struct EventSeries {
  enum Write: Sendable {
    case create(JSON)
    case repeated(Key, patch: JSON, event: JSON)
  }

  private struct Seen {
    var key: Key
    var event: JSON
    var count: Int
    var last: Instant
  }

  private struct Similar {
    var messages: Set<String>
    var last: Instant
  }

  private struct Bucket {
    var tokens: Double
    var last: Instant
  }

  /// The most series remembered.
  private static let memory = 4096
  /// Different messages of one kind about one object before they are combined into one event.
  private static let similarLimit = 9
  private static let similarWindow = Duration.seconds(600)
  /// Events of one source about one object at once, and how long another one takes.
  private static let burst = 25.0
  private static let refillSeconds = 300.0

  private var seen: [String: Seen] = [:]
  private var similar: [String: Similar] = [:]
  private var buckets: [String: Bucket] = [:]
  private var number: UInt64 = 0

  mutating func add(_ note: EventNote, from component: String, on host: String, at now: Instant) -> Write? {
    let about = note.regarding
    let subject = "\(component)|\(host)|\(about.text("uid"))|\(about.text("namespace"))/\(about.text("name"))"
    let isSeries = note.action.isEmpty
    let kind = "\(subject)|\(note.reason)|\(note.severity.rawValue)"
    let isCombined = isSeries && isOneTooMany(note.message, of: kind, at: now)
    let message = isCombined ? "(combined from similar events): \(note.message)" : note.message
    let identity = isCombined ? kind : "\(subject)|\(note.reason)|\(message)|\(about.text("fieldPath"))"
    guard admits(subject, at: now) else { return nil }
    if var old = seen[identity], now - old.last < Self.similarWindow {
      old.count += 1
      old.last = now
      old.event["count"] = JSON(old.count)
      old.event["lastTimestamp"] = .string(now.rfc3339)
      old.event["message"] = .string(String(message.prefix(1024)))
      seen[identity] = old
      var patch: JSON =
        isSeries
        ? ["count": JSON(old.count), "lastTimestamp": .string(now.rfc3339)]
        : ["series": ["count": JSON(old.count), "lastObservedTime": .string(now.rfc3339Micro)]]
      if isCombined { patch["message"] = old.event["message"] }
      return .repeated(old.key, patch: patch, event: old.event)
    }
    let event = Self.event(note, message, component, host, now, number)
    number += 1
    if seen.count >= Self.memory { forget() }
    let name = event["metadata"]?.text("name") ?? ""
    let namespace = event["metadata"]?.text("namespace") ?? ""
    seen[identity] = Seen(key: Key(.events, namespace: namespace, name: name), event: event, count: 1, last: now)
    return .create(event)
  }

  /// Whether there were so many different messages already that this one only replaces the last of those beyond them.
  private mutating func isOneTooMany(_ message: String, of kind: String, at now: Instant) -> Bool {
    var entry = similar[kind] ?? Similar(messages: [], last: now)
    if now - entry.last > Self.similarWindow { entry.messages = [] }
    entry.last = now
    if entry.messages.count < Self.similarLimit { entry.messages.insert(message) }
    similar[kind] = entry
    return !entry.messages.contains(message)
  }

  private mutating func admits(_ subject: String, at now: Instant) -> Bool {
    var bucket = buckets[subject] ?? Bucket(tokens: Self.burst, last: now)
    bucket.tokens = min(Self.burst, bucket.tokens + (now - bucket.last).inSeconds / Self.refillSeconds)
    bucket.last = now
    let isOpen = bucket.tokens >= 1
    if isOpen { bucket.tokens -= 1 }
    buckets[subject] = bucket
    return isOpen
  }

  /// Drops the older half of everything.
  private mutating func forget() {
    let times = seen.values.map(\.last).sorted()
    let limit = times[times.count / 2]
    seen = seen.filter { $0.value.last > limit }
    similar = similar.filter { $0.value.last > limit }
    buckets = buckets.filter { $0.value.last > limit }
  }

  private static func event(
    _ note: EventNote, _ message: String, _ component: String, _ host: String, _ now: Instant, _ number: UInt64
  ) -> JSON {
    let about = note.regarding
    let suffix = String(UInt64(bitPattern: now.nanoseconds) &+ number, radix: 16)
    let namespace = about.text("namespace")
    var event: JSON = [
      "apiVersion": "v1", "kind": "Event",
      "metadata": [
        "name": .string("\(about.text("name")).\(suffix)"),
        "namespace": .string(namespace.isEmpty ? "default" : namespace),
      ],
      "involvedObject": about, "reason": .string(note.reason), "message": .string(String(message.prefix(1024))),
      "type": .string(note.severity.rawValue), "reportingComponent": .string(component),
    ]
    event["related"] = note.related
    if note.action.isEmpty {
      event["source"] =
        host.isEmpty
        ? ["component": .string(component)] : ["component": .string(component), "host": .string(host)]
      event["reportingInstance"] = .string(host)
      event["firstTimestamp"] = .string(now.rfc3339)
      event["lastTimestamp"] = .string(now.rfc3339)
      event["count"] = 1
    } else {
      event["action"] = .string(note.action)
      event["eventTime"] = .string(now.rfc3339Micro)
      event["reportingInstance"] = .string("\(component)-swiftlet")
    }
    return event
  }
}
