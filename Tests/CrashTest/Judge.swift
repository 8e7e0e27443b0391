import Objects
import Storage

/// What the parent knows, from the acknowledgements alone, and how it holds the store to it.
struct Judge {
  /// The last acknowledged state of an object.
  private struct Acknowledged {
    var revision: Int64
    /// nil after a delete.
    var token: String?
  }

  private let path: String
  private var known: [String: Acknowledged] = [:]
  /// The tokens of all writes acknowledged since the last check, by revision.
  private var fresh: [Int64: Acknowledged] = [:]
  private(set) var acknowledged = 0
  /// The highest revision ever seen.
  private(set) var revision: Int64 = 0
  /// Where the watch that resumes in every round has come to.
  private var watched: Int64 = 0

  init(path: String) { self.path = path }

  mutating func round(_ number: Int) async throws {
    let child = try Child(arguments: ["--writer", path])
    var output: [UInt8] = []
    // Now and then before it has even opened the store.
    var patience = Int32.random(in: 0..<8) == 0 ? 0 : 10_000
    while let bytes = child.read(milliseconds: Int32(patience)) {
      if bytes.isEmpty { break }
      output += bytes
      if patience == 10_000 { patience = Int.random(in: 1..<300) }
      patience -= 1
      if patience <= 0 { break }
    }
    child.kill()
    output += child.finish()
    try note(output, number)
    // Sometimes it is killed twice in a row, and the second writer finds the log of the first.
    if Int.random(in: 0..<3) > 0 { try await check() }
  }

  private mutating func note(_ output: [UInt8], _ number: Int) throws {
    for line in output.split(separator: 10) {
      let words = String(decoding: line, as: UTF8.self).split(separator: " ").map(String.init)
      switch words.first {
      case "opened": try advance(words.count > 1 ? Int64(words[1]) : nil)
      case "ack" where words.count == 4:
        guard let revision = Int64(words[2]) else { throw Finding("round \(number): \(words)") }
        let state = Acknowledged(revision: revision, token: words[3] == "-" ? nil : words[3])
        if fresh.updateValue(state, forKey: revision) != nil { throw Finding("revision \(revision) was given twice") }
        if revision <= known[words[1]]?.revision ?? 0 { throw Finding("\(words[1]) went back to \(revision)") }
        known[words[1]] = state
        acknowledged += 1
      default: throw Finding("round \(number): \(words.joined(separator: " "))")
      }
    }
    revision = max(revision, fresh.keys.max() ?? 0)
  }

  private mutating func advance(_ opened: Int64?) throws {
    guard let opened else { throw Finding("no revision") }
    if opened < revision { throw Finding("the revision went back from \(revision) to \(opened)") }
    revision = opened
  }

  private mutating func check() async throws {
    let store = try Store.open(path)
    let snapshot = store.snapshot
    try advance(snapshot.revision)
    var deletions: [String: Int64] = [:]
    for change in try store.changes(since: store.oldestRevision) where change.kind == .deleted {
      deletions[change.object.name] = change.revision
    }
    for (name, state) in known {
      let object = snapshot[Key(resource, namespace: "default", name: name)]
      // A write that was not acknowledged any more may have come after the acknowledged one.
      if max(object?.revision ?? 0, deletions[name] ?? 0) > state.revision { continue }
      if object?.token != state.token {
        throw Finding("\(name): \(state.token ?? "deleted") was acknowledged, \(object?.token ?? "nothing") is there")
      }
    }
    try checkHistory(store)
    await store.close()
  }

  private mutating func checkHistory(_ store: Store) throws {
    var last = max(watched, store.oldestRevision)
    let watch = try store.feed.subscribe(WatchFilter(resource), after: last)
    while let event = watch.next() {
      if event.revision != last + 1 { throw Finding("watch: \(event.revision) after \(last)") }
      last = event.revision
      guard let state = fresh[last], let object = event.object else { continue }
      let isDeleted = event.kind == .deleted
      if isDeleted != (state.token == nil) || (!isDeleted && object.token != state.token) {
        throw Finding("revision \(last): the watch tells of another change than was acknowledged")
      }
    }
    if last != revision { throw Finding("the watch ends at \(last), not at \(revision)") }
    let past = try store.snapshot(at: max(store.oldestRevision, watched))
    let replayed = past.applying(try store.changes(since: past.revision))
    let agrees = replayed.objects(resource).elementsEqual(store.snapshot.objects(resource)) { $0.blob == $1.blob }
    if !agrees { throw Finding("the past and what has happened since do not make the present") }
    watched = last
    fresh = [:]
  }
}

extension Object {
  fileprivate var token: String? { json.at("data", "token")?.string }
}
