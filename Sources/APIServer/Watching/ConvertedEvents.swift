import EventLoops
import Objects
import Registry
import Schemas
import Synchronization

/// The events of a watch whose objects a webhook has to convert: they wait, in their order, until it has answered.
final class ConvertedEvents: Sendable {
  private struct State {
    var ready: ArraySlice<WatchEvent> = []
    var isAsking = false
    var failure: Status?
  }

  private let subscription: Subscription
  private let cluster: Cluster
  private let kind: Kind
  private let state = Mutex(State())

  /// How many events are converted by one call.
  private static let batch = 200

  init(_ subscription: Subscription, _ cluster: Cluster, _ kind: Kind) {
    self.subscription = subscription
    self.cluster = cluster
    self.kind = kind
  }

  /// Whether events are on their way to the webhook or back: what the subscription has given is more than the client has got.
  var isBusy: Bool { state.withLock { $0.isAsking || !$0.ready.isEmpty } }

  /// Why there will be no more events.
  var failure: Status? { state.withLock { $0.failure } }

  /// The next event; nil when there is none yet.
  /// - Parameter wake: called when it is worth asking again.
  func next(_ wake: (@Sendable () -> Void)?) -> WatchEvent? {
    let (event, unread) = state.withLock { state -> (WatchEvent?, [WatchEvent]) in
      if let event = state.ready.popFirst() { return (event, []) }
      if state.isAsking || state.failure != nil { return (nil, []) }
      var unread: [WatchEvent] = []
      while unread.count < Self.batch, let event = subscription.next() { unread.append(event) }
      state.isAsking = !unread.isEmpty
      return (nil, unread)
    }
    if !unread.isEmpty {
      cluster.clock.pool.spawn { [self] in
        await convert(unread)
        wake?()
      }
    }
    return event
  }

  private func convert(_ events: [WatchEvent]) async {
    do throws(Status) {
      var objects = try await cluster.shown(events.compactMap(\.object), as: kind)[...]
      let converted = events.map { event in
        guard event.object != nil, let object = objects.popFirst() else { return event }
        return WatchEvent(event.kind, object)
      }
      state.withLock { state in
        state.ready = converted[...]
        state.isAsking = false
      }
    } catch {
      state.withLock { state in
        state.failure = error
        state.isAsking = false
      }
    }
  }
}
