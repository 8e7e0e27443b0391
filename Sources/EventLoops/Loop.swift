import Dispatch

/// A place where things happen one after another: a Dispatch serial queue that is also an executor for tasks and actors.
///
/// State that belongs to a loop is touched on that loop alone and needs no lock. An actor adopts a loop by returning
/// `asUnownedSerialExecutor()` as its `unownedExecutor`.
public final class Loop: TaskExecutor, SerialExecutor, @unchecked Sendable {
  /// The queue behind the loop, for event sources that must deliver on it.
  public let queue: DispatchQueue

  private static let currentKey = DispatchSpecificKey<Unmanaged<Loop>>()
  /// Counts what runs here; nil on a loop that belongs to no pool.
  private let tally: Tally?
  /// Who runs tasks that need not be on this loop; nil where there is nobody but the loop, or where it belongs to no pool.
  private let crew: Crew?

  /// A loop of its own, in no pool.
  public convenience init(label: String) { self.init(label: label, tally: nil, crew: nil) }

  init(label: String, tally: Tally?, crew: Crew?) {
    queue = DispatchQueue(label: label)
    self.tally = tally
    self.crew = crew
    queue.setSpecific(key: Self.currentKey, value: Unmanaged.passUnretained(self))
  }

  deinit { queue.setSpecific(key: Self.currentKey, value: nil) }

  /// The loop whose work is running now, if any.
  public static var current: Loop? {
    DispatchQueue.getSpecific(key: currentKey)?.takeUnretainedValue()
  }

  /// Whether the caller runs on this loop.
  public var isCurrent: Bool { Self.current === self }

  /// Enqueues `work` behind everything already enqueued; never runs it at once.
  public func run(_ work: @escaping @Sendable () -> Void) {
    tally?.begin()
    queue.async { [self] in
      work()
      tally?.end()
    }
  }

  /// Starts a task whose nonisolated parts run on this loop, also after each of its suspensions.
  public func spawn(_ work: @escaping @Sendable () async -> Void) {
    Task(executorPreference: self) { await work() }
  }

  /// Starts a task that does not run on this loop, unless its pool has no other: for writes that wait for the store.
  public func spawnOutside(_ work: @escaping @Sendable () async -> Void) {
    if let crew {
      Task(executorPreference: crew, operation: work)
    } else if tally != nil {
      spawn(work)
    } else {
      Task(operation: work)
    }
  }

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    tally?.begin()
    queue.async { [self] in
      job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
      tally?.end()
    }
  }

  public func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

  public func asUnownedTaskExecutor() -> UnownedTaskExecutor { UnownedTaskExecutor(ordinary: self) }

  public func checkIsolated() { precondition(isCurrent, "not on the loop \(queue.label)") }
}
