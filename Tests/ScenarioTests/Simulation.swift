import EventLoops
import JSONCore
import Objects
import Reconciling
import Registry
import Schemas
import Storage
import Synchronization
import Values

/// A whole cluster in which time is virtual and everything happens in one order: two simulations with the same seed and the
/// same script are the same, to the byte and to the resourceVersion.
///
/// Say what is to happen with `perform` and let time pass with `advance`; both return when the cluster has settled, so the
/// next line of a script finds it at rest. `log` holds every change there was.
final class Simulation: Sendable {
  /// 2026-01-01T00:00:00Z
  static let start = Instant(seconds: 1_767_225_600)

  let clock: VirtualClock
  let cluster: Cluster
  let plane: ControlPlane
  private let changes = Mutex<[String]>([])

  init(
    seed: UInt64 = 1, nodes: Int = 3, start: Instant = start,
    _ adjust: @Sendable (inout ControlPlane.Configuration) -> Void = { _ in }
  ) async throws {
    clock = VirtualClock(now: start, pool: WorkPool(isSerial: true))
    let store = try Store(journal: MemoryJournal(), clock: clock)
    var configuration = ClusterConfiguration()
    configuration.seed = seed
    configuration.hasStorageClass = nodes > 0
    cluster = Cluster(catalog: .builtIn, store: store, clock: clock, configuration: configuration)
    var planeConfiguration = ControlPlane.Configuration()
    planeConfiguration.nodes.count = nodes
    planeConfiguration.rootCA = "PEM"
    adjust(&planeConfiguration)
    plane = ControlPlane(cluster: cluster, configuration: planeConfiguration)
    _ = store.feed.observe { [weak self] batch in self?.note(batch.changes) }
    try await perform { simulation in
      try await simulation.cluster.bootstrap()
      await simulation.plane.start()
    }
  }

  private func note(_ batch: [Change]) {
    let lines = batch.map { "\($0.kind) \($0.object.revision) \($0.key) \($0.object.blob.text)" }
    changes.withLock { $0 += lines }
  }

  /// Every change since the beginning, in order: what happened, at which revision, to what, and its whole new state.
  var log: [String] { changes.withLock { $0 } }

  /// Does something as a part of the cluster's own work, and waits until it has settled.
  func perform(_ work: @escaping @Sendable (Simulation) async throws -> Void) async throws {
    let outcome = await clock.pool.run { () async -> Result<Void, any Error> in
      do { return .success(try await work(self)) } catch { return .failure(error) }
    }
    await clock.pool.quiet()
    try outcome.get()
  }

  /// Lets time pass, and waits until all that was due has settled.
  func advance(_ duration: Duration) async { await clock.advance(by: duration) }

  func close() async {
    await clock.pool.run { await self.plane.stop() }
    await cluster.store.close()
  }

  // MARK: verbs

  static let caller = Caller(name: "test", groups: [Caller.mastersGroup])

  func create(_ object: JSON) async throws {
    try await perform { simulation in
      let kind = simulation.kind(of: object)
      let namespace = kind.isNamespaced ? object["metadata"]?["namespace"]?.string ?? "default" : ""
      _ = try await simulation.cluster.create(kind, namespace: namespace, object, WriteOptions(caller: Self.caller))
    }
  }

  func patch(_ key: Key, _ patch: JSON) async throws {
    try await perform { simulation in
      _ = try await simulation.cluster.patch(
        simulation.cluster.storedKind(key.resource), namespace: key.namespace, name: key.name, Patch(.merge, patch),
        WriteOptions(caller: Self.caller))
    }
  }

  func delete(_ key: Key, _ propagation: Propagation = .background) async throws {
    try await perform { simulation in
      _ = try await simulation.cluster.delete(
        simulation.cluster.storedKind(key.resource), namespace: key.namespace, name: key.name,
        DeleteOptions(caller: Self.caller, propagation: propagation))
    }
  }

  private func kind(of object: JSON) -> Kind {
    let parts = object.text("apiVersion").split(separator: "/").map(String.init)
    return cluster.catalog.kind(
      group: parts.count > 1 ? parts[0] : "", version: parts.last ?? "", kind: object.text("kind"))!
  }

  // MARK: what there is

  subscript(key: Key) -> JSON? { cluster.snapshot[key]?.json }

  func pods(_ labels: [String: String]) -> [PodFacts] {
    cluster.snapshot.objects(.pods, namespace: "default", matching: LabelSelector(labels: labels)).map(PodFacts.init)
  }
}
