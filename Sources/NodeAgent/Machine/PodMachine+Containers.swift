import JSONCore
import Reconciling
import Values

/// One container: image, start, end, and the delays between.
extension PodMachine {
  mutating func launch(_ container: PodSpecification.Container) {
    containers[container.name]?.isLaunching = true
    effects.append(.ensureImage(container.name))
  }

  /// A container that is to run another image is started anew; one that waits for its old image looks for the new one.
  mutating func takeImage(_ container: PodSpecification.Container, _ before: PodSpecification.Container?) {
    guard let before, before.image != container.image, let state = containers[container.name] else { return }
    if state.isRunning {
      if state.isStopping || container.role == .initial { return }
      containers[container.name]?.restartsOnPurpose = true
      containers[container.name]?.isStopping = true
      record(.normal, "Killing", "Container \(container.name) definition changed, will be restarted", container)
      effects.append(.stop(container.name, grace: .seconds(max(2, specification.gracePeriodSeconds))))
    } else if state.isLaunching, !state.isStarting, state.pullFailures > 0 {
      containers[container.name]?.pullFailures = 0
      launch(container)
    }
  }

  mutating func notePulling(_ name: String) {
    guard let container = specification[name] else { return }
    record(.normal, "Pulling", "Pulling image \"\(container.image)\"", container)
  }

  mutating func notePulled(_ name: String, _ image: Image, wasPresent: Bool) {
    guard let container = specification[name], var state = containers[name], !state.isStarting, !state.isRunning
    else { return }
    if isTerminating || failure != nil {
      containers[name]?.isLaunching = false
      return
    }
    state.image = image.name
    state.imageID = image.id
    state.pullFailures = 0
    state.isStarting = true
    state.earlyExit = nil
    containers[name] = state
    if wasPresent {
      record(
        .normal, "Pulled",
        "Container image \"\(container.image)\" already present on machine and can be accessed by the pod", container)
    } else {
      let took = Self.shown(image.duration)
      record(
        .normal, "Pulled",
        "Successfully pulled image \"\(container.image)\" in \(took) (\(took) including waiting). "
          + "Image size: \(image.sizeBytes) bytes.", container)
    }
    effects.append(.start(name))
  }

