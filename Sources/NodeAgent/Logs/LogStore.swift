import Synchronization
import Values

/// One run of a container.
public struct LogRun: Sendable, Hashable {
  public var podUID: String
  public var container: String
  /// How often it has run before.
  public var attempt: Int

  public init(podUID: String, container: String, attempt: Int) {
    self.podUID = podUID
    self.container = container
    self.attempt = attempt
  }
}

/// Where `kubectl logs` finds what containers wrote.
public protocol LogSource: Sendable {
  /// The log of a container's present run, or of the one before; nil when there is none.
  func log(podUID: String, container: String, previous: Bool) -> ContainerLog?
}

/// Keeps what ended containers wrote for longer than the process lives.
public protocol LogKeeper: Sendable {
  func keep(_ lines: [LogLine], of run: LogRun)
  /// The latest run that is kept, or the latest before an attempt.
  func latest(podUID: String, container: String, before attempt: Int?) -> (run: LogRun, lines: [LogLine])?
  /// The pod is gone, and its logs with it.
  func remove(podUID: String)
}

/// The logs of all containers on the nodes of this process.
public final class LogStore: LogSource {
  private struct Runs {
    var attempt: Int
    var current: ContainerLog
    var previous: ContainerLog?
  }

  /// By the UIDs of pods, then by the names of their containers.
  private let runs = Mutex<[String: [String: Runs]]>([:])
  private let keeper: (any LogKeeper)?

  /// - Parameter keeper: nil keeps nothing beyond the process.
  public init(keeper: (any LogKeeper)? = nil) { self.keeper = keeper }

  public func log(podUID: String, container: String, previous: Bool) -> ContainerLog? {
    let known = runs.withLock { $0[podUID]?[container] }
    if let log = previous ? known?.previous : known?.current { return log }
    guard let keeper else { return nil }
    var attempt = known?.attempt
    if previous, attempt == nil {
      attempt = keeper.latest(podUID: podUID, container: container, before: nil)?.run.attempt
      if attempt == nil { return nil }
    }
    return keeper.latest(podUID: podUID, container: container, before: attempt).map { ContainerLog($0.lines) }
  }

  /// A new run begins; the log of the last one becomes the previous one.
  func begin(_ run: LogRun) -> ContainerLog {
    let log = ContainerLog { [weak self] lines in self?.keep(lines, of: run) }
    runs.withLock { runs in
      let last = runs[run.podUID]?[run.container]
      runs[run.podUID, default: [:]][run.container] = Runs(attempt: run.attempt, current: log, previous: last?.current)
    }
    return log
  }

  /// The end of what a pod's containers write may come after the pod's own end.
  private func keep(_ lines: [LogLine], of run: LogRun) {
    guard let keeper, runs.withLock({ $0[run.podUID] != nil }) else { return }
    keeper.keep(lines, of: run)
  }

  /// The pod is gone, and its logs with it.
  func remove(podUID: String) {
    runs.withLock { $0[podUID] = nil }
    keeper?.remove(podUID: podUID)
  }
}
