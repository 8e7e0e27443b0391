import EventLoops
import JSONCore
import Objects
import Storage
import Synchronization
import Testing
import Values

@Suite struct FeedTests {
  @Test func replaysThenGoesLive() async throws {
    let store = try Store.inMemory()
    try await store.create("a")
    try await store.update("a", 1)
    let watch = try store.feed.subscribe(WatchFilter(pods), after: 1)
    #expect(watch.drain() == ["modified a 2"])
    try await store.delete("a")
    try await store.create("b")
    #expect(watch.revision == 2)
    #expect(watch.drain() == ["deleted a 3", "added b 4"])
    #expect(watch.revision == 4)
    watch.cancel()
    try await store.create("c")
    #expect(watch.drain().isEmpty && watch.phase == .closed)
  }

  @Test func startsWithTheState() async throws {
    let store = try Store.inMemory()
    for name in ["b", "a", "c"] { try await store.create(name, labels: ["app": name == "c" ? "y" : "x"]) }
    let filter = WatchFilter(pods, namespace: "default", labels: LabelSelector(labels: ["app": "x"]))
    let watch = store.feed.subscribe(filter, announcesEnd: true)
    try await store.create("d", labels: ["app": "x"])
    #expect(watch.drain() == ["added a 2", "added b 1", "initialEventsEnd 3", "added d 4"])
    let one = store.feed.subscribe(WatchFilter(pods, namespace: "default", name: "c"), announcesEnd: false)
    #expect(one.drain() == ["added c 3"])
    let none = store.feed.subscribe(WatchFilter(pods, namespace: "other", name: "c"), announcesEnd: false)
    #expect(none.drain().isEmpty)
  }

  @Test func neverGoesBack() async throws {
    let store = try Store.inMemory()
    for name in ["a", "b"] { try await store.create(name) }
    let watch = store.feed.subscribe(WatchFilter(pods, namespace: "default", name: "a"), announcesEnd: false)
    #expect(watch.drain() == ["added a 1"])
    #expect(watch.revision == 2)
    try await store.update("a", 1)
    #expect(watch.revision == 2)
    #expect(watch.drain() == ["modified a 3"])
    #expect(watch.revision == 3)
  }

  @Test func translatesForSelectors() async throws {
    let store = try Store.inMemory(fieldValue: { object, field in
      field == "spec.value" ? object.json.at("spec", "value")?.int.map { "\($0)" } : nil
    })
    let labelled = store.feed.subscribe(
      WatchFilter(pods, labels: LabelSelector(labels: ["app": "x"])), announcesEnd: false)
    let fielded = store.feed.subscribe(
      WatchFilter(pods, fields: try FieldSelector(parsing: "spec.value=1")), announcesEnd: false)
    try await store.create("a", 0, labels: ["app": "x"])
    try await store.update("a", 1, labels: ["app": "x"])
    try await store.update("a", 2, labels: ["app": "y"])
    try await store.update("a", 1, labels: ["app": "x"])
    try await store.delete("a")
    var values: [Int] = []
    var seen: [String] = []
    while let event = labelled.next() {
      seen.append("\(event.kind) \(event.revision)")
      values.append(event.object?.value ?? -1)
    }
    #expect(seen == ["added 1", "modified 2", "deleted 3", "added 4", "deleted 5"])
    #expect(values == [0, 1, 1, 1, 1])
    #expect(fielded.drain() == ["added a 2", "deleted a 3", "added a 4", "deleted a 5"])
  }

  @Test func wakesOncePerStretch() async throws {
    let store = try Store.inMemory()
    let watch = store.feed.subscribe(WatchFilter(pods), announcesEnd: false)
    let wakes = Mutex(0)
    #expect(watch.next() == nil)
    watch.start { wakes.withLock { $0 += 1 } }
    for index in 0..<5 { try await store.create("p\(index)") }
    #expect(wakes.withLock { $0 } == 1)
    #expect(watch.drain().count == 5)
    try await store.create("x")
    #expect(wakes.withLock { $0 } == 2)
  }

  @Test func endsAWatchThatIsTooSlow() async throws {
    let store = try Store.inMemory()
    let slow = store.feed.subscribe(WatchFilter(pods), announcesEnd: false)
    let quick = store.feed.subscribe(WatchFilter(pods), announcesEnd: false)
    let ended = Mutex(0)
    slow.start { ended.withLock { $0 += 1 } }
    for round in 0..<3 {
      _ = await store.commit((0..<500).map { Write(key("p\(round)-\($0)"), .create(pod("p"))) })
      #expect(quick.drain().count == 500)
    }
    #expect(slow.phase == .overflowed && slow.next() == nil && quick.phase == .live)
    #expect(ended.withLock { $0 } >= 1)
  }

  @Test func refusesOtherTimes() async throws {
    var limits = HistoryLimits()
    limits.changes = 2
    let store = try Store.inMemory(limits: limits)
    for index in 0..<5 { try await store.create("p\(index)") }
    #expect(throws: StoreError.self) { try store.feed.subscribe(WatchFilter(pods), after: 1) }
    #expect(throws: StoreError.self) { try store.feed.subscribe(WatchFilter(pods), after: 6) }
    #expect(try store.feed.subscribe(WatchFilter(pods), after: 3).drain() == ["added p3 4", "added p4 5"])
  }

  /// Watches that begin at any moment, while writers write, see every change after their start once and in order.
  @Test func leavesNoGap() async throws {
    var limits = HistoryLimits()
    limits.recentChanges = 20
    let store = try Store.inMemory(limits: limits)
    let observed = Mutex<[Int64]>([])
    let observation = store.feed.observe { batch in
      observed.withLock { $0 += batch.changes.map(\.revision) }
    }
    let total: Int64 = 600
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<6 {
        group.addTask { for index in 0..<100 { try await store.create("w\(writer)-\(index)") } }
      }
      for _ in 0..<12 {
        group.addTask {
          let start = max(0, store.snapshot.revision - 50)
          let watch = try store.feed.subscribe(WatchFilter(pods), after: start)
          var expected = start + 1
          while expected <= total {
            guard let event = watch.next() else {
              _ = await store.waitFor(revision: expected, timeout: .seconds(30))
              continue
            }
            #expect(event.revision == expected)
            expected = event.revision + 1
          }
          watch.cancel()
        }
      }
      try await group.waitForAll()
    }
    #expect(observed.withLock { $0 } == Array(1...total))
    observation.cancel()
  }
}
