import EventLoops
import JSONCore
import Objects
import Reconciling
import Registry
import Schemas
import Storage
import Values

/// A whole cluster in the process: real store, real verbs, simulated containers.
final class LivingCluster: Sendable {
  let cluster: Cluster
  let plane: ControlPlane

  init(nodes: Int = 3, _ adjust: (inout ControlPlane.Configuration) -> Void = { _ in }) async throws {
    let store = try Store(journal: MemoryJournal(), clock: SystemClock(), limits: HistoryLimits())
    cluster = Cluster(
      catalog: .builtIn, store: store, clock: SystemClock(), configuration: ClusterConfiguration())
    try await cluster.bootstrap()
    var configuration = ControlPlane.Configuration()
    configuration.nodes.count = nodes
    configuration.rootCA = "PEM"
    configuration.timing.pull = .milliseconds(1)
    adjust(&configuration)
    plane = ControlPlane(cluster: cluster, configuration: configuration)
    await plane.start()
  }

  func close() async {
    await plane.stop()
    await cluster.store.close()
  }

  let caller = Caller(name: "test", groups: [Caller.mastersGroup])

  func create(_ object: JSON) async throws {
    let kind = kind(of: object)
    let namespace = kind.isNamespaced ? object["metadata"]?["namespace"]?.string ?? "default" : ""
    _ = try await cluster.create(kind, namespace: namespace, object, WriteOptions(caller: caller))
  }

  func patch(_ key: Key, _ patch: JSON) async throws {
    _ = try await cluster.patch(
      cluster.storedKind(key.resource), namespace: key.namespace, name: key.name, Patch(.merge, patch),
      WriteOptions(caller: caller))
  }

  func delete(_ key: Key, _ propagation: Propagation = .background) async throws {
    _ = try await cluster.delete(
      cluster.storedKind(key.resource), namespace: key.namespace, name: key.name,
      DeleteOptions(caller: caller, propagation: propagation))
  }

  private func kind(of object: JSON) -> Kind {
    let parts = object.text("apiVersion").split(separator: "/").map(String.init)
    return cluster.catalog.kind(
      group: parts.count > 1 ? parts[0] : "", version: parts.last ?? "", kind: object.text("kind"))!
  }

  /// Waits until the cluster is as wanted; false when that takes more than `seconds`.
  func wait(_ seconds: Int = 20, until isSo: @Sendable (Snapshot) -> Bool) async -> Bool {
    let deadline = SystemClock().now + .seconds(seconds)
    while SystemClock().now < deadline {
      let snapshot = cluster.snapshot
      if isSo(snapshot) { return true }
      _ = await cluster.store.waitFor(revision: snapshot.revision + 1, timeout: .milliseconds(200))
    }
    return isSo(cluster.snapshot)
  }

  func pods(_ snapshot: Snapshot, _ labels: [String: String]) -> [PodFacts] {
    snapshot.objects(.pods, namespace: "default", matching: LabelSelector(labels: labels)).map(PodFacts.init)
  }
}
