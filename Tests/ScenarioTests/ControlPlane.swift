import Controllers
import EventLoops
import NodeAgent
import Reconciling
import Registry
import Scheduling
import Storage
import Synchronization

/// Everything that makes a cluster alive, around its verbs and on its feed: controllers, scheduler and nodes.
final class ControlPlane: Sendable {
  struct Configuration: Sendable {
    /// The certificates, in PEM, that pods trust the API server by; "" publishes none.
    var rootCA = ""
    var nodes = NodeConfiguration()
    var timing = SimulatedRuntime.Timing()

    init() {}
  }

  let scheduler: Scheduler
  let nodes: NodeAgent
  let logs: LogStore

  private let cluster: Cluster
  private let reconcilers: ReconcileLoop
  private let recorder: Reconciling.EventRecorder
  private let observation = Mutex<Observation?>(nil)

  init(cluster: Cluster, configuration: Configuration = Configuration()) {
    self.cluster = cluster
    let peer = ClusterPeer(cluster)
    let clock = cluster.clock
    let recorder = EventRecorder(peer: peer, clock: clock)
    let logs = LogStore()
    let traffic = Traffic()
    let runtime = SimulatedRuntime(clock: clock, logs: logs, timing: configuration.timing)
    self.recorder = recorder
    self.logs = logs
    reconcilers = ReconcileLoop(
      peer: peer, recorder: recorder, clock: clock,
      controllers: Controllers.all(rootCA: configuration.rootCA, usage: SimulatedUsage(traffic: traffic)))
    scheduler = Scheduler(peer: peer, recorder: recorder, clock: clock)
    nodes = NodeAgent(
      peer: peer, recorder: recorder, runtime: runtime, logs: logs, clock: clock, configuration: configuration.nodes,
      traffic: traffic)
  }

  /// Starts everything; the first objects of the cluster must be there. Returns when the nodes are registered.
  func start() async {
    // First the feed, then the snapshot: what changes between the two is seen twice, which does no harm.
    let observation = cluster.store.feed.observe { [reconcilers, scheduler, nodes] batch in
      reconcilers.follow(batch.changes, batch.snapshot)
      scheduler.follow(batch.changes)
      nodes.follow(batch.changes)
    }
    self.observation.withLock { $0 = observation }
    let snapshot = cluster.snapshot
    reconcilers.start(snapshot)
    scheduler.start(snapshot)
    await nodes.start(snapshot)
  }

  func stop() async {
    observation.withLock { $0?.cancel() }
    scheduler.stop()
    nodes.stop()
    await reconcilers.stop()
    recorder.close()
  }
}
