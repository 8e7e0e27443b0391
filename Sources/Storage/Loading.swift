import Objects
import Values

/// The journal, read once at the start: the live objects, and which of the past is complete.
struct Loading {
  private struct Latest {
    var revision: Int64
    var blob: Blob?
  }

  private var latest: [Key: Latest] = [:]
  private var records: [(revision: Int64, record: History.Record)] = []
  private var oldest: Int64 = 0
  private var revision: Int64 = 0
  private let now: Instant

  /// - Parameter now: the age of what has no time counts from here.
  static func load(_ journal: any Journal, now: Instant) throws(JournalError) -> Loading {
    var loading = Loading(now: now)
    try journal.load { loading.add($0) }
    return loading
  }

  private init(now: Instant) { self.now = now }

  private mutating func add(_ entry: JournalEntry) {
    let previous = latest[entry.key]
    let isDeletion = entry.kind == .deleted
    let time = entry.time == 0 ? now.seconds : min(entry.time, now.seconds)
    latest[entry.key] = Latest(revision: entry.revision, blob: isDeletion ? nil : entry.blob)
    records.append(
      (
        entry.revision,
        History.Record(
          previous: previous?.blob == nil ? 0 : previous?.revision ?? 0, time: UInt32(clamping: time),
          bytes: UInt32(clamping: previous?.blob?.count ?? 0), resource: UInt32(entry.key.resource.index),
          isDeletion: isDeletion)
      ))
    // History is whole from behind the last entry that is missing, or whose state before is.
    if entry.revision != revision + 1 { oldest = entry.revision - 1 }
    if entry.kind != .added && previous == nil { oldest = entry.revision }
    revision = entry.revision
  }

  var snapshot: Snapshot {
    let objects = latest.compactMap { key, latest in
      latest.blob.map { Object(key: key, revision: latest.revision, blob: $0) }
    }
    return Snapshot(revision: revision, objects: objects)
  }

  func history(limits: HistoryLimits) -> History {
    var dead: [Int64] = []
    for (revision, record) in records where revision <= oldest {
      if record.previous > 0 { dead.append(record.previous) }
      // The last entry stays, for the revision's sake.
      if record.isDeletion && revision != self.revision { dead.append(revision) }
    }
    return History(
      limits: limits, oldest: oldest, records: records.lazy.filter { $0.revision > oldest }.map(\.record), dead: dead)
  }
}
