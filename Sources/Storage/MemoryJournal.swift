import Synchronization

/// A journal that ends with the process: for throw-away clusters and tests.
public final class MemoryJournal: Journal {
  private let entries = Mutex<[Int64: JournalEntry]>([:])

  public init() {}

  public func load(_ body: (JournalEntry) -> Void) {
    for entry in entries.withLock({ $0.values.sorted { $0.revision < $1.revision } }) { body(entry) }
  }

  public func append(_ added: [JournalEntry], removing dead: [Int64]) {
    entries.withLock { entries in
      for entry in added { entries[entry.revision] = entry }
      for revision in dead { entries[revision] = nil }
    }
  }

  public func entry(_ revision: Int64) -> JournalEntry? { entries.withLock { $0[revision] } }

  public func tidy() {}

  public func close() {}
}
