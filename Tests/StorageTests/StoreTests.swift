import EventLoops
import JSONCore
import Objects
import Storage
import Synchronization
import Testing
import Values

@Suite struct StoreTests {
  @Test func setsTheRevision() async throws {
    let store = try Store.inMemory()
    let first = try await store.create("a", 1)
    #expect(first.revision == 1)
    #expect(first.json.at("metadata", "resourceVersion") == "1")
    #expect(store.snapshot[key("a")] === first)
    var stale = pod("a", 2)
    stale["metadata", default: [:]]["resourceVersion"] = "999"
    let second = try await store.commit(Write(key("a"), .update(stale, expected: 1)))
    #expect(second.json.at("metadata", "resourceVersion") == "2")
    let last = try await store.delete("a")
    #expect(last.revision == 3 && last.value == 2)
    #expect(last.json.at("metadata", "resourceVersion") == "3")
    #expect(last.blob == last.json.blob)
    #expect(store.snapshot[key("a")] == nil && store.snapshot.revision == 3)
  }

  @Test func judgesEachWrite() async throws {
    let store = try Store.inMemory()
    let results = await store.commit([
      Write(key("a"), .create(pod("a", 1))), Write(key("a"), .create(pod("a", 2))),
      Write(key("a"), .update(pod("a", 3), expected: 1)), Write(key("a"), .update(pod("a", 4), expected: 1)),
      Write(key("b"), .update(pod("b"), expected: 1)), Write(key("b"), .delete(expected: nil)),
      Write(key("a"), .delete(expected: 1)), Write(key("a"), .delete(expected: 2)),
      Write(key("a"), .create(pod("a", 5))),
    ])
    #expect(
      results.map(Self.outcome) == [
        "1", "exists 1", "2", "conflict 2", "missing", "missing", "conflict 2", "3", "4",
      ])
    #expect(store.snapshot[key("a")]?.value == 5)
  }

  private static func outcome(_ result: Result<Object, StoreError>) -> String {
    switch result {
    case .success(let object): "\(object.revision)"
    case .failure(.exists(let object)): "exists \(object.revision)"
    case .failure(.conflict(let object)): "conflict \(object.revision)"
    case .failure(.missing): "missing"
    case .failure(.refused(let status)): status.message
    case .failure(let error): "\(error)"
    }
  }

  @Test func standsOrFallsTogether() async throws {
    let store = try Store.inMemory()
    try await store.create("held", 1)
    await #expect(throws: StoreError.self) {
      try await store.commit(together: [
        Write(key("new"), .create(pod("new"))), Write(key("held"), .create(pod("held"))),
      ])
    }
    #expect(store.snapshot.revision == 1 && store.snapshot[key("new")] == nil)
    let made = try await store.commit(
      together: [Write(key("new"), .create(pod("new")))],
      releasing: [Write(key("gone"), .delete(expected: nil)), Write(key("held"), .delete(expected: nil))])
    #expect(made.map(\.revision) == [2])
    #expect(store.snapshot.revision == 3 && store.snapshot[key("held")] == nil)
  }

  @Test func writesNothingForEqualBytes() async throws {
    let store = try Store.inMemory()
    for index in 1...12 { try await store.create("p\(index)", index) }
    let stored = store.snapshot[key("p11")]
    let same = try await store.update("p11", 11)
    #expect(same === stored && store.snapshot.revision == 12)
    #expect(try await store.update("p11", 12).revision == 13)
  }

  @Test func checksAgainstTheNewestState() async throws {
    let store = try Store.inMemory()
    let quota: Write.Check = { snapshot throws(Status) in
      if snapshot.count(pods) >= 2 { throw Status.badRequest("too many pods") }
    }
    let results = await store.commit(
      ["a", "b", "c"].map { Write(key($0), .create(pod($0)), check: quota) })
    #expect(results.map(Self.outcome) == ["1", "2", "too many pods"])
  }

  @Test func groupsConcurrentWriters() async throws {
    let store = try Store.inMemory()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<16 {
        group.addTask {
          for index in 0..<50 { try await store.create("w\(writer)-\(index)", index) }
        }
      }
      try await group.waitForAll()
    }
    #expect(store.snapshot.revision == 800 && store.snapshot.count(pods) == 800)
  }

  @Test func waitsForARevision() async throws {
    let clock = VirtualClock(now: .epoch)
    let store = try Store.inMemory(clock: clock)
    async let arrived = store.waitFor(revision: 2, timeout: .seconds(60))
    try await store.create("a")
    try await store.create("b")
    #expect(await arrived)
    let isOver = Mutex(false)
    async let late = {
      defer { isOver.withLock { $0 = true } }
      return await store.waitFor(revision: 9, timeout: .seconds(3))
    }()
    while !isOver.withLock({ $0 }) {
      await clock.advance(by: .seconds(4))
      await Task.yield()
    }
    #expect(await !late)
  }

  @Test func refusesWhenClosed() async throws {
    let store = try Store.inMemory()
    try await store.create("a")
    await store.close()
    await #expect(throws: StoreError.self) { try await store.create("b") }
  }
}
