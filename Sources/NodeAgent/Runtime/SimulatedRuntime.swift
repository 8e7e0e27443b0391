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

  struct Container {
    var request: ContainerRequest
    let simulation: Simulation
    let startedAt: Instant
    let listener: Listener
    let log: ContainerLog
    /// Its own files; nil as long as they are those that every container begins with.
    var root: FileTree?
    var process: ShellProcess?
    var timers: [any ScheduledTimer] = []
    var logTimer: (any ScheduledTimer)?
    /// When its program goes on.
    var programTimer: (any ScheduledTimer)?
  }

  struct State {
    var containers: [String: Container] = [:]
    /// The files of volumes, by their ids.
    var volumes: [String: FileTree] = [:]
    /// Those of the few containers that read input or have a terminal.
    var consoles: [String: Console] = [:]
    /// Programs that others run in containers, by the numbers of their conversations.
    var sessions: [Int: Session] = [:]
    /// Connections to the ports of containers, likewise.
    var connections: [Int: Connection] = [:]
  }

  let clock: any Clock
  private let timing: Timing
  let loop: Loop
  let state: Confined<State>
  let sessionNumbers = Atomic(0)
  private let imageCache = ImageCache(limit: SimulatedRuntime.imageLimit)
  public let logs: LogStore

  public init(clock: any Clock, logs: LogStore = LogStore(), timing: Timing = Timing()) {
    self.clock = clock
    self.logs = logs
    self.timing = timing
    loop = clock.pool.loop("swiftlet.runtime")
    state = Confined(loop, State())
  }

  public var version: String { "containerd://2.1.5-swiftlet" }

  // MARK: Images

  public func image(_ name: String, on node: String) -> Image? { imageCache[node, ImageReference(name).full] }

  public func images(on node: String) -> [Image] { imageCache.all(on: node) }

  public func pull(_ request: ContainerRequest, on node: String) async throws(RuntimeFailure) -> Image {
    let name = ImageReference(request.container.image)
    let simulation = Simulation(request)
    let duration = simulation.pull ?? timing.pull
    if duration > .zero { await clock.sleep(for: duration) }
    if let message = simulation.pullError { throw RuntimeFailure(reason: "ErrImagePull", message: message) }
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
      // The program lives on in its process only.
      var behaviour = simulation
      behaviour.program = nil
      var container = Container(
        request: request, simulation: behaviour, startedAt: startedAt, listener: listener, log: log)
      let console: Console?
      (container.process, console) = Self.mainProgram(simulation.program, request, at: startedAt)
      state.value.containers[id] = container
      state.value.consoles[id] = console
      writeLog(id, behaviour, startedAt)
      if let runs = simulation.runs, simulation.program == nil || simulation.exitReason == "OOMKilled" {
        after(startedAt + runs, id) { $0.end(id, simulation.exitCode, simulation.exitReason) }
      }
      advance(id, from: startedAt)
    }
    return id
  }

  /// A program without a trap hears nothing and is killed; a real one would be at the end of the grace.
  public func stop(_ id: String, grace: Duration) {
    loop.run { [self] in
      guard let container = state.value.containers[id] else { return }
      let needs = container.simulation.stop
      let deadline = clock.now + min(needs, grace)
      if grace == .zero { return end(id, 137, "") }
      if needs == .zero, state.value.containers[id]?.process?.terminate(at: clock.now) == true {
        after(clock.now + grace, id) { $0.end(id, 137, "") }
        return advance(id, from: clock.now)
      }
      let code = needs > grace || container.process != nil ? 137 : needs > .zero ? 143 : 0
      if deadline <= clock.now { return end(id, code, "") }
      after(deadline, id) { $0.end(id, code, "") }
    }
  }

  public func update(_ id: String, _ pod: PodSpecification) {
    loop.run { [self] in
      guard let container = state.value.containers[id], let newest = pod[container.request.container.name] else {
        return
      }
      state.value.containers[id]?.request.pod = pod
      state.value.containers[id]?.request.container = newest
      let wasShort = Simulation.memoryShortage(container.request.pod, container.request.container) != nil
      if !wasShort, let time = Simulation.memoryShortage(pod, newest) {
        after(clock.now + time, id) { $0.end(id, 137, "OOMKilled") }
      }
    }
  }

  public func remove(_ id: String) {
    loop.run { [self] in end(id, 137, "") }
  }

  public func forget(pod uid: String) {
    loop.run { [self] in
      let prefix = PodVolumes.prefix(uid)
      for key in state.value.volumes.keys where key.hasPrefix(prefix) { state.value.volumes[key] = nil }
    }
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

  private func writeLog(_ id: String, _ simulation: Simulation, _ startedAt: Instant) {
    guard let log = state.value.containers[id]?.log else { return }
    for text in simulation.log { log.write(LogLine(time: startedAt, text: text)) }
    if let interval = simulation.logEvery { repeatLog(id, simulation, interval) }
  }

  private func repeatLog(_ id: String, _ simulation: Simulation, _ interval: Duration) {
    let timer = clock.schedule(after: interval, on: loop) { [weak self] in
      guard let self, let container = state.value.containers[id] else { return }
      for text in simulation.log { container.log.write(LogLine(time: clock.now, text: text)) }
      repeatLog(id, simulation, interval)
    }
    state.value.containers[id]?.logTimer = timer
  }
}
