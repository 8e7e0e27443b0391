import Glibc
import Synchronization

/// Runs tasks as their pool does, and counts the CPU that their own threads spend on them: what they wait for is not theirs.
public final class CPUMeter: TaskExecutor {
  private let run: @Sendable (_ work: @escaping @Sendable () -> Void) -> Void
  private let nanoseconds = Atomic<Int64>(0)

  init(_ run: @escaping @Sendable (_ work: @escaping @Sendable () -> Void) -> Void) { self.run = run }

  /// What was counted so far, in seconds.
  public var seconds: Double { Double(nanoseconds.load(ordering: .relaxed)) / 1e9 }

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    run { [self] in
      let start = Self.threadTime
      job.runSynchronously(on: asUnownedTaskExecutor())
      nanoseconds.add(Self.threadTime - start, ordering: .relaxed)
    }
  }

  private static var threadTime: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
