import EventLoops
import JSONCore
import Objects
import Reconciling
import Values

/// The kubelets of all simulated nodes, on one loop: registers the nodes, keeps their leases, and runs the pods that are
/// bound to them.
public final class NodeAgent: Sendable {
  static let component = "kubelet"
  private static let leaseNamespace = "kube-node-lease"
  private static let leaseSeconds = 40
  private static let leaseInterval = Duration.seconds(10)
  private static let statusInterval = Duration.seconds(300)
  /// On a node: it stops reporting, as if it had lost its network.
  private static let unreachable = Simulation.prefix + "unreachable"

  let peer: any Peer
  let recorder: EventRecorder
  let runtime: any ContainerRuntime
  let logs: LogStore
  let clock: any Clock
  let loop: Loop
  let state: Confined<AgentState>
  private let configuration: NodeConfiguration

  public init(
    peer: any Peer, recorder: EventRecorder, runtime: any ContainerRuntime, logs: LogStore, clock: any Clock,
    configuration: NodeConfiguration = NodeConfiguration()
  ) {
    self.peer = peer
    self.recorder = recorder
    self.runtime = runtime
    self.logs = logs
    self.clock = clock
    self.configuration = configuration
    loop = clock.pool.loop("swiftlet.nodes")
    state = Confined(loop, AgentState(configuration))
  }

  /// Registers the nodes and takes up the pods that they have; changes after the snapshot must come through `follow`.
  public func start(_ snapshot: Snapshot) async {
    await withTaskGroup { group in
      for number in 1...max(1, configuration.count) where configuration.count > 0 {
        group.addTask { await self.register(SimulatedNode(number: number, self.configuration)) }
      }
    }
    await renewLeases()
    await withCheckedContinuation { continuation in
      loop.run { [self] in
        state.value.startRevision = snapshot.revision
        for object in snapshot.objects(.pods) { take(object, PodFacts(object)) }
        tick()
        continuation.resume()
      }
    }
  }

  public func stop() {
    loop.run { [self] in
      state.value.isStopped = true
      state.value.leaseTimer?.cancel()
      for worker in state.value.workers.values { worker.cancelTimers() }
    }
  }

  /// Follows a batch of the feed.
  public func follow(_ changes: [Change]) {
    let pods = changes.filter { $0.key.resource == .pods }
    if pods.isEmpty { return }
    loop.run { [self] in
      for change in pods where change.revision > state.value.startRevision && !state.value.isStopped {
        let facts = PodFacts(change.object)
        if change.kind == .deleted { drop(facts.uid) } else { take(change.object, facts) }
      }
    }
  }

  // MARK: Nodes

  static func caller(_ node: String) -> String { "node:\(node)" }

  private func register(_ node: SimulatedNode) async {
    let key = Key(.nodes, name: node.name)
    if peer.snapshot[key] == nil {
      // Another writer may have made the node meanwhile, which is as good.
      await attempt(.create(.nodes, node.object), on: node.name)
    }
    await writeStatus(node)
  }

  private func writeStatus(_ node: SimulatedNode) async {
    guard let object = peer.snapshot[Key(.nodes, name: node.name)] else { return }
    let json = object.json
    if json.annotation(Self.unreachable) != nil { return }
    let status = node.status(from: json["status"], runtime: runtime.version, at: clock.now)
    guard let action = Action.status(object, from: json["status"], to: status) else { return }
    // The next round, at the latest, writes it again.
    await attempt(action.verb, on: node.name)
  }

  /// Writes in the name of a node; what fails is told, and comes again by itself.
  private func attempt(_ verb: Action.Verb, on node: String) async {
    do throws(Status) {
      _ = try await peer.perform(verb, as: Self.caller(node))
    } catch {
      if error.code == 409 || error.code == 404 { return }
      recorder.failures.report("\(Self.component) \(node)", verb.summary, error, at: clock.now)
    }
  }

  private func tick() {
    if state.value.isStopped { return }
    let now = clock.now
    let isStatusDue = now - state.value.lastStatus >= Self.statusInterval
    if isStatusDue { state.value.lastStatus = now }
    state.value.leaseTimer = clock.schedule(after: Self.leaseInterval, on: loop) { [weak self] in
      guard let self else { return }
      let nodes = isStatusDue ? state.value.nodes.values.sorted { $0.number < $1.number } : []
      loop.spawnOutside { [self] in
        await renewLeases()
        for node in nodes { await writeStatus(node) }
      }
      tick()
    }
  }

  /// Renews the leases of all nodes in one commit; what that cannot do is written in full, side by side.
  private func renewLeases() async {
    let snapshot = peer.snapshot
    let leases = configuration.names.filter { name in
      guard let node = snapshot[Key(.nodes, name: name)] else { return false }
      return RawJSON(node.blob.bytes).member("metadata")?.member("annotations")?
        .member("sim.swiftlet.dev/unreachable") == nil
    }.map { Key(.leases, namespace: Self.leaseNamespace, name: $0) }
    let rest = await peer.renew(leases, at: clock.now)
    if rest.isEmpty { return }
    await withTaskGroup { group in
      for key in rest {
        guard let node = snapshot[Key(.nodes, name: key.name)] else { continue }
        group.addTask { await self.writeLease(key, node, snapshot) }
      }
    }
  }

  private func writeLease(_ key: Key, _ node: Object, _ snapshot: Snapshot) async {
    let name = key.name
    let time = JSON.string(clock.now.rfc3339Micro)
    // A lease that cannot be renewed is what the node controller looks for; there is nothing else to do about it.
    if snapshot[key] != nil {
      return await attempt(.patch(key, subresource: "", ["spec": ["renewTime": time]]), on: name)
    }
    let lease: JSON = [
      "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
      "metadata": [
        "name": .string(name), "namespace": .string(Self.leaseNamespace),
        "ownerReferences": [
          ["apiVersion": "v1", "kind": "Node", "name": .string(name), "uid": .string(node.uid)]
        ],
      ],
      "spec": ["holderIdentity": .string(name), "leaseDurationSeconds": JSON(Self.leaseSeconds), "renewTime": time],
    ]
    await attempt(.create(.leases, lease), on: name)
  }
}

/// What the agent knows between two moments; touched on its loop alone.
struct AgentState {
  var nodes: [String: SimulatedNode] = [:]
  var workers: [String: PodWorker] = [:]
  var startRevision: Int64 = 0
  var lastStatus = Instant.epoch
  var leaseTimer: (any ScheduledTimer)?
  var isStopped = false

  init(_ configuration: NodeConfiguration) {
    for number in 0..<configuration.count {
      let node = SimulatedNode(number: number + 1, configuration)
      nodes[node.name] = node
    }
  }
}
