import EventLoops
import JSONCore
import Reconciling
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

  private struct Container {
    let request: ContainerRequest
    let simulation: Simulation
    let startedAt: Instant
    let listener: Listener
    let log: ContainerLog
    var timers: [any ScheduledTimer] = []
    var logTimer: (any ScheduledTimer)?
  }

  private struct State {
    var containers: [String: Container] = [:]
  }

  private let clock: any Clock
  private let timing: Timing
  private let loop: Loop
  private let state: Confined<State>
  private let images = ImageCache(limit: SimulatedRuntime.imageLimit)
  public let logs: LogStore

  public init(clock: any Clock, logs: LogStore = LogStore(), timing: Timing = Timing()) {
    self.clock = clock
    self.logs = logs
    self.timing = timing
    loop = clock.pool.loop("swiftlet.runtime")
    state = Confined(loop, State())
  }

  public var version: String { "swiftlet-simulated://1.0.0" }

  public func image(_ name: String, on node: String) -> Image? { images[node, WellKnownImages.Name(name).full] }

  public func pull(_ request: ContainerRequest, on node: String) async throws(RuntimeFailure) -> Image {
    let name = WellKnownImages.Name(request.container.image)
    if !name.isValid {
      throw RuntimeFailure(
        reason: "InvalidImageName",
        message: "Failed to apply default image tag \"\(request.container.image)\": couldn't parse image name")
    }
    let simulation = Simulation(request)
    let duration = simulation.pull ?? timing.pull
    if duration > .zero { await clock.sleep(for: duration) }
    if let message = simulation.pullError { throw RuntimeFailure(reason: "ErrImagePull", message: message) }
    let image = Image(
      name: name.full, id: "\(name.repository)@sha256:\(WellKnownImages.digest(name.full))",
      sizeBytes: WellKnownImages.size(name), duration: duration)
    images.add(image, on: node)
    return image
  }

  public func start(
    _ request: ContainerRequest, listener: @escaping Listener
  ) async throws(RuntimeFailure) -> String {
    let simulation = Simulation(request)
    if let message = simulation.startError { throw RuntimeFailure(reason: "RunContainerError", message: message) }
    if timing.start > .zero { await clock.sleep(for: timing.start) }
    let name = request.container.name
    let id = "containerd://" + WellKnownImages.digest("\(request.pod.uid)/\(name)/\(request.attempt)")
    let startedAt = request.runningSince ?? clock.now
    let log = logs.begin(namespace: request.pod.key.namespace, pod: request.pod.key.name, container: name)
    loop.run { [self] in
      state.value.containers[id] = Container(
        request: request, simulation: simulation, startedAt: startedAt, listener: listener, log: log)
      writeLog(id, simulation, startedAt)
      if let runs = simulation.runs {
        after(startedAt + runs, id) { $0.end(id, simulation.exitCode, simulation.exitReason) }
      }
    }
    return id
  }

  public func stop(_ id: String, grace: Duration) {
    loop.run { [self] in
      guard let container = state.value.containers[id] else { return }
      let needs = container.simulation.stop
      let isKilled = needs > grace
      let delay = isKilled ? grace : needs
      let code = isKilled ? 137 : container.simulation.stop > .zero ? 143 : 0
      if delay == .zero { return end(id, code, "") }
      after(clock.now + delay, id) { $0.end(id, code, "") }
    }
  }

  public func probe(_ id: String, _ kind: ProbeKind) async -> ProbeOutcome {
    await withCheckedContinuation { continuation in
      loop.run { [self] in
        guard let container = state.value.containers[id] else {
          return continuation.resume(returning: ProbeOutcome(isSuccess: false, message: "container not found"))
        }
        continuation.resume(returning: container.simulation.probe(kind, after: clock.now - container.startedAt))
      }
    }
  }

  public func remove(_ id: String) {
    loop.run { [self] in end(id, 137, "") }
  }

  private func after(_ deadline: Instant, _ id: String, _ work: @escaping @Sendable (SimulatedRuntime) -> Void) {
    let timer = clock.schedule(at: deadline, on: loop) { [weak self] in
      guard let self else { return }
      work(self)
    }
    state.value.containers[id]?.timers.append(timer)
  }

  private func end(_ id: String, _ code: Int, _ reason: String) {
    guard let container = state.value.containers.removeValue(forKey: id) else { return }
    for timer in container.timers { timer.cancel() }
    container.logTimer?.cancel()
    container.log.close()
    container.listener(
      Exit(
        code: code, reason: reason, startedAt: container.startedAt, finishedAt: clock.now, containerID: id))
  }

  private func writeLog(_ id: String, _ simulation: Simulation, _ startedAt: Instant) {
    guard let log = state.value.containers[id]?.log else { return }
    for line in simulation.log {
      let time = startedAt + line.after
      if line.after == .zero {
        log.write(LogLine(time: time, text: line.text))
      } else {
        after(time, id) { _ in log.write(LogLine(time: time, text: line.text)) }
      }
    }
    if let interval = simulation.logEvery { repeatLog(id, simulation, interval) }
  }

  private func repeatLog(_ id: String, _ simulation: Simulation, _ interval: Duration) {
    let timer = clock.schedule(after: interval, on: loop) { [weak self] in
      guard let self, let container = state.value.containers[id] else { return }
      for line in simulation.log { container.log.write(LogLine(time: clock.now, text: line.text)) }
      repeatLog(id, simulation, interval)
    }
    state.value.containers[id]?.logTimer = timer
  }
}
