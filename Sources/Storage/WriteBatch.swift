import Objects
import Values

/// Writes on their way into one transaction: each is judged against the state that those before it leave behind.
struct WriteBatch {
  private let base: Snapshot
  private(set) var changes: [Change] = []
  private(set) var entries: [JournalEntry] = []
  /// The keys touched so far; nil for a deleted one.
  private var touched: [Key: Object?] = [:]
  private var revision: Int64
  private let time: Int64
  /// The state after the first `applied` changes; brought up to date only when somebody wants to see it.
  private var latest: Snapshot
  private var applied = 0
  private var touchedResources: Set<GroupResource> = []

  /// - Parameter now: when all of it happens.
  init(snapshot: Snapshot, now: Instant) {
    time = max(0, now.seconds)
    base = snapshot
    latest = snapshot
    revision = snapshot.revision
  }

  /// The state after all changes so far.
  mutating func state() -> Snapshot {
    if applied < changes.count {
      latest = latest.applying(Array(changes[applied...]))
      applied = changes.count
    }
    return latest
  }

  mutating func judge(_ item: WriteQueue.Item) -> [Result<Object, StoreError>] {
    if item.together <= 1 { return judgeAfterFirst(item) }
    let before = self
    var results: [Result<Object, StoreError>] = []
    for (index, write) in item.writes.enumerated() {
      let result = judge(write)
      if index < item.together, case .failure(let error) = result {
        self = before
        return item.writes.map { _ in .failure(error) }
      }
      results.append(result)
    }
    return results
  }

  /// A first write that is refused has changed nothing that would have to be taken back.
  private mutating func judgeAfterFirst(_ item: WriteQueue.Item) -> [Result<Object, StoreError>] {
    guard item.together == 1, let first = item.writes.first else { return item.writes.map { judge($0) } }
    let result = judge(first)
    if case .failure(let error) = result { return item.writes.map { _ in .failure(error) } }
    return [result] + item.writes.dropFirst().map { judge($0) }
  }

  private mutating func judge(_ write: PreparedWrite) -> Result<Object, StoreError> {
    do throws(StoreError) { return .success(try perform(write)) } catch { return .failure(error) }
  }

  private mutating func perform(_ write: PreparedWrite) throws(StoreError) -> Object {
    let stored = touched[write.key] ?? base[write.key]
    switch write.operation {
    case .create: if let stored { throw .exists(stored) }
    case .update(_, let expected), .overwrite(_, let expected): try match(stored, expected)
    case .delete(let expected): try match(stored, expected)
    }
    if let stored, write.draft?.isSame(as: stored) ?? false { return stored }
    if let check = write.check { try run(check, concerning: write.checked) }
    return record(write, stored)
  }

  private func match(_ stored: Object?, _ expected: Int64?) throws(StoreError) {
    guard let stored else { throw .missing }
    if let expected, stored.revision != expected { throw .conflict(stored) }
  }

  private mutating func run(_ check: Write.Check, concerning resources: Set<GroupResource>?) throws(StoreError) {
    // Most checks look at objects that no write of the batch has touched, and need no new state.
    let isConcerned = resources.map { !touchedResources.isDisjoint(with: $0) } ?? true
    do throws(Status) { try check(isConcerned ? state() : base) } catch { throw .refused(error) }
  }

  private mutating func record(_ write: PreparedWrite, _ stored: Object?) -> Object {
    revision += 1
    let kind: Change.Kind = write.draft == nil ? .deleted : stored == nil ? .added : .modified
    // A delete passed `match`, so there is a stored object to take the last state from.
    guard let draft = write.draft ?? stored.map(Draft.init(of:)) else { preconditionFailure("a delete of nothing") }
    let object = draft.object(revision: revision)
    changes.append(Change(kind, object, previous: stored))
    entries.append(
      JournalEntry(
        revision: revision, kind: kind, key: write.key, blob: kind == .deleted ? .empty : object.blob,
        time: time))
    touchedResources.insert(write.key.resource)
    touched[write.key] = .some(kind == .deleted ? nil : object)
    return object
  }
}
