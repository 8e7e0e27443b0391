import JSONCore
import Objects
import Synchronization
import Values

/// Something worth telling about an object.
public struct EventNote: Sendable, Hashable {
  /// `v1` and so on, of the object that the event is about.
  public var apiVersion: String
  public var kind: String
  /// "" for objects of the cluster; their events are kept in `default`.
  public var namespace: String
  public var name: String
  public var uid: String
  /// A part of the object: `spec.containers{web}`.
  public var fieldPath: String
  /// False for warnings.
  public var isNormal: Bool
  /// One word: `Scheduled`
  public var reason: String
  public var message: String
  /// Who tells: `default-scheduler`
  public var component: String
  /// The node that it comes from, if any.
  public var host: String

  public init(
    about object: JSON, fieldPath: String = "", isNormal: Bool = true, reason: String, message: String,
    component: String, host: String = ""
  ) {
    self.apiVersion = object.text("apiVersion")
    self.kind = object.text("kind")
    self.namespace = object["metadata"]?.text("namespace") ?? ""
    self.name = object.name
    self.uid = object.uid
    self.fieldPath = fieldPath
    self.isNormal = isNormal
    self.reason = reason
    self.message = message
    self.component = component
    self.host = host
  }
}

/// Writes events, and counts those that repeat rather than write them again.
///
/// As the recorder of client-go: equal notes share one Event; an object whose events come too fast is silenced for a while.
public final class EventRecorder: Sendable {
  /// How many notes are remembered.
  static let memory = 4096
  /// How many events an object may have at once, and how long it takes to earn another one.
  static let burst = 25.0
  static let secondsPerEvent = 300.0

  private struct Budget {
    var left = EventRecorder.burst
    var since: Instant
  }

  private struct State {
    var names: [EventNote: String] = [:]
    var order: [EventNote] = []
    var budgets: [String: Budget] = [:]
  }

  private let cluster: Cluster
  private let state = Mutex(State())

  public init(cluster: Cluster) { self.cluster = cluster }

  /// Records the note: a new Event, or one more in the count of the one that says the same.
  /// - Throws: what the write of the Event throws; a missing or terminating namespace is no fault, its events are dropped.
  public func record(_ note: EventNote) async throws(Status) {
    guard spend(note) else { return }
    do {
      if let name = state.withLock({ $0.names[note] }), try await repeated(note, name) { return }
      try await begin(note)
    } catch  where error.code == 404 || error.reason == "Forbidden" {
      return
    }
  }

  private func spend(_ note: EventNote) -> Bool {
    let now = cluster.now
    return state.withLock { state in
      if state.budgets.count > Self.memory { state.budgets.removeAll() }
      let source = "\(note.component) \(note.host) \(note.kind) \(note.namespace)/\(note.name) \(note.uid)"
      var budget = state.budgets[source] ?? Budget(since: now)
      budget.left = min(Self.burst, budget.left + (now - budget.since).inSeconds / Self.secondsPerEvent)
      budget.since = now
      let mayPass = budget.left >= 1
      if mayPass { budget.left -= 1 }
      state.budgets[source] = budget
      return mayPass
    }
  }

  private var options: WriteOptions { WriteOptions(caller: .system("events"), fieldManager: "swiftlet") }

  private func namespace(_ note: EventNote) -> String { note.namespace.isEmpty ? "default" : note.namespace }

  /// - Returns: false when the Event is no longer there.
  private func repeated(_ note: EventNote, _ name: String) async throws(Status) -> Bool {
    let time = JSON.string(cluster.now.rfc3339)
    do {
      _ = try await cluster.change(
        cluster.storedKind(.events), namespace(note), name, nil, options, [], .own
      ) { (old: JSON, _: inout [String]) throws(Status) -> JSON in
        var event = old.withoutRevision
        event["count"] = JSON((old["count"]?.int ?? 1) + 1)
        event["lastTimestamp"] = time
        return event
      }
      return true
    } catch  where error.code == 404 {
      return false
    }
  }

  private func begin(_ note: EventNote) async throws(Status) {
    let now = cluster.now
    let name = "\(note.name).\(String(now.nanoseconds, radix: 16))"
    let time = JSON.string(now.rfc3339)
    var subject: JSON = ["kind": .string(note.kind), "name": .string(note.name), "uid": .string(note.uid)]
    if !note.apiVersion.isEmpty { subject["apiVersion"] = .string(note.apiVersion) }
    if !note.namespace.isEmpty { subject["namespace"] = .string(note.namespace) }
    if !note.fieldPath.isEmpty { subject["fieldPath"] = .string(note.fieldPath) }
    var source: JSON = ["component": .string(note.component)]
    if !note.host.isEmpty { source["host"] = .string(note.host) }
    let event: JSON = [
      "apiVersion": "v1", "kind": "Event", "metadata": ["name": .string(name)], "involvedObject": subject,
      "reason": .string(note.reason), "message": .string(note.message), "source": source, "firstTimestamp": time,
      "lastTimestamp": time, "count": 1, "type": note.isNormal ? "Normal" : "Warning",
      "reportingComponent": .string(note.component), "reportingInstance": .string(note.host),
    ]
    do {
      _ = try await cluster.create(cluster.storedKind(.events), namespace: namespace(note), event, options)
    } catch  where error.reason == "AlreadyExists" {
      // Two notes about one object at the very same time: the name of the first is taken, the second gets another.
      var other = event
      other["metadata"]?["name"] = .string("\(name)\(cluster.names.suffix(2))")
      _ = try await cluster.create(cluster.storedKind(.events), namespace: namespace(note), other, options)
    }
    remember(note, name)
  }

  private func remember(_ note: EventNote, _ name: String) {
    state.withLock { state in
      if state.names.updateValue(name, forKey: note) == nil { state.order.append(note) }
      if state.order.count > Self.memory { state.names[state.order.removeFirst()] = nil }
    }
  }
}
