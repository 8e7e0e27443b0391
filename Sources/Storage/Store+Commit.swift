import Objects
import Synchronization

extension Store {
  /// Makes one change.
  /// - Returns: the object as it is stored now; of a delete its last state with the revision of the delete.
  public func commit(_ write: Write) async throws(StoreError) -> Object {
    try await commit([write])[0].get()
  }

  /// Makes several changes in one transaction, each judged on its own and in this order.
  public func commit(_ writes: [Write]) async -> [Result<Object, StoreError>] { await commit(writes, together: 0) }

  /// Makes several changes in one transaction, all or none: where one is refused, nothing has happened.
  /// - Parameter releases: changes that follow in the same transaction, each judged on its own.
  /// - Returns: the objects of `writes`.
  public func commit(together writes: [Write], releasing releases: [Write] = []) async throws(StoreError) -> [Object] {
    var objects: [Object] = []
    for result in await commit(writes + releases, together: writes.count).prefix(writes.count) {
      objects.append(try result.get())
    }
    return objects
  }

  private func commit(_ writes: [Write], together: Int) async -> [Result<Object, StoreError>] {
    if writes.isEmpty { return [] }
    // The encoding costs the writer's time, not the store's.
    let prepared = writes.map(PreparedWrite.init)
    return await withUnsafeContinuation { continuation in
      enqueue(WriteQueue.Item(writes: prepared, together: together) { continuation.resume(returning: $0) })
    }
  }

  private func enqueue(_ item: WriteQueue.Item) {
    let (isAccepted, isFirst) = queue.withLock { queue in
      if queue.isClosed { return (false, false) }
      queue.items.append(item)
      defer { queue.isScheduled = true }
      return (true, !queue.isScheduled)
    }
    if !isAccepted { return item.finish(item.writes.map { _ in .failure(.failed("the store is closed")) }) }
    if isFirst { loop.run { [self] in drain() } }
  }

  /// Commits what has queued up. There is no lingering: while one batch is written, the next one gathers.
  private func drain() {
    commitBatch()
    let isMore = queue.withLock { queue in
      queue.isScheduled = !queue.items.isEmpty
      return queue.isScheduled
    }
    if isMore {
      loop.run { [self] in drain() }
    } else {
      scheduleHousekeeping()
    }
  }

  func drainAll() { while commitBatch() {} }

  /// - Returns: whether there was anything to commit.
  @discardableResult
  private func commitBatch() -> Bool {
    let items = queue.withLock { $0.takeBatch() }
    if items.isEmpty { return false }
    var batch = WriteBatch(snapshot: snapshot, now: clock.now)
    var results = items.map { batch.judge($0) }
    if !batch.changes.isEmpty {
      do throws(JournalError) {
        try makeDurable(batch)
        publish(&batch)
      } catch {
        // What was judged saw changes of the batch that never came to be.
        results = items.map { item in item.writes.map { _ in .failure(.failed(error.message)) } }
      }
    }
    for (item, result) in zip(items, results) { item.finish(result) }
    return true
  }

  private func makeDurable(_ batch: WriteBatch) throws(JournalError) {
    // Twice as many go as come, so the dead cannot pile up, and no commit has to carry many.
    let dead = past.history.withLock { $0.takeDead(batch.changes.count * 2 + Self.trimmedPerCommit) }
    do throws(JournalError) {
      try journal.append(batch.entries, removing: dead)
    } catch {
      past.history.withLock { $0.returnDead(dead) }
      throw error
    }
  }

  private func publish(_ batch: inout WriteBatch) {
    let now = clock.now
    let next = batch.state()
    past.history.withLock { history in
      history.append(batch.changes, now: now)
      history.expire(now: now)
    }
    publish(next)
    feed.publish(Batch(changes: batch.changes, snapshot: next))
    resumeWaiters(next.revision)
  }

  /// Dead entries that ride along with any commit.
  private static let trimmedPerCommit = 16
}

/// Writes that wait for the store's loop.
struct WriteQueue: Sendable {
  /// The writes of one caller.
  struct Item: Sendable {
    let writes: [PreparedWrite]
    /// So many of the first stand or fall together.
    let together: Int
    let finish: @Sendable ([Result<Object, StoreError>]) -> Void
  }

  /// The most writes in a transaction (but for a caller's own batch, which stays together): bounds what a writer waits.
  static let batchLimit = 1024

  var items: [Item] = []
  /// Whether the loop will look at the queue.
  var isScheduled = false
  /// Whether the timer of the housekeeping runs.
  var isHousekeepingDue = false
  var isClosed = false

  mutating func takeBatch() -> [Item] {
    var count = 0
    let end = items.firstIndex { item in
      count += item.writes.count
      return count > Self.batchLimit
    }
    let batch = Array(items[..<max(end ?? items.count, min(1, items.count))])
    items.removeFirst(batch.count)
    return batch
  }
}

/// A write whose object is encoded.
struct PreparedWrite: Sendable {
  let key: Key
  let operation: Write.Operation
  let draft: Draft?
  let check: Write.Check?
  let checked: Set<GroupResource>?

  init(_ write: Write) {
    key = write.key
    check = write.check
    checked = write.checked
    switch write.operation {
    case .create(let json):
      draft = Draft(key: write.key, json: json)
      operation = .create(.null)
    case .update(let json, let expected):
      draft = Draft(key: write.key, json: json)
      operation = .update(.null, expected: expected)
    case .overwrite(let overwritten, _):
      draft = overwritten
      operation = write.operation
    case .delete:
      draft = nil
      operation = write.operation
    }
  }
}
