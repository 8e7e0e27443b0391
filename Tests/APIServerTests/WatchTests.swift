import JSONCore
import Testing

@Suite struct WatchTests {
  private let path = "/api/v1/namespaces/default/configmaps"

  @Test func tellsWhatHappened() async throws {
    try await withServer { server in
      let start = try #require(try await server.makeConfigMap("a").json.at("metadata", "resourceVersion")?.string)
      try await server.makeConfigMap("b")
      _ = try await server.send("DELETE", "\(path)/a")
      let events = try await server.get("\(path)?watch=1&timeoutSeconds=1&resourceVersion=\(start)").events
      #expect(events.map { $0["type"] } == ["ADDED", "DELETED"])
      #expect(events.map { $0.at("object", "metadata", "name") } == ["b", "a"])
      #expect(events.allSatisfy { $0.at("object", "kind") == "ConfigMap" })
    }
  }

  @Test func sendsWhatIsThereAndSaysWhenItIsAll() async throws {
    try await withServer { server in
      try await server.makeConfigMap("a")
      let query =
        "watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
      let events = try await server.get("\(path)?\(query)").events
      #expect(events.prefix(2).map { $0["type"] } == ["ADDED", "BOOKMARK"])
      #expect(events[1].at("object", "metadata", "annotations", "k8s.io/initial-events-end") == "true")
      #expect(events[1].at("object", "kind") == "ConfigMap")
    }
  }

  @Test func eventsAreCountedWithTheirSizes() async throws {
    try await withServer { server in
      let start = try #require(try await server.makeConfigMap("a").json.at("metadata", "resourceVersion")?.string)
      try await server.makeConfigMap("b")
      let events = try await server.get("\(path)?watch=1&timeoutSeconds=1&resourceVersion=\(start)").events
      let lines = try await server.get("/metrics").text.split(separator: "\n")
      func value(_ name: String) -> Substring? {
        let labels = #"{group="",resource="configmaps",version="v1"} "#
        return lines.first { $0.hasPrefix(name + labels) }?.split(separator: " ").last
      }
      #expect(value("apiserver_watch_events_total") == "\(events.count)")
      #expect(value("apiserver_watch_events_sizes_count") == "\(events.count)")
      #expect((value("apiserver_watch_events_sizes_sum").flatMap { Double($0) } ?? 0) > 100)
    }
  }

  @Test func goesOnWhileItIsOpen() async throws {
    try await withServer { server in
      async let watch = server.get("\(path)?watch=1&timeoutSeconds=2&fieldSelector=metadata.name%3Dlive")
      try await server.makeConfigMap("other")
      try await server.makeConfigMap("live")
      let events = try await watch.events
      #expect(events.map { $0.at("object", "metadata", "name") } == ["live"])
    }
  }

  @Test func showsTablesAndMetadataOnly() async throws {
    try await withServer { server in
      try await server.makeConfigMap("a")
      try await server.makeConfigMap("b")
      let accept = ["Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"]
      let tables = try await server.get("\(path)?watch=1&timeoutSeconds=1", headers: accept).events
      #expect(tables.map { $0.at("object", "kind") } == ["Table", "Table"])
      #expect(tables[0].at("object", "columnDefinitions")?.array?.count == 3)
      #expect(tables[1].at("object", "columnDefinitions") == .null)
      let partial = ["Accept": "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"]
      let events = try await server.get("\(path)?watch=1&timeoutSeconds=1", headers: partial).events
      #expect(
        events.allSatisfy { $0.at("object", "kind") == "PartialObjectMetadata" && $0.at("object", "data") == nil })
    }
  }

  @Test func refusesWhatCannotBe() async throws {
    try await withServer { server in
      for (query, status) in [("resourceVersion=abc", 500), ("timeoutSeconds=x", 400), ("sendInitialEvents=true", 422)]
      {
        let reply = try await server.get("\(path)?watch=1&\(query)")
        #expect(reply.status == status)
      }
    }
  }
}
