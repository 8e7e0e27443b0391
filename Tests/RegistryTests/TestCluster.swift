import EventLoops
import JSONCore
import Objects
import Schemas
import Storage
import Values

@testable import Registry

/// A cluster in memory, at a fixed moment, with repeatable names.
struct TestCluster {
  let cluster: Cluster
  let clock = VirtualClock(now: Instant(rfc3339: "2026-01-31T09:05:00Z")!)

  init(bootstraps: Bool = false, webhooks: (any WebhookCaller)? = nil) async throws {
    let store = try Store(journal: MemoryJournal(), clock: clock, fieldValue: Cluster.fieldValue)
    var configuration = ClusterConfiguration()
    configuration.seed = 42
    configuration.webhooks = webhooks
    cluster = Cluster(catalog: .builtIn, store: store, clock: clock, configuration: configuration)
    if bootstraps {
      try await cluster.bootstrap()
    } else {
      _ = try await create("namespaces", "", ["metadata": ["name": "default"]])
    }
  }

  func kind(_ resource: String) -> Kind {
    let parts = resource.split(separator: ".", maxSplits: 1).map(String.init)
    return cluster.storedKind(GroupResource(parts.count > 1 ? parts[1] : "", parts[0]))
  }

  var options: WriteOptions { WriteOptions(caller: .system("test"), fieldManager: "test") }
  var deletion: DeleteOptions { DeleteOptions(caller: .system("test")) }

  @discardableResult
  func create(_ resource: String, _ namespace: String = "default", _ body: JSON) async throws(Status) -> JSON {
    try await cluster.create(kind(resource), namespace: namespace, body, options).object.json
  }

  func get(_ resource: String, _ namespace: String = "default", _ name: String) throws(Status) -> JSON {
    try cluster.get(kind(resource), namespace: namespace, name: name).json
  }

  @discardableResult
  func update(_ resource: String, _ namespace: String, _ name: String, _ body: JSON) async throws(Status) -> JSON {
    try await cluster.update(kind(resource), namespace: namespace, name: name, body, options).object.json
  }

  @discardableResult
  func update(
    _ resource: String, _ namespace: String, _ name: String, _ subresource: String, _ body: JSON
  ) async throws(Status) -> JSON {
    try await cluster.update(
      kind(resource), namespace: namespace, name: name, subresource: subresource, body, options
    ).object.json
  }

  @discardableResult
  func patch(_ resource: String, _ namespace: String, _ name: String, _ body: JSON) async throws(Status) -> JSON {
    try await patch(resource, namespace, name, nil, .merge, body)
  }

  @discardableResult
  func patch(
    _ resource: String, _ namespace: String, _ name: String, _ subresource: String, _ body: JSON
  ) async throws(Status) -> JSON {
    try await patch(resource, namespace, name, subresource, .merge, body)
  }

  @discardableResult
  func patch(
    _ resource: String, _ namespace: String, _ name: String, _ subresource: String?, _ format: Patch.Format,
    _ body: JSON
  ) async throws(Status) -> JSON {
    try await cluster.patch(
      kind(resource), namespace: namespace, name: name, subresource: subresource, Patch(format, body), options
    ).object.json
  }

  @discardableResult
  func delete(_ resource: String, _ namespace: String = "default", _ name: String) async throws(Status) -> Deleted {
    try await cluster.delete(kind(resource), namespace: namespace, name: name, deletion)
  }

  static func pod(_ name: String, labels: JSON = [:]) -> JSON {
    [
      "metadata": ["name": .string(name), "labels": labels],
      "spec": ["containers": [["name": "c", "image": "registry.k8s.io/pause:3.10"]]],
    ]
  }

  static func deployment(_ name: String) -> JSON {
    [
      "metadata": ["name": .string(name)],
      "spec": [
        "replicas": 1, "selector": ["matchLabels": ["app": "web"]],
        "template": [
          "metadata": ["labels": ["app": "web"]],
          "spec": ["containers": [["name": "c", "image": "registry.k8s.io/pause:3.10"]]],
        ],
      ],
    ]
  }
}
