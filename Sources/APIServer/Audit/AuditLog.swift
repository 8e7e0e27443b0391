import EventLoops
import Glibc
import Objects
import Synchronization
import Values

/// A file of JSON lines, written on a loop of its own. What comes faster than it can be written is dropped and counted, so
/// that nobody waits for a disk.
public final class AuditLog: Sendable {
  /// One line to be, made into bytes on the log's loop.
  struct Entry: Sendable {
    /// About how many bytes it keeps in memory.
    var weight: Int
    var line: @Sendable () -> Blob
  }

  private struct State {
    var waiting: [Entry] = []
    var weight = 0
    var isScheduled = false
    var written = 0
    var dropped = 0
  }

  /// What may wait, in entries and in bytes.
  static let entryLimit = 10_000
  static let byteLimit = 64 << 20

  private let state = Mutex(State())
  private let loop = Loop(label: "swiftlet.audit")
  private let descriptor: Int32

  /// - Parameter path: `-` is the standard output; a file is made (mode 0600) or continued.
  /// - Throws: 500 when the file cannot be opened.
  public init(path: String) throws(Status) {
    descriptor = path == "-" ? dup(1) : open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    if descriptor < 0 { throw .internalError("\(path): \(String(cString: strerror(errno)))") }
  }

  deinit { close(descriptor) }

  func append(_ entry: Entry) {
    let mustSchedule = state.withLock { state in
      guard state.waiting.count < Self.entryLimit, state.weight + entry.weight <= Self.byteLimit else {
        state.dropped += 1
        return false
      }
      state.waiting.append(entry)
      state.weight += entry.weight
      defer { state.isScheduled = true }
      return !state.isScheduled
    }
    if mustSchedule { loop.run { [self] in drain() } }
  }

  /// Returns when everything that was there is written.
  public func flush() async {
    await withCheckedContinuation { continuation in
      loop.run { [self] in
        drain()
        continuation.resume()
      }
    }
  }

  private func drain() {
    let entries = state.withLock { state in
      defer {
        state.waiting = []
        state.weight = 0
        state.isScheduled = false
      }
      return state.waiting
    }
    var failed = 0
    for entry in entries where !write(entry.line()) { failed += 1 }
    let lost = failed
    state.withLock { state in
      state.written += entries.count - lost
      state.dropped += lost
    }
  }

  /// - Returns: false when the line could not be written.
  private func write(_ line: Blob) -> Bool {
    var rest = UnsafeRawBufferPointer(line.bytes)
    return withExtendedLifetime(line) {
      while let base = rest.baseAddress, !rest.isEmpty {
        let count = Glibc.write(descriptor, base, rest.count)
        if count < 0, errno == EINTR { continue }
        if count <= 0 { return false }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
      }
      return true
    }
  }

  /// Lines so far: written, and dropped because too many waited or the disk refused them.
  public var counts: (written: Int, dropped: Int) { state.withLock { ($0.written, $0.dropped) } }

  /// Adds the counts to what `/metrics` shows.
  func write(to text: inout MetricsText) {
    let counts = counts
    text.single("apiserver_audit_event_total", .counter, "Audit events written.", counts.written)
    text.family("apiserver_audit_error_total", .counter, "Audit events that were dropped.")
    text.sample("apiserver_audit_error_total", [(name: "plugin", value: "log")], counts.dropped)
  }
}
