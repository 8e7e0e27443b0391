import APIServer
import Controllers
import EventLoops
import JSONCore
import NodeAgent
import Objects
import Reconciling
import Registry
import Scheduling
import Storage

/// The peers around the verbs that make the cluster alive: controllers, scheduler and simulated nodes.
struct Peers: Sendable {
  let logs: NodeLogs
  /// What pods and nodes use; nil where there are no nodes.
  let usage: (any UsageSource)?
  let recorder: EventRecorder
  let reconcileLoop: ReconcileLoop
  let scheduler: Scheduler?
  private let agent: NodeAgent?
  private let runtime: SimulatedRuntime
  private let volumes: VolumeDirectory?
  private let observation: Observation

  /// Starts them on the cluster's present state; each then follows the feed from exactly there.
  static func start(
    _ cluster: Cluster, nodes: Int, controllers chosen: ControllerChoice, scheduling: SchedulerConfiguration = .stock,
    identity: Identity, logKeeper: LogFiles? = nil, volumes: VolumeDirectory? = nil, door: APIDoor, failures: FailureLog
  ) async -> Peers {
    let peer = ClusterPeer(cluster)
    let clock = cluster.clock
    let recorder = EventRecorder(peer: peer, clock: clock, failures: failures)
    let traffic = Traffic()
    let usage = nodes > 0 ? SimulatedUsage(traffic: traffic) : nil
    let chosenControllers = Controllers.all(
      rootCA: cluster.configuration.authority, signCertificate: identity.certificateSigner,
      requests: identity.kubeletRequests(cluster), signText: Identity.signText, usage: usage
    ).filter { chosen.includes($0.name) }
    let controllers = Controllers.ofServer + chosenControllers
    let loop = ReconcileLoop(peer: peer, recorder: recorder, clock: clock, controllers: controllers)
    let scheduler =
      chosen.includes("scheduler")
      ? Scheduler(peer: peer, recorder: recorder, clock: clock, configuration: scheduling) : nil
    logKeeper?.retain(pods: Set(cluster.snapshot.objects(.pods).map(\.uid)))
    let store = LogStore(keeper: logKeeper)
    var agent: NodeAgent?
    let runtime = SimulatedRuntime(clock: clock, logs: store, keeper: volumes, seed: cluster.configuration.seed)
    if nodes > 0 {
      var configuration = NodeConfiguration()
      configuration.count = nodes
      agent = NodeAgent(
        peer: peer, recorder: recorder, runtime: runtime, logs: store, clock: clock,
        configuration: configuration, traffic: traffic,
        tokens: PodTokens(clock: clock) { [weak cluster] pod, uid, audience, seconds throws(Status) in
          guard let cluster else { throw .notFound(.pods, pod.name) }
          return try cluster.podToken(pod, uid: uid, audience: audience, seconds: seconds)
        }, door: door)
    }
    // What changes between the observation's first batch and the snapshot is seen twice, which level-triggered peers allow.
    let observation = cluster.store.feed.observe { [agent] batch in
      loop.follow(batch.changes, batch.snapshot)
      scheduler?.follow(batch.changes)
      agent?.follow(batch.changes)
    }
    let snapshot = cluster.snapshot
    loop.start(snapshot)
    scheduler?.start(snapshot)
    await agent?.start(snapshot)
    return Peers(
      logs: NodeLogs(store: store, agent: agent), usage: usage, recorder: recorder, reconcileLoop: loop,
      scheduler: scheduler,
      agent: agent, runtime: runtime, volumes: volumes,
      observation: observation)
  }

  /// What the scheduler of this process found out about a pod; nil where none runs.
  var schedulingVerdict: (@Sendable (_ podUID: String) -> JSON?)? {
    guard let scheduler else { return nil }
    return { uid in scheduler.verdict(uid: uid)?.json }
  }

  /// Who talks with containers; nil where there are no nodes.
  var streams: (any ContainerStreams)? { agent }

  func stop() async {
    observation.cancel()
    agent?.stop()
    scheduler?.stop()
    await reconcileLoop.stop()
    recorder.close()
    await runtime.close()
    volumes?.finish()
  }
}
