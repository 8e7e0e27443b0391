import Objects
import Values

/// One line of the journal: what happened to a key at a revision.
public struct JournalEntry: Sendable {
  public var revision: Int64
  public var kind: Change.Kind
  public var key: Key
  /// The encoded state; empty for `deleted`, whose last state is in the entry before it.
  public var blob: Blob
  /// When it happened, in seconds since 1970; 0 where nobody wrote that down.
  public var time: Int64

  public init(revision: Int64, kind: Change.Kind, key: Key, blob: Blob, time: Int64 = 0) {
    self.time = time
    self.revision = revision
    self.kind = kind
    self.key = key
    self.blob = blob
  }
}

/// An append-only log: the cluster's state and its history in one. Its methods may be called from any thread; they
/// throw `JournalError` and then have changed nothing.
public protocol Journal: Sendable {
  /// Hands over every entry, in the order of revisions.
  func load(_ body: (JournalEntry) -> Void) throws(JournalError)

  /// Writes the entries and removes those of the `dead` revisions, in one step. When it returns, they are durable.
  func append(_ entries: [JournalEntry], removing dead: [Int64]) throws(JournalError)

  /// The entry of a revision; nil when it has been removed.
  func entry(_ revision: Int64) throws(JournalError) -> JournalEntry?

  /// Called when there is nothing else to do.
  func tidy() throws(JournalError)

  func close()
}

/// What went wrong with the journal's files.
public struct JournalError: Error, Sendable, Equatable, CustomStringConvertible {
  public var message: String

  public init(_ message: String) { self.message = message }

  public var description: String { message }
}
