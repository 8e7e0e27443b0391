import EventLoops
import Objects
import Synchronization
import Values

/// Keys that wait to be reconciled. A key waits once however often it is added, is handled by one worker at a time, and
/// comes again when it was added meanwhile. It holds at most one entry per object of the cluster.
public final class WorkQueue: Sendable {
  fileprivate struct State {
    /// First in, first out, from `head` on; with the moment when each came.
    var waiting: [(key: Key, since: Instant)] = []
    var head = 0
    var statistics = Statistics()
    /// Keys that need a run: those in `waiting`, and those whose run goes on while they changed again.
    var dirty: Set<Key> = []
    /// With the moment when each was taken.
    var running: [Key: Instant] = [:]
    var failures: [Key: Int] = [:]
    var timers: [Key: (deadline: Instant, timer: any ScheduledTimer)] = [:]
    var takers: [CheckedContinuation<Key?, Never>] = []
    var isClosed = false
  }

  private let state = Mutex(State())
  private let clock: any Clock
  private let loop: Loop
  /// For statistics alone.
  private let wall = SystemClock()

  public init(clock: any Clock, loop: Loop) {
    self.clock = clock
    self.loop = loop
  }

  /// How many keys wait for a worker.
  public var count: Int { state.withLock { $0.waiting.count - $0.head } }

  /// What it has done since the start.
  public var statistics: Statistics {
    let now = wall.now
    return state.withLock { state in
      var result = state.statistics
      result.depth = state.waiting.count - state.head
      for since in state.running.values {
        let seconds = (now - since).inSeconds
        result.unfinished += seconds
        result.longest = max(result.longest, seconds)
      }
      return result
    }
  }

  /// Nothing waits and nothing runs; keys with a timer do not count.
  public var isIdle: Bool { state.withLock { $0.waiting.count == $0.head && $0.running.isEmpty } }

  public func add(_ key: Key) {
    let now = wall.now
    let hand = state.withLock { state -> (CheckedContinuation<Key?, Never>, Key)? in
      guard !state.isClosed, state.dirty.insert(key).inserted, state.running[key] == nil else { return nil }
      return state.append(key, now)
    }
    if let (taker, key) = hand { taker.resume(returning: key) }
  }

  /// Adds the key when `delay` has passed; of several delays the earliest counts.
  public func add(_ key: Key, after delay: Duration) {
    let deadline = clock.now + delay
    let old = state.withLock { state -> (any ScheduledTimer)?? in
      if state.isClosed { return nil }
      state.statistics.retries += 1
      if let timer = state.timers[key], timer.deadline <= deadline { return nil }
      return .some(state.timers.removeValue(forKey: key)?.timer)
    }
    guard let old else { return }
    old?.cancel()
    let timer = clock.schedule(at: deadline, on: loop) { [weak self] in self?.fire(key, deadline) }
    state.withLock { state in
      if deadline > clock.now { state.timers[key] = (deadline, timer) }
    }
  }

  private func fire(_ key: Key, _ deadline: Instant) {
    state.withLock { state in
      if state.timers[key]?.deadline == deadline { state.timers[key] = nil }
    }
    add(key)
  }

  /// Adds the key again after the delay that its failures so far ask for.
  public func retry(_ key: Key, _ delays: Backoff = .queue) {
    let failures = state.withLock { state in
      defer { state.failures[key, default: 0] += 1 }
      return state.failures[key, default: 0]
    }
    add(key, after: delays.delay(after: failures))
  }

  /// How many failures it had one after another.
  func failureCount(_ key: Key) -> Int { state.withLock { $0.failures[key, default: 0] } }

  /// The key is well: its next failure starts at the shortest delay.
  public func forget(_ key: Key) {
    state.withLock { $0.failures[key] = nil }
  }

  /// The next key; it stays with the caller until `finish`. Nil when the queue is closed.
  public func take() async -> Key? {
    await withCheckedContinuation { continuation in
      let now = wall.now
      let hand = state.withLock { state -> (CheckedContinuation<Key?, Never>, Key?)? in
        if state.isClosed { return (continuation, nil) }
        state.takers.append(continuation)
        return state.handOver(now).map { ($0.0, $0.1) }
      }
      if let (taker, key) = hand { taker.resume(returning: key) }
    }
  }

  /// Gives the key back; it waits again if it was added while it ran.
  public func finish(_ key: Key) {
    let now = wall.now
    let hand = state.withLock { state -> (CheckedContinuation<Key?, Never>, Key)? in
      if let since = state.running.removeValue(forKey: key) {
        state.statistics.worked.observe((now - since).inSeconds)
      }
      if state.isClosed || !state.dirty.contains(key) { return nil }
      return state.append(key, now)
    }
    if let (taker, key) = hand { taker.resume(returning: key) }
  }

  public func close() {
    let (takers, timers) = state.withLock { state in
      let rest = (state.takers, state.timers.values.map(\.timer))
      state = State()
      state.isClosed = true
      return rest
    }
    for timer in timers { timer.cancel() }
    for taker in takers { taker.resume(returning: nil) }
  }
}

extension WorkQueue.State {
  /// Puts the key at the end, and pairs the first one with a waiting worker, if there is one.
  fileprivate mutating func append(_ key: Key, _ now: Instant) -> (CheckedContinuation<Key?, Never>, Key)? {
    waiting.append((key, now))
    statistics.adds += 1
    return handOver(now)
  }

  /// Pairs the next key with a waiting worker, when there are both.
  fileprivate mutating func handOver(_ now: Instant) -> (CheckedContinuation<Key?, Never>, Key)? {
    guard head < waiting.count, !takers.isEmpty else { return nil }
    let (key, since) = waiting[head]
    statistics.waited.observe((now - since).inSeconds)
    head += 1
    if head == waiting.count {
      waiting.removeAll(keepingCapacity: true)
      head = 0
    } else if head > 1024, head * 2 > waiting.count {
      waiting.removeFirst(head)
      head = 0
    }
    dirty.remove(key)
    running[key] = now
    return (takers.removeLast(), key)
  }
}
