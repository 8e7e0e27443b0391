import EventLoops
import JSONCore
import Objects
import Reconciling
import Values

/// The kubelets of all simulated nodes, on one loop: registers the nodes, keeps their leases, and runs the pods that are
/// bound to them.
///
/// Users say how pods and nodes are to behave by annotations `sim.swiftlet.dev/…`: see `Simulation` for containers, `NodeSigns`
/// for nodes, `SimulatedUsage` for what they use, `MissingImages` for images that do not exist.
public final class NodeAgent: Sendable {
  static let component = "kubelet"

  let peer: any Peer
  let recorder: EventRecorder
  let runtime: any ContainerRuntime
  let logs: LogStore
  let clock: any Clock
  let loop: Loop
  let state: Confined<AgentState>
  let configuration: NodeConfiguration
  let traffic: Traffic
  let tokens: PodTokens?
  let door: APIDoor?

  /// - Parameters:
  ///   - traffic: where the work of pods that answer requests is written down.
  ///   - tokens: what pods find in their volumes; nil leaves them empty.
  ///   - door: how containers reach the API; nil: they do not.
  public init(
    peer: any Peer, recorder: EventRecorder, runtime: any ContainerRuntime, logs: LogStore, clock: any Clock,
    configuration: NodeConfiguration = NodeConfiguration(), traffic: Traffic = Traffic(), tokens: PodTokens? = nil,
    door: APIDoor? = nil
  ) {
    self.peer = peer
    self.recorder = recorder
    self.runtime = runtime
    self.logs = logs
    self.clock = clock
    self.configuration = configuration
    self.traffic = traffic
    self.tokens = tokens
    self.door = door
    loop = clock.pool.loop("swiftlet.nodes")
    state = Confined(loop, AgentState(configuration))
  }

  /// Registers the nodes and takes up the pods that they have; changes after the snapshot must come through `follow`.
  public func start(_ snapshot: Snapshot) async {
    await withTaskGroup { group in
      let allocatable = configuration.allocatable
      for number in 1...max(1, configuration.count) where configuration.count > 0 {
        group.addTask { await self.register(SimulatedNode(number: number, self.configuration, allocatable)) }
      }
    }
    await renewLeases()
    await withCheckedContinuation { continuation in
      loop.run { [self] in
        state.value.startRevision = snapshot.revision
        for object in snapshot.objects(.nodes) {
          let json = object.json
          state.value.nodes[object.name]?.signs = NodeSigns(json)
          state.value.nodes[object.name]?.isUnschedulable = json.at("spec", "unschedulable")?.bool == true
        }
        for object in snapshot.objects(.pods) { take(object, PodFacts(object)) }
        for name in configuration.names { relieve(name) }
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
    let own = changes.filter { Self.followed.contains($0.key.resource) }
    if own.isEmpty { return }
    loop.run { [self] in
      for change in own where change.revision > state.value.startRevision && !state.value.isStopped {
        take(change)
      }
    }
  }

  private static let followed: [GroupResource] = [.pods, .nodes, .services, .persistentVolumeClaims]

  private func take(_ change: Change) {
    let (object, isGone) = (change.object, change.kind == .deleted)
    switch change.key.resource {
    case .services: state.value.services = [:]
    case .persistentVolumeClaims where isGone: runtime.forget(claim: object.uid, in: object.namespace)
    case .nodes where isGone: runtime.forget(node: object.name)
    case .nodes: takeNode(object)
    case .pods:
      let facts = PodFacts(object)
      if isGone { forget(facts) } else { take(object, facts) }
    default: break
    }
  }

  /// The object is gone; a node that does not answer will hear of it later.
  private func forget(_ facts: PodFacts) {
    if state.value.nodes[facts.nodeName]?.isLost != true { drop(facts.uid) }
  }
}

/// What the agent knows between two moments; touched on its loop alone.
struct AgentState {
  var nodes: [String: SimulatedNode] = [:]
  var workers: [String: PodWorker] = [:]
  /// Whose status is to be written next.
  var unwritten: [PodWorker] = []
  /// The variables of Services, by namespace; "" for pods that want none of their own.
  var services: [String: [String: String]] = [:]
  var startRevision: Int64 = 0
  var lastStatus = Instant.epoch
  /// Pods of which others have written otherwise than their node whether they are ready.
  var disputed: Set<String> = []
  /// Nodes that send pods away, as they run short of memory.
  var relieving: Set<String> = []
  /// Nodes whose status has changed since it was last written.
  var changedNodes: Set<String> = []
  var leaseTimer: (any ScheduledTimer)?
  var isStopped = false

  init(_ configuration: NodeConfiguration) {
    let allocatable = configuration.allocatable
    for number in 0..<configuration.count {
      let node = SimulatedNode(number: number + 1, configuration, allocatable)
      nodes[node.name] = node
    }
  }
}
