import EventLoops
import JSONCore
import Reconciling
import Synchronization
import Values

/// Containers that only pretend to run: they cost a timer at most, and behave as `Simulation` says.
public final class SimulatedRuntime: ContainerRuntime {
  public struct Timing: Sendable {
    /// How long an image takes to pull when nothing else is said.
    public var pull: Duration = .milliseconds(3)
    /// How long a container takes to start.
    public var start: Duration = .zero

    public init() {}
  }

  /// The most images that a node remembers.
  private static let imageLimit = 1000

  /// The most bytes in the files of all containers and volumes together.
  static let byteLimit = 256 << 20
  private static let leastRoom = 16 << 20

  struct State {
    var containers: [String: SimulatedContainer] = [:]
    /// The files of volumes, by their ids.
    var volumes = VolumeFiles()
    /// Those of the few containers that read input or have a terminal.
    var consoles: [String: Console] = [:]
    /// Programs that others run in containers, by the numbers of their conversations.
    var sessions: [Int: Session] = [:]
    /// Connections to the ports of containers, likewise.
    var connections: [Int: Connection] = [:]
    /// How many bytes may be written before the files are counted anew.
    var room = SimulatedRuntime.byteLimit
    /// What `/dev/urandom` has.
    var random: RandomBytes
    /// Changes of claims are being gathered.
    var isKeepingSoon = false
  }

  let clock: any Clock
  private let timing: Timing
  let loop: Loop
  let state: Confined<State>
  let sessionNumbers = Atomic(0)
  private let imageCache = ImageCache(limit: SimulatedRuntime.imageLimit)
  public let logs: LogStore
  /// Where the files of claims are kept; nil: nowhere.
  let keeper: (any VolumeKeeper)?

  public init(
    clock: any Clock, logs: LogStore = LogStore(), timing: Timing = Timing(),
    keeper: (any VolumeKeeper)? = nil, seed: UInt64? = nil
  ) {
    self.keeper = keeper

    self.clock = clock
    self.logs = logs
    self.timing = timing
    loop = clock.pool.loop("swiftlet.runtime")
    state = Confined(loop, State(random: RandomBytes(seed: seed ?? .random(in: .min ... .max))))
  }

  /// Counts the files when much has been written since that was done last.
  func settleRoom(_ room: Int) {
    state.value.room = room
    if room >= Self.leastRoom { return }
    let own = state.value.containers.values.reduce(0) { $0 + ($1.root?.bytes ?? 0) }
    state.value.room = max(0, Self.byteLimit - own - state.value.volumes.bytes)
  }

  public var version: String { "containerd://2.1.5-swiftlet" }

  // MARK: Images

  public func image(_ name: String, on node: String) -> Image? { imageCache[node, ImageReference(name).full] }

  public func images(on node: String) -> [Image] { imageCache.all(on: node) }

  public func pull(
    _ container: PodSpecification.Container, of pod: PodSpecification, on node: String
  ) async throws(RuntimeFailure) -> Image {
    let name = ImageReference(container.image)
    let annotations = Annotations(pod, container: container.name)
    let duration = annotations.time("pull-seconds") ?? timing.pull
    if duration > .zero { await clock.sleep(for: duration) }
    if let message = annotations["pull-error"] ?? MissingImages.message(container.image), message != "none" {
      throw RuntimeFailure(reason: "ErrImagePull", message: message)
    }
    let digest = name.digest.isEmpty ? "sha256:" + WellKnownImages.digest(name.full) : name.digest
    let image = Image(
      name: name.full, id: "\(name.repository)@\(digest)", sizeBytes: WellKnownImages.size(name), duration: duration)
    imageCache.add(image, on: node)
    return image
  }

  // MARK: Life

