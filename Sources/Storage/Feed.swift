import Objects
import Synchronization

/// What one transaction changed, in the order of revisions, and the state after it.
public struct Batch: Sendable {
  public let changes: [Change]
  public let snapshot: Snapshot
}

/// Carries what is committed to watchers and reconcilers.
public final class Feed: Sendable {
  struct State {
    /// What has been published.
    var snapshot: Snapshot
    var isClosed = false
    var routes: [Route: [WatchGroup]] = [:]
    var observers: [(id: UInt64, observe: @Sendable (Batch) -> Void)] = []
    var nextObserver: UInt64 = 0
  }

  let fieldValue: WatchFilter.FieldValue
  let past: Past
  let state: Mutex<State>

  init(snapshot: Snapshot, past: Past, fieldValue: @escaping WatchFilter.FieldValue) {
    self.past = past
    self.fieldValue = fieldValue
    state = Mutex(State(snapshot: snapshot))
  }

  /// All events up to here are with their watches.
  var publishedRevision: Int64 { state.withLock { $0.snapshot.revision } }

  /// Calls back after each transaction, on the store's loop, in order, with all that has changed. It must be short:
  /// note which keys are due, and work elsewhere.
  public func observe(_ observer: @escaping @Sendable (Batch) -> Void) -> Observation {
    let id = state.withLock { state in
      state.nextObserver += 1
      state.observers.append((state.nextObserver, observer))
      return state.nextObserver
    }
    return Observation(feed: self, id: id)
  }

  fileprivate func removeObserver(_ id: UInt64) {
    state.withLock { state in state.observers.removeAll { $0.id == id } }
  }

  func publish(_ batch: Batch) {
    var wakes: [@Sendable () -> Void] = []
    let observers = state.withLock { state in
      for change in batch.changes { state.route(change, fieldValue, &wakes) }
      state.snapshot = batch.snapshot
      return state.observers
    }
    for wake in wakes { wake() }
    for observer in observers { observer.observe(batch) }
  }

  func close() {
    let groups = state.withLock { state in
      defer { state.routes = [:] }
      state.isClosed = true
      state.observers = []
      return state.routes.values.flatMap(\.self)
    }
    for group in groups { for subscription in group.members { subscription.end(.closed, wakes: true) } }
  }
}

/// The registration of an observer.
public struct Observation: Sendable {
  fileprivate let feed: Feed
  fileprivate let id: UInt64

  /// No batch after the present one is observed.
  public func cancel() { feed.removeObserver(id) }
}

/// Where a filter listens: a change is looked up in the few places that it belongs to, so that ten thousand watches of
/// one object each cost nothing when another object changes.
struct Route: Hashable {
  var resource: GroupResource
  var namespace: String?
  var name: String?
}

extension Route {
  init(_ filter: WatchFilter) {
    self.init(resource: filter.resource, namespace: filter.namespace, name: filter.name)
  }
}

/// The watches of one filter.
struct WatchGroup {
  let filter: WatchFilter
  var members: [Subscription] = []
}

extension Feed.State {
  fileprivate mutating func route(
    _ change: Change, _ fieldValue: @escaping WatchFilter.FieldValue, _ wakes: inout [@Sendable () -> Void]
  ) {
    if routes.isEmpty { return }
    var watched = WatchedChange(change, fieldValue: fieldValue)
    let key = change.key
    for namespace in [nil, key.namespace] {
      for name in [nil, key.name] {
        guard let groups = routes[Route(resource: key.resource, namespace: namespace, name: name)] else { continue }
        for group in groups { send(&watched, to: group, &wakes) }
      }
    }
  }

  private mutating func send(
    _ watched: inout WatchedChange, to group: WatchGroup, _ wakes: inout [@Sendable () -> Void]
  ) {
    guard let event = watched.event(for: group.filter) else { return }
    for subscription in group.members {
      let (wake, overflowed) = subscription.push(event)
      if let wake { wakes.append(wake) }
      if overflowed { remove(subscription) }
    }
  }

  /// Joins the watches of the same filter.
  mutating func add(_ subscription: Subscription) {
    let filter = subscription.filter
    let route = Route(filter)
    var groups = routes.removeValue(forKey: route) ?? []
    if let index = groups.firstIndex(where: { $0.filter == filter }) {
      groups[index].members.append(subscription)
    } else {
      groups.append(WatchGroup(filter: filter, members: [subscription]))
    }
    routes[route] = groups
  }

  mutating func remove(_ subscription: Subscription) {
    let route = Route(subscription.filter)
    guard var groups = routes.removeValue(forKey: route) else { return }
    if let index = groups.firstIndex(where: { $0.filter == subscription.filter }),
      let place = groups[index].members.lastIndex(where: { $0 === subscription })
    {
      groups[index].members.swapAt(place, groups[index].members.count - 1)
      groups[index].members.removeLast()
      if groups[index].members.isEmpty { groups.remove(at: index) }
    }
    if !groups.isEmpty { routes[route] = groups }
  }
}