  /// `1.2s`, `12ms`: as Go prints a duration, to three digits at most.
  static func shown(_ duration: Duration) -> String {
    let milliseconds = duration.nanoseconds / 1_000_000
    if milliseconds < 1000 { return "\(max(1, milliseconds))ms" }
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000)
    if rest == 0 { return "\(seconds)s" }
    var fraction = String(rest + 1000).dropFirst()
    while fraction.last == "0" { fraction.removeLast() }
    return "\(seconds).\(fraction)s"
  }

  mutating func noteFailure(_ name: String, _ failure: RuntimeFailure) {
    containers[name]?.isStarting = false
    guard let container = specification[name], var state = containers[name] else { return }
    if isTerminating {
      containers[name]?.isLaunching = false
      return
    }
    if failure.reason == "RunContainerError" || failure.reason == "CreateContainerError" {
      if let exit = state.exit { state.lastExit = exit }
      if state.lastExit != nil { state.restartCount += 1 }
      state.phase = .terminated(
        Exit(code: 128, reason: "StartError", message: failure.message, startedAt: now, finishedAt: now))
      state.isLaunching = false
      containers[name] = state
      record(.warning, "Failed", "Error: \(failure.message)", container)
      return publish()
    }
    if failure.reason == "CreateContainerConfigError" {
      state.phase = .waiting(reason: failure.reason, message: failure.message)
      containers[name] = state
      record(.warning, "Failed", "Error: \(failure.message)", container)
      effects.append(.schedule(.retryPull(name), after: Self.configurationInterval))
      return publish()
    }
    let delay = Self.pullBackoff.delay(after: state.pullFailures)
    state.pullFailures += 1
    let isPull = failure.reason == "ErrImagePull"
    if isPull {
      record(.warning, "Failed", "Failed to pull image \"\(container.image)\": \(failure.message)", container)
    } else {
      record(
        .warning, failure.reason == "InvalidImageName" ? "InspectFailed" : failure.reason, failure.message, container)
    }
    record(.warning, "Failed", "Error: \(failure.reason)", container)
    state.phase = .waiting(reason: failure.reason, message: failure.message)
    if isPull { effects.append(.schedule(.pullBackOff(name), after: Self.pullErrorTime)) }
    containers[name] = state
    effects.append(.schedule(.retryPull(name), after: delay))
    publish()
  }

  /// A pull that failed a moment ago is now waited for.
  mutating func notePullBackOff(_ name: String) {
    guard let container = specification[name], !isTerminating, failure == nil,
      case .waiting("ErrImagePull", let message)? = containers[name]?.phase
    else { return }
    containers[name]?.phase = .waiting(
      reason: "ImagePullBackOff",
      message: "Back-off pulling image \"\(container.image)\": ErrImagePull: \(message)")
    record(.normal, "BackOff", "Back-off pulling image \"\(container.image)\"", container)
    record(.warning, "Failed", "Error: ImagePullBackOff", container)
    publish()
  }

  mutating func noteStart(_ name: String, _ id: String, _ readiness: ProbeOutcome?) {
    guard let container = specification[name], var state = containers[name] else { return }
    if let exit = state.exit { state.lastExit = exit }
    if state.lastExit != nil { state.restartCount += 1 }
    state.isStarting = false
    state.containerID = id
    state.phase = .running(since: now)
    state.isLaunching = false
    state.isStopping = false
    state.isStarted = container.probes[.startup] == nil
    state.isReady = false
    state.probes = ProbeStreaks()
    state.settledProbes = []
    state.resources = container.resources
    state.allocated = container.resources["requests"]
    state.restartsOnPurpose = false
    state.isHooking = container.postStart != nil
    let earlyExit = state.earlyExit
    state.earlyExit = nil
    containers[name] = state
    record(.normal, "Created", "Container created", container)
    record(.normal, "Started", "Container started", container)
    if state.isHooking { effects.append(.postStart(name)) } else { beginProbes(container, readiness) }
    publish()
    if let earlyExit, earlyExit.containerID == id { noteExit(name, earlyExit) }
  }

  /// What follows a start is done: the container counts as running, or must go because it failed.
  mutating func noteHook(_ name: String, _ id: String, _ failure: String?) {
    guard let container = specification[name], let state = containers[name], state.isRunning, state.isHooking,
      state.containerID == id
    else { return }
    containers[name]?.isHooking = false
    if failure == nil {
      beginProbes(container)
      return publish()
    }
    if state.isStopping { return }
    containers[name]?.isStopping = true
    record(.warning, "FailedPostStartHook", "PostStartHook failed", container)
    record(.normal, "Killing", "FailedPostStartHook", container)
    effects.append(.stop(name, grace: .seconds(max(2, specification.gracePeriodSeconds))))
    publish()
  }

  mutating func noteExit(_ name: String, _ exit: Exit) {
    guard var state = containers[name] else { return }
    if !state.isRunning {
      // It was quicker than the news of its start.
      if state.isStarting { containers[name]?.earlyExit = exit }
      return
    }
    state.phase = .terminated(exit)
    state.isHooking = false
    // An init container is ready when it has done its part.
    state.isReady = exit.code == 0 && specification[name]?.role == .initial
    state.isStarted = false
    state.isStopping = false
    state.probes = ProbeStreaks()
    if exit.finishedAt - exit.startedAt >= Self.backoffReset { state.crashes = 0 }
    containers[name] = state
    publish()
  }

  /// Starts a container again: the first time at once, then after a delay that doubles.
  mutating func restart(_ container: PodSpecification.Container, after exit: Exit) {
    guard var state = containers[container.name] else { return }
    state.isLaunching = true
    state.lastExit = exit
    // A restart that was asked for is no crash.
    if !state.restartsOnPurpose { state.crashes += 1 }
    if state.crashes <= 1 || state.restartsOnPurpose {
      containers[container.name] = state
      effects.append(.ensureImage(container.name))
      return
    }
    let delay = Self.crashBackoff.delay(after: state.crashes - 2)
    state.phase = .waiting(
      reason: "CrashLoopBackOff",
      message:
        "back-off \(Self.minutes(delay)) restarting failed container=\(container.name) pod=\(specification.label)")
    containers[container.name] = state
    record(
      .warning, "BackOff",
      "Back-off restarting failed container \(container.name) in pod \(specification.label)", container)
    effects.append(.schedule(.restart(container.name), after: exit.finishedAt + delay - now))
    publish()
  }

  /// `10s`, `2m40s`, `5m0s`
  private static func minutes(_ duration: Duration) -> String {
    let seconds = duration.components.seconds
    return seconds < 60 ? "\(seconds)s" : "\(seconds / 60)m\(seconds % 60)s"
  }
}
