import Synchronization
import Values

/// One line that a container wrote, without its line end.
public struct LogLine: Sendable, Equatable {
  public var time: Instant
  public var text: String

  public init(time: Instant, text: String) {
    self.time = time
    self.text = text
  }
}

/// The latest lines of one run of a container, and those who read along.
public final class ContainerLog: Sendable {
  /// The most lines kept.
  static let lineLimit = 2000
  /// The most bytes of text kept.
  static let byteLimit = 1 << 20

  private struct State {
    var lines: [LogLine] = []
    var head = 0
    var bytes = 0
    var isClosed = false
    var readers: [Int: @Sendable (LogLine?) -> Void] = [:]
    var nextReader = 0
  }

  private let state = Mutex(State())

  public init() {}

  /// The lines at hand, oldest first.
  public var lines: [LogLine] { state.withLock { Array($0.lines[$0.head...]) } }

  /// The container has ended and writes no more.
  public var isClosed: Bool { state.withLock { $0.isClosed } }

  public func write(_ line: LogLine) {
    let readers = state.withLock { state -> [@Sendable (LogLine?) -> Void] in
      if state.isClosed { return [] }
      state.lines.append(line)
      state.bytes += line.text.utf8.count
      while state.lines.count - state.head > Self.lineLimit || state.bytes > Self.byteLimit {
        state.bytes -= state.lines[state.head].text.utf8.count
        state.head += 1
      }
      if state.head > Self.lineLimit {
        state.lines.removeFirst(state.head)
        state.head = 0
      }
      return Array(state.readers.values)
    }
    for reader in readers { reader(line) }
  }

  public func close() {
    let readers = state.withLock { state in
      state.isClosed = true
      defer { state.readers = [:] }
      return Array(state.readers.values)
    }
    for reader in readers { reader(nil) }
  }

  /// The lines at hand, and then each further one through `receive`, which gets nil at the end. It may be called on any
  /// thread and must be short.
  public func follow(_ receive: @escaping @Sendable (LogLine?) -> Void) -> (
    lines: [LogLine], subscription: LogSubscription
  ) {
    let (lines, number) = state.withLock { state -> ([LogLine], Int?) in
      let lines = Array(state.lines[state.head...])
      if state.isClosed { return (lines, nil) }
      let number = state.nextReader
      state.nextReader += 1
      state.readers[number] = receive
      return (lines, number)
    }
    if number == nil { receive(nil) }
    return (lines, LogSubscription { [weak self] in self?.drop(number) })
  }

  private func drop(_ number: Int?) {
    guard let number else { return }
    state.withLock { $0.readers[number] = nil }
  }
}

/// A reader that follows a log.
public struct LogSubscription: Sendable {
  private let end: @Sendable () -> Void

  init(_ end: @escaping @Sendable () -> Void) { self.end = end }

  public func cancel() { end() }
}

/// Where `kubectl logs` finds what containers wrote.
public protocol LogSource: Sendable {
  /// The log of a container's present run, or of the one before; nil when there is none.
  func log(namespace: String, pod: String, container: String, previous: Bool) -> ContainerLog?
}

/// The logs of all containers on the nodes of this process.
public final class LogStore: LogSource {
  private struct Place: Hashable {
    let namespace: String
    let pod: String
    let container: String
  }

  private struct Runs {
    var current: ContainerLog
    var previous: ContainerLog?
  }

  private let runs = Mutex<[Place: Runs]>([:])

  public init() {}

  public func log(namespace: String, pod: String, container: String, previous: Bool) -> ContainerLog? {
    let place = Place(namespace: namespace, pod: pod, container: container)
    return runs.withLock { previous ? $0[place]?.previous : $0[place]?.current }
  }

  /// A new run begins; the log of the last one becomes the previous one.
  func begin(namespace: String, pod: String, container: String) -> ContainerLog {
    let log = ContainerLog()
    let place = Place(namespace: namespace, pod: pod, container: container)
    runs.withLock { $0[place] = Runs(current: log, previous: $0[place]?.current) }
    return log
  }

  /// The pod is gone, and its logs with it.
  func remove(namespace: String, pod: String, containers: [String]) {
    runs.withLock { runs in
      for container in containers { runs[Place(namespace: namespace, pod: pod, container: container)] = nil }
    }
  }
}
