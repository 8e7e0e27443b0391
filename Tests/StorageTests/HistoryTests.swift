import EventLoops
import Objects
import Storage
import Testing
import Values

@Suite struct HistoryTests {
  /// Small windows in memory, so that the journal is read for what is older.
  static func limits(recent: Int = 3, changes: Int = 1000, bytes: Int = 1 << 20) -> HistoryLimits {
    var limits = HistoryLimits()
    limits.recentChanges = recent
    limits.changes = changes
    limits.bytes = bytes
    return limits
  }

  @Test func travelsInTime() async throws {
    let store = try Store.inMemory(limits: Self.limits())
    var past: [Snapshot] = [store.snapshot]
    for index in 0..<40 {
      let name = "p\(index % 5)"
      switch store.snapshot[key(name)] {
      case nil: try await store.create(name, index)
      case _? where index % 7 == 0: try await store.delete(name)
      default: try await store.update(name, index)
      }
      past.append(store.snapshot)
    }
    for expected in past.shuffled() {
      let actual = try store.snapshot(at: expected.revision)
      #expect(actual.revision == expected.revision)
      #expect(actual.objects(pods).map(\.blob) == expected.objects(pods).map(\.blob))
      let changes = try store.changes(since: expected.revision)
      #expect(expected.applying(changes).objects(pods).map(\.blob) == store.snapshot.objects(pods).map(\.blob))
      #expect(changes.map(\.revision) == Array(expected.revision..<store.snapshot.revision).map { $0 + 1 })
    }
    #expect(throws: StoreError.self) { try store.snapshot(at: 1000) }
    #expect(try store.changes(since: 0, resource: nodes).isEmpty)
  }

  @Test func forgetsWhatIsTooMuch() async throws {
    let journal = MemoryJournal()
    let store = try Store.inMemory(journal, limits: Self.limits(changes: 10))
    try await store.create("a", 0)
    for index in 1..<100 { try await store.update("a", index) }
    #expect(store.oldestRevision == 90)
    #expect(throws: StoreError.self) { try store.changes(since: 89) }
    #expect(try store.changes(since: 90).count == 10)
    var kept = 0
    journal.load { _ in kept += 1 }
    #expect(kept <= 12)
  }

  @Test func forgetsWhatIsTooOld() async throws {
    let clock = VirtualClock(now: Instant(seconds: 1_000_000))
    let journal = MemoryJournal()
    let store = try Store.inMemory(journal, clock: clock)
    try await store.create("a", 0)
    try await store.create("b", 0)
    for index in 1..<50 { try await store.update("a", index) }
    try await store.delete("a")
    await clock.advance(by: .seconds(299))
    #expect(store.oldestRevision == 0)
    await clock.advance(by: .seconds(10))
    #expect(store.oldestRevision == 51)
    var kept: [Int64] = []
    journal.load { kept.append($0.revision) }
    #expect(kept == [2, 51, 52])
    // The revision goes on from where it was, though the last change was a delete.
    let again = try Store.inMemory(journal, clock: clock)
    #expect(again.snapshot.revision == 52 && again.snapshot.count(pods) == 1)
  }

  @Test func aRestartMakesNothingYoung() async throws {
    let clock = VirtualClock(now: Instant(seconds: 1_000_000))
    let directory = TemporaryDirectory()
    let path = directory.database
    let journal = try SQLiteJournal(path: path)
    let store = try Store(journal: journal, clock: clock)
    for index in 0..<20 { try await store.create("p\(index)", index) }
    await clock.advance(by: .seconds(200))
    try await store.create("late", 0)
    await store.close()
    let again = try Store(journal: try SQLiteJournal(path: path), clock: clock)
    #expect(again.oldestRevision == 0)
    await clock.advance(by: .seconds(105))
    #expect(again.oldestRevision == 20)
    await again.close()
  }

  @Test func knowsItsPastAfterARestart() async throws {
    let journal = MemoryJournal()
    let store = try Store.inMemory(journal, limits: Self.limits(changes: 20))
    for index in 0..<10 { try await store.create("p\(index)", index) }
    for index in 0..<30 { try await store.update("p\(index % 10)", 100 + index) }
    try await store.delete("p3")
    let middle = try store.snapshot(at: 35)
    let again = try Store.inMemory(journal, limits: Self.limits(changes: 20))
    #expect(again.snapshot.revision == 41)
    #expect(again.oldestRevision <= 35)
    #expect(try again.snapshot(at: 35).objects(pods).map(\.blob) == middle.objects(pods).map(\.blob))
    #expect(try again.changes(since: 40).map(\.kind) == [.deleted])
  }
}