  public func start(
    _ request: ContainerRequest, listener: @escaping Listener
  ) async throws(RuntimeFailure) -> String {
    let simulation = Simulation(request)
    if let message = simulation.startError { throw RuntimeFailure(reason: "RunContainerError", message: message) }
    if timing.start > .zero { await clock.sleep(for: timing.start) }
    let name = request.container.name
    let id = "containerd://" + WellKnownImages.digest("\(request.pod.uid)/\(name)/\(request.attempt)")
    let startedAt = request.runningSince ?? clock.now
    let log = logs.begin(LogRun(podUID: request.pod.uid, container: name, attempt: request.attempt))
    loop.run { [self] in
      recall(request.surroundings.mounts)
      let container = SimulatedContainer(
        id, request, stopTime: simulation.stop, startedAt: startedAt, log: log, listener: listener)
      let console: Console?
      (container.process, console) = Self.mainProgram(simulation.program, request, at: startedAt)
      makeSubPaths(request.surroundings.mounts)
      state.value.containers[id] = container
      state.value.consoles[id] = console
      writeLog(container, simulation.log(at: startedAt), every: simulation.logEvery)
      if let runs = simulation.runs, simulation.program == nil || simulation.exitReason == "OOMKilled" {
        after(startedAt + runs, id) { $0.end(id, simulation.exitCode, simulation.exitReason) }
      }
      advance(id, from: startedAt)
    }
    return id
  }

  public func update(_ id: String, _ pod: PodSpecification) {
    loop.run { [self] in
      guard let container = state.value.containers[id], let newest = pod[container.request.container.name] else {
        return
      }
      let wasShort = Simulation.memoryShortage(container.request.pod, container.request.container) != nil
      container.request.pod = pod
      container.request.container = newest
      if !wasShort, let time = Simulation.memoryShortage(pod, newest) {
        after(clock.now + time, id) { $0.end(id, 137, "OOMKilled") }
      }
    }
  }

  public func remove(_ id: String) {
    loop.run { [self] in end(id, 137, "") }
  }

  public func forget(pod uid: String) {
    loop.run { [self] in state.value.volumes.removeAll(of: VolumeID.owner(pod: uid)) }
  }

  public func forget(claim uid: String, in namespace: String) {
    keeper?.remove(VolumeID.claim(namespace, uid))
    loop.run { [self] in state.value.volumes.remove(VolumeID.claim(namespace, uid)) }
  }

  public func forget(node: String) {
    imageCache.forget(node)
    loop.run { [self] in state.value.volumes.removeAll(of: VolumeID.owner(node: node)) }
  }

  func after(_ deadline: Instant, _ id: String, _ work: @escaping @Sendable (SimulatedRuntime) -> Void) {
    let timer = clock.schedule(at: deadline, on: loop) { [weak self] in
      guard let self else { return }
      work(self)
    }
    state.value.containers[id]?.timers.append(timer)
  }

  func end(_ id: String, _ code: Int, _ reason: String) {
    guard let container = state.value.containers.removeValue(forKey: id) else { return }
    for timer in container.timers { timer.cancel() }
    container.logTimer?.cancel()
    container.programTimer?.cancel()
    container.log.close()
    state.value.consoles[id] = nil
    endSessions(of: id, 137)
    endConnections(of: id)
    container.listener(
      Exit(
        code: code, reason: reason, message: lastWords(container, code), startedAt: container.startedAt,
        finishedAt: clock.now, containerID: id))
  }

  // MARK: Logs

  private func writeLog(_ container: SimulatedContainer, _ lines: [String], every interval: Duration?) {
    for text in lines { container.log.write(LogLine(time: container.startedAt, text: text)) }
    if let interval { repeatLog(container.id, lines, interval) }
  }

  private func repeatLog(_ id: String, _ lines: [String], _ interval: Duration) {
    state.value.containers[id]?.logTimer = clock.schedule(after: interval, on: loop) { [weak self] in
      guard let self, let container = state.value.containers[id] else { return }
      for text in lines { container.log.write(LogLine(time: clock.now, text: text)) }
      repeatLog(id, lines, interval)
    }
  }
}
