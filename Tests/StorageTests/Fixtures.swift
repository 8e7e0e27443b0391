import EventLoops
import Glibc
import JSONCore
import Objects
import Storage
import Values

let pods = GroupResource("", "pods")
let nodes = GroupResource("", "nodes")

func key(_ name: String, _ resource: GroupResource = pods) -> Key { Key(resource, namespace: "default", name: name) }

func pod(_ name: String, _ value: Int = 0, labels: [String: String] = [:]) -> JSON {
  [
    "apiVersion": "v1", "kind": "Pod", "spec": ["value": JSON(value)],
    "metadata": ["name": JSON(name), "namespace": "default", "uid": JSON("uid-\(name)"), "labels": JSON(labels)],
  ]
}

extension Store {
  /// A store in memory whose time stands still.
  static func inMemory(
    _ journal: MemoryJournal = MemoryJournal(), clock: VirtualClock = VirtualClock(now: .epoch),
    limits: HistoryLimits = HistoryLimits(), fieldValue: @escaping WatchFilter.FieldValue = WatchFilter.metadataField
  ) throws -> Store {
    try Store(journal: journal, clock: clock, limits: limits, fieldValue: fieldValue)
  }

  @discardableResult
  func create(_ name: String, _ value: Int = 0, labels: [String: String] = [:]) async throws -> Object {
    try await commit(Write(key(name), .create(pod(name, value, labels: labels))))
  }

  @discardableResult
  func update(_ name: String, _ value: Int, labels: [String: String] = [:]) async throws -> Object {
    let expected = snapshot[key(name)]?.revision ?? 0
    return try await commit(Write(key(name), .update(pod(name, value, labels: labels), expected: expected)))
  }

  @discardableResult
  func delete(_ name: String) async throws -> Object {
    try await commit(Write(key(name), .delete(expected: nil)))
  }
}

/// A new directory under the system's temporary one, removed when the value is let go.
final class TemporaryDirectory: Sendable {
  let path: String

  init() {
    var template = Array("/tmp/swiftlet-test-XXXXXX".utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? "/tmp"
  }

  deinit {
    for suffix in ["", "-wal", "-shm"] { unlink("\(path)/store.db\(suffix)") }
    rmdir(path)
  }

  var database: String { "\(path)/store.db" }
}

extension Object {
  /// `added web-0 7`: what a test compares.
  var value: Int { json.at("spec", "value")?.int ?? -1 }
}

extension Subscription {
  /// All events that are there now: `added a 1`.
  func drain() -> [String] {
    var result: [String] = []
    while let event = next() {
      result.append(
        event.object.map { "\(event.kind) \($0.name) \(event.revision)" } ?? "\(event.kind) \(event.revision)")
    }
    return result
  }
}
