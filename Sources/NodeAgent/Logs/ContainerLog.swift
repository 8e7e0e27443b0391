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
  /// Hears of the end, with the lines that there are then.
  private let ended: (@Sendable ([LogLine]) -> Void)?

  init(ended: (@Sendable ([LogLine]) -> Void)? = nil) { self.ended = ended }

  /// That of a run which is over.
  init(_ lines: [LogLine]) {
    ended = nil
    state.withLock { state in
      state.lines = lines
      state.isClosed = true
    }
  }

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
    let (readers, lines) = state.withLock { state -> ([@Sendable (LogLine?) -> Void], [LogLine]?) in
      defer { (state.isClosed, state.readers) = (true, [:]) }
      return (Array(state.readers.values), state.isClosed ? nil : Array(state.lines[state.head...]))
    }
    for reader in readers { reader(nil) }
    if let lines { ended?(lines) }
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
