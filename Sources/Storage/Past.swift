import Objects
import Synchronization

/// What was: the numbers in memory and the states in the journal, put together for whoever asks, on any thread.
final class Past: Sendable {
  let history: Mutex<History>
  private let journal: any Journal
  private let snapshots = Mutex(PastSnapshots())

  init(journal: any Journal, history: consuming sending History) {
    self.journal = journal
    self.history = Mutex(history)
  }

  var oldest: Int64 { history.withLock { $0.oldest } }

  /// The changes after one revision up to another, in order; of one resource or of all.
  func changes(
    after start: Int64, through end: Int64, resource: GroupResource?
  ) throws(StoreError) -> [Change] {
    let (numbered, held) = try history.withLock { (history) throws(StoreError) in
      try history.changes(after: start, through: end, resource: resource)
    }
    var changes: [Change] = []
    changes.reserveCapacity(numbered.count + held.count)
    for (revision, record) in numbered { changes.append(try change(revision, record)) }
    return changes + held
  }

  /// The state before `newest` and at `revision`.
  func snapshot(at revision: Int64, before newest: Snapshot) throws(StoreError) -> Snapshot {
    if revision == newest.revision { return newest }
    if revision > newest.revision { throw .future(current: newest.revision) }
    if revision < oldest { throw .compacted(oldest: oldest) }
    let start = snapshots.withLock { $0.closest(to: revision) } ?? newest
    if start.revision == revision { return start }
    let undone = try changes(after: revision, through: start.revision, resource: nil)
    let result = start.reverting(undone, to: revision)
    snapshots.withLock { $0.keep(result) }
    return result
  }

  /// Lets go of the states that can no longer be asked for.
  func forgetSnapshots() { snapshots.withLock { $0.forget(before: oldest) } }

  /// A change as the journal has it.
  private func change(_ revision: Int64, _ record: History.Record) throws(StoreError) -> Change {
    let previous = record.previous == 0 ? nil : try object(record.previous)
    if !record.isDeletion {
      return Change(previous == nil ? .added : .modified, try object(revision), previous: previous)
    }
    guard let previous else { throw .compacted(oldest: oldest) }
    return Change(.deleted, Draft(of: previous).object(revision: revision), previous: previous)
  }

  private func object(_ revision: Int64) throws(StoreError) -> Object {
    let entry: JournalEntry?
    do throws(JournalError) { entry = try journal.entry(revision) } catch { throw .failed(error.message) }
    // Missing: it was trimmed after the records were read.
    guard let entry, entry.kind != .deleted else { throw .compacted(oldest: oldest) }
    return Object(key: entry.key, revision: revision, blob: entry.blob)
  }
}

/// The last few states of the past that were asked for: the pages of a long list all ask for the same one.
private struct PastSnapshots: Sendable {
  static let limit = 8

  private var snapshots: [Snapshot] = []

  /// The nearest at or after a revision.
  func closest(to revision: Int64) -> Snapshot? {
    snapshots.filter { $0.revision >= revision }.min { $0.revision < $1.revision }
  }

  mutating func keep(_ snapshot: Snapshot) {
    if snapshots.count == Self.limit { snapshots.removeFirst() }
    snapshots.append(snapshot)
  }

  mutating func forget(before revision: Int64) { snapshots.removeAll { $0.revision < revision } }
}

extension Store {
  /// The changes after this revision are known; a watch can resume from it.
  public var oldestRevision: Int64 { past.oldest }

  /// All changes after a revision, in order; of one resource or of all. May read the journal.
  public func changes(since revision: Int64, resource: GroupResource? = nil) throws(StoreError) -> [Change] {
    try past.changes(after: revision, through: .max, resource: resource)
  }

  /// The cluster as it was at a revision within the history.
  public func snapshot(at revision: Int64) throws(StoreError) -> Snapshot {
    try past.snapshot(at: revision, before: snapshot)
  }
}
