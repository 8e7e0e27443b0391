import Objects
import Synchronization
import Values

/// What the requests of simulated clients cost the pods that answered them, lately: in CPU time, by pods' UIDs.
public final class Traffic: Sendable {
  /// What is averaged over.
  static let window = SimulatedUsage.window
  /// Pods that are remembered before those are forgotten that nobody asked anything of lately.
  private static let podLimit = 10_000

  private struct State {
    /// CPU time in nanoseconds, by the second in which it was taken.
    var work: [String: [Int64: Int64]] = [:]
  }

  private let state = Mutex(State())

  public init() {}

  func note(_ cpu: Duration, of podUID: String, at now: Instant) {
    state.withLock { state in
      if state.work.count >= Self.podLimit {
        state.work = state.work.filter { $0.value.keys.contains { Self.isRecent($0, now) } }
      }
      var work = state.work[podUID] ?? [:]
      if work[now.seconds] == nil { work = work.filter { Self.isRecent($0.key, now) } }
      work[now.seconds, default: 0] &+= cpu.nanoseconds
      state.work[podUID] = work
    }
  }

  /// The CPU that a pod's answers took on average.
  func cpu(of podUID: String, at now: Instant) -> Quantity {
    let sum = state.withLock { state in
      state.work[podUID]?.reduce(into: Int64(0)) { sum, second in
        if Self.isRecent(second.key, now) { sum += second.value }
      }
    }
    return Quantity(nanos: Int128(sum ?? 0) / Int128(Self.window.components.seconds))
  }

  private static func isRecent(_ second: Int64, _ now: Instant) -> Bool {
    second > now.seconds - window.components.seconds && second <= now.seconds
  }
}
