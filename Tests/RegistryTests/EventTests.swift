import JSONCore
import Objects
import Testing

@testable import Registry

@Suite struct EventTests {
  @Test func bothGroupsShowTheSameEvents() async throws {
    let test = try await TestCluster()
    let kind = try #require(test.cluster.catalog.kind(group: "events.k8s.io", version: "v1", kind: "Event"))
    _ = try await test.cluster.create(
      kind, namespace: "default",
      [
        "metadata": ["name": "e"], "regarding": ["kind": "Pod", "name": "p", "namespace": "default"], "note": "hello",
        "reason": "Said", "type": "Normal", "reportingController": "x.io/c", "reportingInstance": "i", "action": "Say",
        "eventTime": "2026-01-31T09:05:00.000000Z",
      ], test.options)
    let core = try test.get("events", "default", "e")
    #expect(core["message"] == "hello")
    #expect(core.at("involvedObject", "name") == "p")
    #expect(core["apiVersion"] == "v1")
    let shown = try test.cluster.get(kind, namespace: "default", name: "e").json
    #expect(shown["note"] == "hello")
    #expect(shown["apiVersion"] == "events.k8s.io/v1")
  }
}
