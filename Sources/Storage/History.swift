import Objects
import Values

/// What memory knows of the past: every change within the limits by numbers, the latest ones with their objects.
///
/// The journal holds the states themselves; this says which entry came before which, and so which are dead.
struct History: Sendable {
  /// One change that can still be asked for; the revision is its position.
  struct Record: Sendable {
    /// The revision of the state before, 0 when there was none.
    var previous: Int64
    /// Seconds since 1970.
    var time: UInt32
    /// Of the state before, which lives in the journal for this record's sake.
    var bytes: UInt32
    var resource: UInt32
    var isDeletion: Bool
  }

  let limits: HistoryLimits
  /// The changes after this revision are known.
  private(set) var oldest: Int64 = 0
  private var records = SlidingArray<Record>()
  private var bytes = 0
  /// The last changes, those of the highest revisions.
  private var recent = SlidingArray<Change>()
  private var recentBytes = 0
  /// Revisions whose entries nobody needs any more.
  private var dead = SlidingArray<Int64>()

  init(limits: HistoryLimits) { self.limits = limits }

  /// - Parameter dead: entries found in the journal that the records do not need.
  init(limits: HistoryLimits, oldest: Int64, records: some Sequence<Record>, dead: [Int64]) {
    self.limits = limits
    self.oldest = oldest
    for record in records { append(record) }
    for revision in dead { self.dead.append(revision) }
  }

  var newest: Int64 { oldest + Int64(records.count) }
  var isEmpty: Bool { records.isEmpty }
  var hasDead: Bool { !dead.isEmpty }

  /// Changes of consecutive revisions, the next after `newest`.
  mutating func append(_ changes: [Change], now: Instant) {
    for change in changes {
      let previous = change.previous
      append(
        Record(
          previous: previous?.revision ?? 0, time: UInt32(clamping: now.seconds),
          bytes: UInt32(clamping: previous?.blob.count ?? 0), resource: UInt32(change.key.resource.index),
          isDeletion: change.kind == .deleted))
      recent.append(change)
      recentBytes += previous?.blob.count ?? 0
    }
    while recent.count > limits.recentChanges || recentBytes > limits.recentBytes, let first = recent.first {
      recentBytes -= first.previous?.blob.count ?? 0
      recent.removeFirst(1)
    }
  }

  private mutating func append(_ record: Record) {
    records.append(record)
    bytes += Int(record.bytes)
  }

  /// Forgets what is beyond the limits. The last change stays whatever its age: its entry tells the next start of the
  /// program how far revisions have come.
  mutating func expire(now: Instant) {
    let deadline = (now - limits.age).seconds
    while records.count > 1, let first = records.first,
      Int64(first.time) < deadline || bytes > limits.bytes || records.count > limits.changes
    {
      records.removeFirst(1)
      oldest += 1
      bytes -= Int(first.bytes)
      if first.previous > 0 { dead.append(first.previous) }
      if first.isDeletion { dead.append(oldest) }
    }
    let surplus = recent.count - records.count
    for position in 0..<max(0, surplus) { recentBytes -= recent[position].previous?.blob.count ?? 0 }
    if surplus > 0 { recent.removeFirst(surplus) }
  }

  /// When the oldest change will be too old; nil when there is none to forget.
  var nextExpiry: Instant? {
    records.count > 1 ? records.first.map { Instant(seconds: Int64($0.time) + 1) + limits.age } : nil
  }

  mutating func takeDead(_ limit: Int) -> [Int64] { dead.takeFirst(limit) }

  /// Puts revisions back that could not be removed, in their old place: a deletion must not go from the journal before the
  /// state that it ended, or the next start would bring that back.
  mutating func returnDead(_ revisions: [Int64]) { dead.prepend(revisions) }

  /// The changes after `start` up to `end` that memory holds with their objects, and before them those it knows only by
  /// number; both in order of revisions.
  func changes(
    after start: Int64, through end: Int64, resource: GroupResource?
  ) throws(StoreError) -> (numbered: [(revision: Int64, record: Record)], held: [Change]) {
    if start > newest { throw .future(current: newest) }
    if start < oldest { throw .compacted(oldest: oldest) }
    let end = min(end, newest)
    if start >= end { return ([], []) }
    let firstHeld = newest - Int64(recent.count) + 1
    var numbered: [(revision: Int64, record: Record)] = []
    var revision = start + 1
    while revision <= end, revision < firstHeld {
      let record = records[Int(revision - oldest - 1)]
      if resource.map({ $0.index == Int(record.resource) }) ?? true { numbered.append((revision, record)) }
      revision += 1
    }
    if revision > end { return (numbered, []) }
    let held = recent[Int(revision - firstHeld)..<Int(end - firstHeld + 1)]
    return (numbered, resource.map { wanted in held.filter { $0.key.resource == wanted } } ?? held)
  }
}
