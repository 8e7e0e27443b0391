import EventLoops
import JSONCore
import Objects
import Storage
import Values

let resource = GroupResource("", "configmaps")

/// What the child does: eight writers, each with objects of its own, and two watches that check the order of things.
struct Writers {
  static let count = 8
  private static let objectsPerWriter = 12

  private let store: Store

  init(path: String) throws {
    store = try Store.open(path)
  }

  /// Returns only when something is wrong.
  func run() async throws {
    say("opened \(store.snapshot.revision)")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<Self.count { group.addTask { try await write(writer) } }
      for _ in 0..<2 { group.addTask { try await watch() } }
      try await group.waitForAll()
    }
  }

  private func write(_ writer: Int) async throws {
    var number = 0
    while true {
      number += 1
      let name = "w\(writer)-\(Int.random(in: 0..<Self.objectsPerWriter))"
      let key = Key(resource, namespace: "default", name: name)
      let token = "\(store.snapshot.revision)-\(writer)-\(number)"
      let stored = store.snapshot[key]
      if let stored, Int.random(in: 0..<5) == 0 {
        let object = try await store.commit(Write(key, .delete(expected: stored.revision)))
        say("ack \(name) \(object.revision) -")
      } else {
        let json = Self.json(name, token)
        let object = try await store.commit(
          Write(key, stored.map { .update(json, expected: $0.revision) } ?? .create(json)))
        say("ack \(name) \(object.revision) \(token)")
      }
    }
  }

  private static func json(_ name: String, _ token: String) -> JSON {
    let padding = String(repeating: "x", count: Int.random(in: 0..<6000))
    return [
      "apiVersion": "v1", "kind": "ConfigMap", "data": ["token": JSON(token), "padding": JSON(padding)],
      "metadata": ["name": JSON(name), "namespace": "default", "uid": JSON(token)],
    ]
  }

  private func watch() async throws {
    while true {
      let start = max(store.oldestRevision, store.snapshot.revision - Int64.random(in: 0..<200))
      let watch: Subscription
      do throws(StoreError) {
        watch = try store.feed.subscribe(WatchFilter(resource), after: start)
      } catch {
        guard case .compacted = error else { throw error }
        continue
      }
      var last = start
      while last < start + 400 {
        guard let event = watch.next() else {
          if watch.phase == .overflowed { break }
          _ = await store.waitFor(revision: last + 1, timeout: .seconds(5))
          continue
        }
        if event.revision != last + 1 { throw Finding("watch: \(event.revision) after \(last)") }
        last = event.revision
      }
      watch.cancel()
    }
  }
}

extension Store {
  /// With a short history, so that trimming is at work when the process is killed.
  static func open(_ path: String) throws -> Store {
    var limits = HistoryLimits()
    limits.changes = 3000
    limits.recentChanges = 100
    return try Store(journal: try SQLiteJournal(path: path), clock: SystemClock(), limits: limits)
  }
}
