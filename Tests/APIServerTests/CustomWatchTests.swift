import JSONCore
import Testing

/// Watches of custom resources over a real socket: they last as long as what they were asked of.
@Suite struct CustomWatchTests {
  private static let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
  private static let widgets = "/apis/example.com/v1/namespaces/default/widgets"

  private static let definition: JSON = [
    "metadata": ["name": "widgets.example.com"],
    "spec": [
      "group": "example.com", "scope": "Namespaced", "names": ["plural": "widgets", "kind": "Widget"],
      "versions": [
        [
          "name": "v1", "served": true, "storage": true,
          "schema": ["openAPIV3Schema": ["type": "object", "x-kubernetes-preserve-unknown-fields": true]],
        ]
      ],
    ],
  ]

  /// What the definition's controller does.
  private static let established: JSON = [
    "status": [
      "acceptedNames": ["plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"],
      "conditions": [
        [
          "type": "Established", "status": "True", "lastTransitionTime": "2026-01-31T09:05:00Z",
          "reason": "InitialNamesAccepted", "message": "the initial names have been accepted",
        ]
      ],
    ]
  ]

  private static func withWidgets(_ test: (TestServer) async throws -> Void) async throws {
    try await withServer { server in
      #expect(try await server.send("POST", definitions, definition).status == 201)
      let status = try await patch(server, "\(definitions)/widgets.example.com/status", established)
      #expect(status == 200)
      try await test(server)
    }
  }

  private static func patch(_ server: TestServer, _ path: String, _ patch: JSON) async throws -> Int {
    try await server.send("PATCH", path, patch, headers: ["Content-Type": "application/merge-patch+json"]).status
  }

  /// Waits until the server counts a watch as open.
  private static func opened(_ server: TestServer) async throws {
    let name = "apiserver_longrunning_requests{component=\"apiserver\",group=\"example.com\",resource=\"widgets\""
    while !(try await server.get("/metrics").text.contains(name)) { await Task.yield() }
  }

  @Test func aWatchEndsWhenItsDefinitionChanges() async throws {
    try await Self.withWidgets { server in
      async let watch = server.get("\(Self.widgets)?watch=1&timeoutSeconds=50")
      try await Self.opened(server)
      let change: JSON = ["spec": ["names": ["shortNames": ["wd"]]]]
      #expect(try await Self.patch(server, "\(Self.definitions)/widgets.example.com", change) == 200)
      #expect(try await watch.status == 200)
    }
  }

  @Test func aWatchTellsOfTheLastObjectAndEndsWithTheDefinition() async throws {
    try await Self.withWidgets { server in
      let made = try await server.send("POST", Self.widgets, ["metadata": ["name": "w"], "spec": ["a": 1]])
      #expect(made.status == 201)
      async let watch = server.get("\(Self.widgets)?watch=1&timeoutSeconds=50")
      try await Self.opened(server)
      let path = "\(Self.definitions)/widgets.example.com"
      #expect(try await server.send("DELETE", path).status == 200)
      // What its controller does.
      #expect(try await server.send("DELETE", "\(Self.widgets)/w").status == 200)
      #expect(try await Self.patch(server, path, ["metadata": ["finalizers": .null]]) == 200)
      let events = try await watch.events
      #expect(events.map { $0["type"] } == ["ADDED", "DELETED"])
    }
  }

  @Test func requestsAreCountedByTheirKind() async throws {
    try await Self.withWidgets { server in
      _ = try await server.get(Self.widgets)
      let labels = #"group="example.com",resource="widgets",scope="namespace",subresource="",verb="LIST",version="v1""#
      #expect(try await server.get("/metrics").text.contains(labels))
    }
  }
}
