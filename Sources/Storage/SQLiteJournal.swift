import Objects
import Synchronization
import Values

/// The durable journal: one SQLite file with one table, which is state and history in one.
///
/// An appended batch survives `kill -9` and power loss, for it is one transaction with `synchronous=FULL`. The file is
/// locked for as long as the journal is open: a second process is refused.
public final class SQLiteJournal: Journal {
  /// Of the file; a newer one is refused rather than misread. In the first one `op` was the kind of the change alone, and
  /// files from then can go on: their old entries have no time.
  static let schemaVersion: Int64 = 2
  /// Pages of 16 KB won over 4 KB by a factor of two with large batches.
  static let pageSize = 16384
  /// Above this the write-ahead log is moved into the file at once, idle or not.
  static let checkpointBytes = 64 << 20
  /// Above this it is moved when there is nothing else to do.
  static let idleCheckpointBytes = 1 << 20

  private let state: Mutex<Log?>

  /// Opens or creates the database at `path`, whose directory exists.
  public init(path: String) throws(JournalError) {
    do throws(JournalError) {
      state = Mutex(try Log(path: path))
    } catch {
      throw JournalError("cannot open \(path): \(error.message)")
    }
  }

  public func load(_ body: (JournalEntry) -> Void) throws(JournalError) {
    try withLog { (log) throws(JournalError) in try log.load(body) }
  }

  public func append(_ entries: [JournalEntry], removing dead: [Int64]) throws(JournalError) {
    try withLog { (log) throws(JournalError) in try log.append(entries, removing: dead) }
  }

  public func entry(_ revision: Int64) throws(JournalError) -> JournalEntry? {
    try withLog { (log) throws(JournalError) in try log.entry(revision) }
  }

  public func tidy() throws(JournalError) {
    try withLog { (log) throws(JournalError) in try log.checkpoint(above: Self.idleCheckpointBytes) }
  }

  public func close() {
    state.withLock { $0 = nil }
  }

  private func withLog<Result: Sendable>(
    _ body: (Log) throws(JournalError) -> Result
  ) throws(JournalError) -> Result {
    try state.withLock { (log) throws(JournalError) in
      guard let log else { throw JournalError("the journal is closed") }
      return try body(log)
    }
  }
}

/// The open file. `@unchecked Sendable`: the journal's lock lets one thread at a time to these C handles.
private final class Log: @unchecked Sendable {
  private let database: Database
  private let begin: Statement
  private let commit: Statement
  private let rollback: Statement
  private let insert: Statement
  private let delete: Statement
  private let select: Statement
  /// Written by SQLite after each commit, so it needs an address that stays.
  private let pages = UnsafeMutablePointer<Int>.allocate(capacity: 1)
  private var keys = JournalKey()

  init(path: String) throws(JournalError) {
    pages.initialize(to: 0)
    database = try Database(path: path)
    try Self.prepare(database)
    begin = try database.prepare("BEGIN IMMEDIATE")
    commit = try database.prepare("COMMIT")
    rollback = try database.prepare("ROLLBACK")
    insert = try database.prepare("INSERT INTO log(rev, key, op, value) VALUES(?, ?, ?, ?)")
    delete = try database.prepare("DELETE FROM log WHERE rev = ?")
    select = try database.prepare("SELECT rev, key, op, value FROM log WHERE rev = ?")
    database.onCommit(pages)
  }

  deinit { pages.deallocate() }

  private static func prepare(_ database: Database) throws(JournalError) {
    try database.run(
      """
      PRAGMA page_size = \(SQLiteJournal.pageSize);
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA wal_autocheckpoint = 0;
      PRAGMA cache_size = -16384;
      """)
    let version = try database.integer("PRAGMA user_version")
    guard version <= SQLiteJournal.schemaVersion else {
      throw JournalError("its format \(version) is newer than this program's \(SQLiteJournal.schemaVersion)")
    }
    // The first write takes the lock, and keeps it.
    try database.run(
      """
      BEGIN EXCLUSIVE;
      CREATE TABLE IF NOT EXISTS log(rev INTEGER PRIMARY KEY, key BLOB, op INT, value BLOB);
      PRAGMA user_version = \(SQLiteJournal.schemaVersion);
      COMMIT;
      """)
  }

  func load(_ body: (JournalEntry) -> Void) throws(JournalError) {
    let rows = try database.prepare("SELECT rev, key, op, value FROM log ORDER BY rev")
    while try rows.step() { body(try entry(rows)) }
  }

  func entry(_ revision: Int64) throws(JournalError) -> JournalEntry? {
    defer { select.reset() }
    select.bind(1, revision)
    return try select.step() ? try entry(select) : nil
  }

  private func entry(_ row: Statement) throws(JournalError) -> JournalEntry {
    let revision = row.integer(0)
    guard let key = keys.decode(row.bytes(1)), let kind = Self.kinds[row.integer(2) & 3] else {
      throw JournalError("the entry of revision \(revision) is damaged")
    }
    return JournalEntry(revision: revision, kind: kind, key: key, blob: Blob(row.bytes(3)), time: row.integer(2) >> 2)
  }

  func append(_ entries: [JournalEntry], removing dead: [Int64]) throws(JournalError) {
    try begin.run()
    do throws(JournalError) {
      for entry in entries { try append(entry) }
      for revision in dead {
        delete.bind(1, revision)
        try delete.run()
      }
      try commit.run()
    } catch {
      // A failed COMMIT may have rolled back by itself; then there is nothing left to undo.
      do throws(JournalError) { try rollback.run() } catch _ {}
      throw error
    }
    // The batch is durable: trouble with the checkpoint is not the writers' trouble, and it is tried again.
    do throws(JournalError) { try checkpoint(above: SQLiteJournal.checkpointBytes) } catch _ {}
  }

  private func append(_ entry: JournalEntry) throws(JournalError) {
    let key = keys.encode(entry.key)
    insert.bind(1, entry.revision)
    insert.bind(3, entry.time << 2 | Self.code(entry.kind))
    insert.bind(4, entry.blob.bytes)
    try key.withUnsafeBufferPointer { (bytes) throws(JournalError) in
      insert.bind(2, bytes)
      try insert.run()
    }
  }

  func checkpoint(above bytes: Int) throws(JournalError) {
    if pages.pointee * SQLiteJournal.pageSize <= bytes { return }
    try database.checkpoint()
    pages.pointee = 0
  }

  private static func code(_ kind: Change.Kind) -> Int64 {
    switch kind {
    case .added: 0
    case .modified: 1
    case .deleted: 2
    }
  }

  private static let kinds: [Int64: Change.Kind] = [0: .added, 1: .modified, 2: .deleted]
}
