import EventLoops
import Objects
import Synchronization

/// One watch: what it still has to see. Its consumer takes events with `next` whenever `wake` says that there are some.
public final class Subscription: Sendable {
  public enum Phase: Sendable {
    case live
    /// The consumer was too slow: what had queued is gone, and the watch is over. Its client resumes from what it saw.
    case overflowed
    /// Cancelled, or the store is closed.
    case closed
  }

  /// The most events that wait for a slow consumer.
  public static let limit = 1024

  /// What comes before the live events.
  enum Start: Sendable {
    case nothing
    case events(ArraySlice<WatchEvent>)
    case objects(ObjectSlice.Iterator, end: WatchEvent?)
  }

  fileprivate struct State: Sendable {
    var phase = Phase.live
    var start = Start.nothing
    /// The oldest waiting event: most watches never have a second one.
    var first: WatchEvent?
    var others = RingBuffer<WatchEvent>(limit: Subscription.limit)
    /// Whether the consumer has seen the end of the queue and wants to be woken.
    var isDrained = false
    var wake: (@Sendable () -> Void)?
    /// Everything up to here has been taken, once the start is over.
    var taken: Int64 = 0
  }

  public let filter: WatchFilter
  private let feed: Feed
  private let state: Mutex<State>

  init(feed: Feed, filter: WatchFilter) {
    self.feed = feed
    self.filter = filter
    self.state = Mutex(State())
  }

  public var phase: Phase { state.withLock { $0.phase } }

  /// Asks to be woken, on any thread, each time that there is something to take after there was nothing; at once if
  /// there is something now.
  public func start(wake: @escaping @Sendable () -> Void) {
    let isReady = state.withLock { state in
      state.wake = wake
      state.isDrained = !state.hasEvents && state.phase == .live
      return !state.isDrained
    }
    if isReady { wake() }
  }

  /// The next event; nil when there is none yet, or no more (see `phase`).
  public func next() -> WatchEvent? {
    state.withLock { state in
      let event = state.take { filter.selects($0, fieldValue($0)) }
      // The objects of the initial state are older than the state itself.
      if let event { state.taken = max(state.taken, event.revision) }
      state.isDrained = event == nil
      return event
    }
  }

  /// Everything up to this revision that the watch is to see has been taken: what a bookmark may say. To be asked when
  /// `next` has had nothing more to give. It never goes back.
  public var revision: Int64 {
    let published = feed.publishedRevision
    return state.withLock { $0.hasEvents ? $0.taken : max(published, $0.taken) }
  }

  /// Ends the watch; nothing comes and nobody is woken after it.
  public func cancel() {
    feed.remove(self)
    end(.closed, wakes: false)
  }

  private func fieldValue(_ object: Object) -> (String) -> String? {
    let value = feed.fieldValue
    return { value(object, $0) }
  }
}

extension Subscription {
  /// - Parameter revision: what the consumer has seen before.
  func begin(with start: Start, after revision: Int64) {
    state.withLock { state in
      state.start = start
      state.taken = revision
    }
  }

  /// Puts an event at the end; called by the feed, in the order of revisions.
  /// - Returns: whom to wake, if anyone, and whether the watch has overflowed.
  func push(_ event: WatchEvent) -> (wake: (@Sendable () -> Void)?, overflowed: Bool) {
    state.withLock { state in
      if state.phase != .live { return (nil, false) }
      let overflowed = !state.append(event)
      if overflowed { state.clear(.overflowed) }
      guard state.isDrained else { return (overflowed ? state.wake : nil, overflowed) }
      state.isDrained = false
      return (state.wake, overflowed)
    }
  }

  func end(_ phase: Phase, wakes: Bool) {
    let wake = state.withLock { state in
      if state.phase != .live { return nil as (@Sendable () -> Void)? }
      defer { state.wake = nil }
      if wakes {
        state.phase = phase
      } else {
        state.clear(phase)
      }
      return wakes ? state.wake : nil
    }
    wake?()
  }
}

extension Subscription.State {
  var hasEvents: Bool {
    if first != nil { return true }
    if case .nothing = start { return false }
    return true
  }

  mutating func append(_ event: WatchEvent) -> Bool {
    if first == nil {
      first = event
      return true
    }
    return others.append(event)
  }

  mutating func clear(_ phase: Subscription.Phase) {
    self.phase = phase
    start = .nothing
    first = nil
    others.removeAll()
  }

  mutating func take(_ selects: (Object) -> Bool) -> WatchEvent? {
    if let event = takeStart(selects) { return event }
    guard let event = first else { return nil }
    first = others.popFirst()
    // The memory of a burst is not kept by ten thousand idle watches.
    if first == nil { others.removeAll() }
    return event
  }

  private mutating func takeStart(_ selects: (Object) -> Bool) -> WatchEvent? {
    switch start {
    case .nothing: return nil
    case .events(var events):
      let event = events.popFirst()
      start = events.isEmpty ? .nothing : .events(events)
      return event
    case .objects(var objects, let end):
      start = .nothing
      while let object = objects.next() {
        if !selects(object) { continue }
        start = .objects(objects, end: end)
        return WatchEvent(.added, object)
      }
      return end
    }
  }
}
