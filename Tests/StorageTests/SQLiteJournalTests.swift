import EventLoops
import Objects
import Storage
import Testing
import Values

@Suite struct SQLiteJournalTests {
  @Test func comesBackAfterARestart() async throws {
    let directory = TemporaryDirectory()
    let clock = VirtualClock(now: .epoch)
    let store = try Store(journal: try SQLiteJournal(path: directory.database), clock: clock)
    for index in 0..<50 { try await store.create("p\(index)", index, labels: ["app": "x"]) }
    for index in 0..<50 where index % 3 == 0 { try await store.update("p\(index)", 100 + index) }
    try await store.delete("p1")
    let before = store.snapshot
    await store.close()
    let again = try Store(journal: try SQLiteJournal(path: directory.database), clock: clock)
    #expect(again.snapshot.revision == before.revision)
    #expect(again.snapshot.objects(pods).map(\.blob) == before.objects(pods).map(\.blob))
    #expect(try again.snapshot(at: 50).count(pods) == 50)
    #expect(try await again.create("new").revision == before.revision + 1)
    await again.close()
  }

  @Test func refusesASecondOwner() async throws {
    let directory = TemporaryDirectory()
    let journal = try SQLiteJournal(path: directory.database)
    #expect(
      throws: JournalError("cannot open \(directory.database): the database is in use by another process")
    ) {
      try SQLiteJournal(path: directory.database)
    }
    journal.close()
    _ = try SQLiteJournal(path: directory.database)
  }

  @Test func keepsOddNames() async throws {
    let directory = TemporaryDirectory()
    let clock = VirtualClock(now: .epoch)
    let store = try Store(journal: try SQLiteJournal(path: directory.database), clock: clock)
    try await store.create("a\u{0}b")
    await store.close()
    let again = try Store(journal: try SQLiteJournal(path: directory.database), clock: clock)
    #expect(again.snapshot[key("a\u{0}b")]?.name == "a\u{0}b")
    await again.close()
  }

  @Test func saysWhatIsWrongWithThePath() {
    #expect(throws: JournalError.self) { try SQLiteJournal(path: "/nowhere/store.db") }
  }

  @Test func removesTheDead() throws {
    let directory = TemporaryDirectory()
    let journal = try SQLiteJournal(path: directory.database)
    let entries = (1...9).map {
      JournalEntry(revision: Int64($0), kind: .added, key: key("p\($0)"), blob: Blob("{}"))
    }
    try journal.append(entries, removing: [])
    try journal.append([], removing: [2, 4, 77])
    var kept: [Int64] = []
    try journal.load { kept.append($0.revision) }
    #expect(kept == [1, 3, 5, 6, 7, 8, 9])
    #expect(try journal.entry(2) == nil)
    #expect(try journal.entry(3)?.key == key("p3"))
    try journal.tidy()
    // A batch that fails leaves nothing behind.
    #expect(throws: JournalError.self) {
      try journal.append(
        [entries[1], JournalEntry(revision: 9, kind: .added, key: key("x"), blob: Blob("{}"))], removing: [1])
    }
    #expect(try journal.entry(2) == nil && journal.entry(1) != nil)
  }
}
