import EventLoops
import Foundation
import JSONCore
import Objects
import Reconciling
import Registry
import Scheduling
import Schemas
import Storage
import Synchronization
import Values

/// How fast pods find nodes: in this process, without HTTP and without kubelets.
enum SchedulingBenchmarks {
  static let nodeCount = 1000
  static let podCount = 10_000

  @Sendable static func measure(_ binary: String, _ report: Report) throws {
    let plain = decide(pods: (0..<podCount).map { pod($0) })
    report.row(
      "schedule 10,000 pods on 1,000 nodes by resources", plain, atLeast: 5000, unit: "pods/s",
      note: "stock floor at 5,000 nodes 270")
    let picky = decide(pods: (0..<podCount).map { pod($0, isPicky: true) })
    report.row(
      "the same with anti-affinity and topology spread", picky, atLeast: 1000, unit: "pods/s",
      note: "stock floors at 5,000 nodes 60 and 85")
    let written = try bind()
    report.note("with bindings and events written through the verbs: \(Report.number(written)) pods/s")
  }

  // MARK: Objects

  private static func node(_ index: Int) -> JSON {
    [
      "apiVersion": "v1", "kind": "Node",
      "metadata": [
        "name": .string("node-\(index)"),
        "labels": [
          "kubernetes.io/hostname": .string("node-\(index)"),
          "topology.kubernetes.io/zone": .string("zone-\(index % 10)"),
        ],
      ],
      "status": ["allocatable": ["cpu": "4", "memory": "32Gi", "pods": "110"]],
    ]
  }

  /// - Parameter isPicky: no two of a hundred on a node, and all of them even over the zones.
  private static func pod(_ index: Int, isPicky: Bool = false) -> JSON {
    let app = "app-\(index % 100)"
    let selector: JSON = ["matchLabels": ["app": .string(app)]]
    var spec: JSON = [
      "containers": [
        ["name": "c", "image": "pause", "resources": ["requests": ["cpu": "100m", "memory": "500Mi"]]]
      ]
    ]
    if isPicky {
      spec["affinity"] = [
        "podAntiAffinity": [
          "requiredDuringSchedulingIgnoredDuringExecution": [
            ["topologyKey": "kubernetes.io/hostname", "labelSelector": selector]
          ]
        ]
      ]
      spec["topologySpreadConstraints"] = [
        [
          "topologyKey": "topology.kubernetes.io/zone", "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule",
          "labelSelector": selector,
        ]
      ]
    }
    return [
      "apiVersion": "v1", "kind": "Pod",
      "metadata": ["name": .string("pod-\(index)"), "namespace": "default", "labels": ["app": .string(app)]],
      "spec": spec,
    ]
  }

  private static func stored(_ json: JSON, _ resource: GroupResource, _ index: Int) -> Object {
    var json = json
    json["metadata", default: .emptyObject]["uid"] = .string("\(resource)-\(index)")
    let metadata = json["metadata"] ?? .emptyObject
    return Object(
      key: Key(resource, namespace: metadata.text("namespace"), name: metadata.text("name")), revision: 1,
      blob: json.blob)
  }

  // MARK: Deciding

  /// Pods a second, from a snapshot with all pods waiting until the last is bound; bindings are taken note of only.
  private static func decide(pods: [JSON]) -> Double {
    let objects =
      (0..<nodeCount).map { stored(node($0), .nodes, $0) }
      + pods.enumerated().map { stored($0.element, .pods, $0.offset) }
    let peer = CountingPeer(Snapshot(revision: 1, objects: objects), expected: pods.count)
    let clock = SystemClock()
    let scheduler = Scheduler(peer: peer, recorder: EventRecorder(peer: peer, clock: clock), clock: clock)
    let start = DispatchTime.now().uptimeNanoseconds
    scheduler.start(peer.snapshot)
    peer.done.wait()
    let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
    scheduler.stop()
    return Double(pods.count) / seconds
  }

  /// Counts bindings and remembers nothing.
  private final class CountingPeer: Peer {
    let snapshot: Snapshot
    let done = DispatchSemaphore(value: 0)
    private let expected: Int
    private let bound = Atomic(0)

    init(_ snapshot: Snapshot, expected: Int) {
      self.snapshot = snapshot
      self.expected = expected
    }

    func perform(_ verb: Action.Verb, as caller: String) async throws(Status) -> Object? {
      if case .bind = verb, bound.add(1, ordering: .relaxed).newValue == expected { done.signal() }
      return nil
    }

    func renew(_ leases: [Key], at now: Instant) async -> [Key] { [] }
  }

  // MARK: Binding

  /// Pods a second with a whole cluster behind: admission, validation, the store (in memory) and its feed.
  private static func bind() throws -> Double {
    let done = DispatchSemaphore(value: 0)
    let rate = Mutex<Result<Double, any Error>>(.success(0))
    Task.detached {
      let result: Result<Double, any Error>
      do { result = .success(try await bindAll()) } catch { result = .failure(error) }
      rate.withLock { $0 = result }
      done.signal()
    }
    done.wait()
    return try rate.withLock { try $0.get() }
  }

  private static func bindAll() async throws -> Double {
    let clock = SystemClock()
    let store = try Store(journal: MemoryJournal(), clock: clock, limits: HistoryLimits())
    let cluster = Cluster(catalog: .builtIn, store: store, clock: clock, configuration: ClusterConfiguration())
    try await cluster.bootstrap()
    let peer = ClusterPeer(cluster)
    for index in 0..<nodeCount { _ = try await peer.perform(.create(.nodes, node(index)), as: "benchmark") }
    for index in 0..<podCount { _ = try await peer.perform(.create(.pods, pod(index)), as: "benchmark") }
    let scheduler = Scheduler(peer: peer, recorder: EventRecorder(peer: peer, clock: clock), clock: clock)
    let bound = Atomic(0)
    let start = clock.now
    let finished = AsyncStream<Void>.makeStream()
    let observation = store.feed.observe { batch in
      scheduler.follow(batch.changes)
      let count = batch.changes.count { $0.key.resource == .pods }
      if bound.add(count, ordering: .relaxed).newValue >= podCount { finished.continuation.finish() }
    }
    scheduler.start(cluster.snapshot)
    for await _ in finished.stream {}
    let seconds = (clock.now - start).inSeconds
    observation.cancel()
    scheduler.stop()
    await store.close()
    return Double(podCount) / seconds
  }
}
