import Dispatch
import Synchronization

/// Where the work of a cluster happens, and the one that knows when none is left.
///
/// What runs on its loops and in its tasks is counted. When the count is zero, everything that was set off has come to its
/// end, and only a timer or somebody outside can start anything new: that is how a clock that is advanced knows when to go
/// on to the next timer. A task that waits for something else is not counted; what it waits for is.
public final class WorkPool: Sendable {
  /// For whoever does not care where things happen.
  public static let shared = WorkPool()

  let tally = Tally()
  /// The same by place: loops of one name are one place.
  private let places = Mutex<[String: Tally]>([:])
  private let crew: Crew
  /// The one loop of a pool in which everything happens in one order.
  private let single: Loop?
  /// Where the timers of sleeping tasks go off; they only resume a continuation there.
  let sleepers: Loop

  /// - Parameter isSerial: all loops are one and all tasks run on it, one piece after the other in the order in which they
  ///   were set off. With a clock that stands still and a seed, two runs are then the same. It uses one core.
  public init(isSerial: Bool = false) {
    let tasks = Tally(partOf: tally)
    crew = Crew(tally: tasks)
    places.withLock { $0["tasks"] = tasks }
    single = isSerial ? Loop(label: "swiftlet.everything", tally: tally, crew: nil) : nil
    sleepers = single ?? Loop(label: "swiftlet.sleep", tally: tally, crew: crew)
  }

  /// A loop whose work counts.
  public func loop(_ label: String) -> Loop {
    if let single { return single }
    let place = places.withLock { places in
      let place = places[label] ?? Tally(partOf: tally)
      places[label] = place
      return place
    }
    return Loop(label: label, tally: place, crew: crew)
  }

  /// Counts the CPU of tasks that prefer it to the pool itself.
  public func meter() -> CPUMeter {
    CPUMeter { [crew, single] work in
      if let single { single.run(work) } else { crew.run(work) }
    }
  }

  /// Where something is under way, and how much: `tasks`, or the name of a loop.
  public var underWay: [(place: String, count: Int)] {
    places.withLock { $0.map { (place: $0.key, count: $0.value.underWay) } }.filter { $0.count > 0 }
      .sorted { $0.place < $1.place }
  }

  /// Starts a task whose work counts.
  @discardableResult
  public func spawn<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) -> Task<Value, Never> {
    if let single { return Task(executorPreference: single, operation: work) }
    return Task(executorPreference: crew, operation: work)
  }

  /// Does something as a part of the pool's work.
  public func run<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) async -> Value {
    await spawn(work).value
  }

  /// Nothing runs and nothing is about to, timers aside.
  public var isQuiet: Bool { tally.isQuiet }

  /// Waits until nothing runs and nothing is about to, timers aside. To be called from outside the pool.
  public func quiet() async {
    await withCheckedContinuation { continuation in tally.whenQuiet { continuation.resume() } }
  }
}

/// Runs tasks on the system's threads, and counts.
final class Crew: TaskExecutor {
  private let tally: Tally
  private let queue = DispatchQueue(label: "swiftlet.tasks", attributes: .concurrent)

  init(tally: Tally) { self.tally = tally }

  func run(_ work: @escaping @Sendable () -> Void) {
    tally.begin()
    queue.async { [self] in
      work()
      tally.end()
    }
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    tally.begin()
    queue.async { [self] in
      job.runSynchronously(on: asUnownedTaskExecutor())
      tally.end()
    }
  }
}
