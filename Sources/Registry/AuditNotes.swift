import Synchronization

/// What a write's admission has to say to the audit log of the request that it came with.
public final class AuditNotes: Sendable {
  private let notes = Mutex<[String: String]>([:])

  public init() {}

  /// Sets an annotation of the request's events.
  func add(_ key: String, _ value: String) { notes.withLock { $0[key] = value } }

  public var all: [String: String] { notes.withLock { $0 } }
}
