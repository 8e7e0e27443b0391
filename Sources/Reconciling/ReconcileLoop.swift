import EventLoops
import Objects
import Synchronization
import Values

/// The one loop that all controllers share: changes become keys, keys become plans, plans become writes.
///
/// Every reconciliation reads the newest snapshot. It holds the controller's own writes, for they were in it before their
/// answer came, so nothing needs to be remembered of what was asked for.
public final class ReconcileLoop: Sendable {
  /// The most writes of a step under way at a time; enough for the store to commit many at once.
  private static let inFlightLimit = 64

  /// What passes by itself usually does so in less than this many attempts.
  private static let passingLimit = 5

  /// Of so many reconciliations of a controller the CPU of one is counted.
  private static let sampling = 16

  private final class Member: Sendable {
    let controller: any Controller
    let queue: WorkQueue
    let meter: CPUMeter
    private let runs = Atomic(0)

    init(_ controller: any Controller, _ queue: WorkQueue, _ meter: CPUMeter) {
      self.controller = controller
      self.queue = queue
      self.meter = meter
    }

    /// Whether the run that begins is one whose CPU counts.
    func beginRun() -> Bool { runs.add(1, ordering: .relaxed).oldValue % sampling == 0 }

    var sampledCount: Int { (runs.load(ordering: .relaxed) + sampling - 1) / sampling }
  }

  private struct Route: Sendable {
    let queue: WorkQueue
    let keys: @Sendable (Change, Snapshot) -> [Key]
  }

  private let peer: any Peer
  private let clock: any Clock
  private let recorder: EventRecorder
  private let loop: Loop
  private let members: [Member]
  /// Who is to hear of changes of a resource; of any other, only those that hear of all.
  private let routes: [GroupResource: [Route]]
  private let otherRoutes: [Route]
  private let tasks = Mutex<[Task<Void, Never>]>([])

  /// - Parameter workers: how many keys of a controller are reconciled side by side.
  public init(
    peer: any Peer, recorder: EventRecorder, clock: any Clock, controllers: [any Controller], workers: Int = 4
  ) {
    self.peer = peer
    self.clock = clock
    self.recorder = recorder
    let loop = clock.pool.loop("swiftlet.reconcile")
    self.loop = loop
    members = controllers.map { Member($0, WorkQueue(clock: clock, loop: loop), clock.pool.meter()) }
    self.workers = workers
    let watches = members.flatMap { member in member.controller.watches.map { (watch: $0, queue: member.queue) } }
    func routes(_ resource: GroupResource?) -> [Route] {
      watches.filter { $0.watch.resource == nil || $0.watch.resource == resource }
        .map { Route(queue: $0.queue, keys: $0.watch.keys) }
    }
    self.routes = Dictionary(watches.compactMap(\.watch.resource).map { ($0, routes($0)) }) { first, _ in first }
    otherRoutes = routes(nil)
  }

  private let workers: Int

  /// Looks at everything in the snapshot once; changes after it must come through `follow`.
  public func start(_ snapshot: Snapshot) {
    loop.run { [self] in
      for resource in snapshot.resources {
        for object in snapshot.objects(resource) { dispatch(Change(.added, object), snapshot) }
      }
    }
    for member in members {
      for _ in 0..<workers {
        let task = clock.pool.spawn { [weak self] in
          while let key = await member.queue.take() {
            guard let self else { return }
            if member.beginRun() {
              await withTaskExecutorPreference(member.meter) { await self.run(key, member) }
            } else {
              await run(key, member)
            }
          }
        }
        tasks.withLock { $0.append(task) }
      }
    }
  }

  /// Follows a batch of the feed. Returns at once; the work is done on the loop.
  public func follow(_ changes: [Change], _ snapshot: Snapshot) {
    loop.run { [self] in
      for change in changes { dispatch(change, snapshot) }
    }
  }

  /// Lets what runs come to its end and starts nothing more.
  public func stop() async {
    for member in members { member.queue.close() }
    for task in tasks.withLock({ $0 }) { await task.value }
  }

  /// The controllers' queues, by the controllers' names.
  public var queues: [(name: String, queue: WorkQueue)] { members.map { ($0.controller.name, $0.queue) } }

  /// What their reconciliations cost, plans performed: the CPU of a sample, and how many those were.
  public var costs: [(name: String, seconds: Double, count: Int)] {
    members.map { ($0.controller.name, $0.meter.seconds, $0.sampledCount) }
  }

  /// Nothing waits and nothing runs (timers aside).
  public var isIdle: Bool { members.allSatisfy(\.queue.isIdle) }

  private func dispatch(_ change: Change, _ snapshot: Snapshot) {
    for route in routes[change.key.resource] ?? otherRoutes {
      for key in route.keys(change, snapshot) { route.queue.add(key) }
    }
  }

  private func run(_ key: Key, _ member: Member) async {
    let controller = member.controller
    let plan = controller.reconcile(key, peer.snapshot, clock.now)
    if let failure = await perform(plan, for: controller) {
      if !failure.isPassing || member.queue.failureCount(key) > Self.passingLimit {
        recorder.failures.report(
          controller.name, "\(failure.action.verb.summary) for \(key)", failure.status, at: clock.now)
      }
      if !failure.isPassing {
        let recovery = controller.recover(key, from: failure, peer.snapshot, clock.now)
        _ = await perform(recovery, for: controller)
      }
      if failure.isHopeless {
        member.queue.forget(key)
      } else {
        member.queue.retry(key, failure.isPassing ? .queue : controller.retryDelays)
      }
    } else {
      member.queue.forget(key)
      if let delay = plan.requeueAfter { member.queue.add(key, after: delay) }
    }
    if controller.gathering > .zero, !plan.isEmpty {
      let queue = member.queue
      clock.schedule(after: controller.gathering, on: loop) { queue.finish(key) }
    } else {
      member.queue.finish(key)
    }
  }

  /// - Returns: the first failure; the steps after it are not performed.
  private func perform(_ plan: Plan, for controller: any Controller) async -> Failure? {
    for step in plan.steps {
      var rest = step.actions[...]
      var size = step.startsSlowly ? 1 : Self.inFlightLimit
      while !rest.isEmpty {
        let batch = rest.prefix(size)
        rest = rest.dropFirst(batch.count)
        if let failure = await perform(batch, for: controller) { return failure }
        size = min(size * 2, Self.inFlightLimit)
      }
    }
    return nil
  }

  private func perform(_ batch: ArraySlice<Action>, for controller: any Controller) async -> Failure? {
    if batch.count == 1, let only = batch.first { return await perform(only, for: controller) }
    return await withTaskGroup(of: Failure?.self) { group in
      for action in batch { group.addTask { await self.perform(action, for: controller) } }
      return await group.reduce(nil) { $0 ?? $1 }
    }
  }

  private func perform(_ action: Action, for controller: any Controller) async -> Failure? {
    var written: Object?
    do {
      written = try await peer.perform(action.verb, as: controller.name)
    } catch {
      if case .delete = action.verb, error.code == 404 { return nil }
      return Failure(action: action, status: error)
    }
    if var event = action.event {
      if let written { event.message = event.message.replacing("{name}", with: written.name) }
      recorder.record(event, from: controller.eventSource)
    }
    return nil
  }
}

extension Failure {
  /// Somebody else was quicker; the next look at the newest state puts it right, and nobody needs to hear of it.
  var isPassing: Bool { status.code == 409 || status.code == 404 || isHopeless }

  /// The namespace is going away: nothing will come of trying again.
  var isHopeless: Bool { status.details?.causes.contains { $0.reason == "NamespaceTerminating" } ?? false }
}
