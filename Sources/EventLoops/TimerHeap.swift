import Synchronization
import Values

/// A timer of a virtual clock: it runs its work once, or is called off.
final class VirtualTimer: ScheduledTimer {
  private struct State {
    var work: (@Sendable () -> Void)?
    var waits: Bool
  }

  let deadline: Instant
  /// Of two timers with one deadline, the one that was set first goes first.
  let number: UInt64
  let loop: Loop
  private let state: Mutex<State>
  private let clock: VirtualClock

  /// - Parameter waits: whether it goes into the heap.
  init(
    _ clock: VirtualClock, deadline: Instant, number: UInt64, loop: Loop, waits: Bool,
    work: @escaping @Sendable () -> Void
  ) {
    self.clock = clock
    self.deadline = deadline
    self.number = number
    self.loop = loop
    state = Mutex(State(work: work, waits: waits))
  }

  var isOver: Bool { state.withLock { $0.work == nil } }

  /// It has left the heap, to run.
  func leave() { state.withLock { $0.waits = false } }

  /// The work, for who calls this first, and whether the timer is in the heap; nil after that.
  func claim() -> (work: @Sendable () -> Void, waits: Bool)? {
    state.withLock { state in
      defer { state.work = nil }
      return state.work.map { ($0, state.waits) }
    }
  }

  func cancel() { clock.cancel(self) }
}

/// Timers by their deadlines. Those that were called off stay until they come to the top or are more than half of all.
struct TimerHeap {
  private var timers: [VirtualTimer] = []
  private var cancelled = 0

  /// How many will run.
  var count: Int { timers.count - cancelled }

  /// When the next is due; nil when none waits.
  mutating func nextDeadline() -> Instant? {
    dropCancelled()
    return timers.first?.deadline
  }

  mutating func insert(_ timer: VirtualTimer) {
    timers.append(timer)
    rise(timers.count - 1)
  }

  /// Takes the next if it is due by `time`.
  mutating func take(until time: Instant) -> VirtualTimer? {
    dropCancelled()
    guard let first = timers.first, first.deadline <= time else { return nil }
    removeFirst()
    first.leave()
    return first
  }

  /// One of them was called off.
  mutating func noteCancelled() {
    cancelled += 1
    if cancelled > 64, cancelled * 2 > timers.count {
      timers.removeAll(where: \.isOver)
      cancelled = 0
      for index in stride(from: timers.count / 2 - 1, through: 0, by: -1) { sink(index) }
    }
  }

  private mutating func dropCancelled() {
    while let first = timers.first, first.isOver {
      removeFirst()
      cancelled = max(0, cancelled - 1)
    }
  }

  private mutating func removeFirst() {
    timers.swapAt(0, timers.count - 1)
    timers.removeLast()
    sink(0)
  }

  private func precedes(_ left: Int, _ right: Int) -> Bool {
    (timers[left].deadline, timers[left].number) < (timers[right].deadline, timers[right].number)
  }

  private mutating func rise(_ index: Int) {
    var index = index
    while index > 0, precedes(index, (index - 1) / 2) {
      timers.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  private mutating func sink(_ index: Int) {
    var index = index
    while true {
      var least = index
      for child in [2 * index + 1, 2 * index + 2] where child < timers.count && precedes(child, least) { least = child }
      if least == index { return }
      timers.swapAt(index, least)
      index = least
    }
  }
}
