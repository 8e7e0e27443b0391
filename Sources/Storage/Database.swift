import CSQLite
import Values

/// A connection to SQLite. Whoever owns it sees to it that one thread uses it at a time.
final class Database {
  private let handle: OpaquePointer

  /// Opens or creates the file.
  init(path: String) throws(JournalError) {
    var handle: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    let code = sqlite3_open_v2(path, &handle, flags, nil)
    guard let handle else { throw JournalError("cannot open \(path): out of memory") }
    guard code == SQLITE_OK else {
      defer { sqlite3_close_v2(handle) }
      throw JournalError("cannot open \(path): \(String(cString: sqlite3_errmsg(handle)))")
    }
    self.handle = handle
  }

  deinit { sqlite3_close_v2(handle) }

  /// Runs statements that have no parameters and whose rows do not matter.
  func run(_ sql: String) throws(JournalError) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    if code != SQLITE_OK { throw failure(code, sql) }
  }

  /// The first column of the first row.
  func integer(_ sql: String) throws(JournalError) -> Int64 {
    let statement = try prepare(sql)
    return try statement.step() ? statement.integer(0) : 0
  }

  func prepare(_ sql: String) throws(JournalError) -> Statement {
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
    guard code == SQLITE_OK, let statement else { throw failure(code, sql) }
    return Statement(statement, database: self)
  }

  /// Moves the write-ahead log into the database file.
  /// - Returns: how many pages the log had.
  @discardableResult
  func checkpoint() throws(JournalError) -> Int {
    var pages: Int32 = 0
    let code = sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_PASSIVE, &pages, nil)
    if code != SQLITE_OK && code != SQLITE_BUSY { throw failure(code, "checkpoint") }
    return Int(pages)
  }

  /// Calls back after each commit with the pages that the write-ahead log has now.
  func onCommit(_ counter: UnsafeMutablePointer<Int>) {
    sqlite3_wal_hook(
      handle,
      { context, _, _, pages in
        context?.assumingMemoryBound(to: Int.self).pointee = Int(pages)
        return SQLITE_OK
      }, counter)
  }

  fileprivate func failure(_ code: Int32, _ what: String) -> JournalError {
    if code == SQLITE_BUSY { return JournalError("the database is in use by another process") }
    return JournalError("\(what): \(String(cString: sqlite3_errmsg(handle)))")
  }
}

/// A prepared statement, used over and over.
final class Statement {
  private let handle: OpaquePointer
  private let database: Database

  fileprivate init(_ handle: OpaquePointer, database: Database) {
    self.handle = handle
    self.database = database
  }

  deinit { sqlite3_finalize(handle) }

  /// - Parameter index: from 1.
  func bind(_ index: Int32, _ value: Int64) { sqlite3_bind_int64(handle, index, value) }

  /// The bytes are not copied: they must stay where they are until `reset`.
  func bind(_ index: Int32, _ bytes: UnsafeBufferPointer<UInt8>) {
    guard let base = bytes.baseAddress, bytes.count > 0 else {
      sqlite3_bind_zeroblob(handle, index, 0)
      return
    }
    sqlite3_bind_blob64(handle, index, base, UInt64(bytes.count), nil)
  }

  /// Goes to the next row; false at the end.
  func step() throws(JournalError) -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code: throw database.failure(code, String(cString: sqlite3_sql(handle)))
    }
  }

  /// Runs a statement that has no rows.
  func run() throws(JournalError) {
    defer { reset() }
    while try step() {}
  }

  func reset() { sqlite3_reset(handle) }

  /// - Parameter column: from 0.
  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  /// Valid until the next step.
  func bytes(_ column: Int32) -> UnsafeBufferPointer<UInt8> {
    let base = sqlite3_column_blob(handle, column)?.assumingMemoryBound(to: UInt8.self)
    return UnsafeBufferPointer(start: base, count: Int(sqlite3_column_bytes(handle, column)))
  }
}
