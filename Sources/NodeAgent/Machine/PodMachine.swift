import JSONCore
import Reconciling
import Values

/// A pod on its node, as a value: each event changes the state and answers with what is to be done. No runtime, clock or
/// cluster is touched here.
public struct PodMachine: Sendable {
  public enum Event: Sendable {
    /// - Parameter status: what is stored of it, to go on from there.
    case begin(status: JSON?)
    /// The node does not take it.
    case refused(reason: String, message: String)
    case sandboxReady(address: String)
    /// The image is not on the node, and its pull has begun.
    case pulling(String)
    case pulled(String, Image, wasPresent: Bool)
    case failed(String, RuntimeFailure)
    /// - Parameter readiness: what is known of it without asking, for a container that has no probe for it.
    case started(String, id: String, readiness: ProbeOutcome? = nil)
    /// The runtime watches a container again that was running before.
    case resumed(String, id: String)
    /// What a container does after its start is done; a message when it failed.
    case hooked(String, id: String, failure: String?)
    case exited(String, Exit)
    case probed(String, ProbeKind, ProbeOutcome)
    case timer(Timer)
    /// Its node runs short of something, and sends it away with this message.
    case evicted(String)
    /// The object has changed: it is to be deleted, has other containers, annotations or resources.
    case updated(PodSpecification)
    /// Whether the node has room for what the containers now ask for.
    case judged(ResizeVerdict)
  }

  public enum Timer: Sendable, Hashable {
    case restart(String)
    case retryPull(String)
    /// The moment from which a failed pull is one that is waited for.
    case pullBackOff(String)
    case deadline
    case resize
    case retryResize
  }

  public enum Effect: Sendable {
    case makeSandbox
    case ensureImage(String)
    case start(String)
    /// Goes on watching a container that was running before.
    case resume(String, since: Instant)
    case postStart(String)
    case stop(String, grace: Duration)
    /// One that was asked to stop has less time for it now.
    case hasten(String, grace: Duration)
    case probe(String, ProbeKind, after: Duration)
    case schedule(Timer, after: Duration)
    /// Running containers are to be told of the object's new state.
    case refresh
    case judgeResize
    case record(EventNote)
    /// The status has changed and is to be written.
    case publish
    /// All has ended, and so the object can go once the last status is written.
    case finish
  }

  public internal(set) var specification: PodSpecification
  public internal(set) var containers = ContainerStates()
  public internal(set) var address: String?
  public internal(set) var startedAt: Instant?
  public internal(set) var isTerminating = false
  /// Set when the pod as a whole has failed: reason and message.
  public internal(set) var failure: (reason: String, message: String)?
  public internal(set) var isFinished = false
  /// The object may go.
  var isGone = false
  /// Since when its containers are being stopped.
  var endingSince: Instant?
  var resize = ResizeState()
  var effects: [Effect] = []
  var now = Instant.epoch

  static let crashBackoff = Backoff(first: .seconds(10), limit: .seconds(300))
  static let pullBackoff = Backoff(first: .seconds(10), limit: .seconds(300))
  /// How long a failed pull shows as such, before it shows as one that is waited for.
  static let pullErrorTime = Duration.seconds(2)
  /// How often it is looked whether what a container's environment refers to is there.
  static let configurationInterval = Duration.seconds(5)
  /// A container that ran this long starts afresh with its delays.
  static let backoffReset = Duration.seconds(600)

  public init(_ specification: PodSpecification) {
    self.specification = specification
    let hasInit = specification.containers.contains { $0.role == .initial || $0.role == .sidecar }
    for container in specification.containers {
      var state = ContainerState()
      if hasInit && container.role == .regular { state.phase = .waiting(reason: "PodInitializing", message: "") }
      containers[container.name] = state
    }
  }

  /// Takes an event at a moment, and says what to do now.
  public mutating func step(_ event: Event, at now: Instant) -> [Effect] {
    self.now = now
    effects = []
    switch event {
    case .begin(let status): begin(status)
    case .refused(let reason, let message): refuse(reason, message)
    case .sandboxReady(let address):
      self.address = address
      publish()
    case .pulling(let name): notePulling(name)
    case .pulled(let name, let image, let wasPresent): notePulled(name, image, wasPresent: wasPresent)
    case .failed(let name, let failure): noteFailure(name, failure)
    case .started(let name, let id, let readiness): noteStart(name, id, readiness)
    case .resumed(let name, let id): noteResume(name, id)
    case .hooked(let name, let id, let failure): noteHook(name, id, failure)
    case .exited(let name, let exit): noteExit(name, exit)
    case .probed(let name, let kind, let outcome): noteProbe(name, kind, outcome)
    case .timer(let timer): noteTimer(timer)
    case .evicted(let message): evict(message)
    case .updated(let specification): update(specification)
    case .judged(let verdict): noteVerdict(verdict)
    }
    advance()
    defer { effects = [] }
    return effects
  }

  private mutating func begin(_ status: JSON?) {
    startedAt = status.flatMap { Instant(rfc3339: $0.text("startTime")) } ?? now
    let known = ["initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"]
      .flatMap { status?.list($0) ?? [] }
    // The address comes first: containers that go on know it.
    effects.append(.makeSandbox)
    for json in known where containers[json.text("name")] != nil {
      let state = ContainerState(resuming: json)
      containers[json.text("name")] = state
      if case .running(let since) = state.phase { effects.append(.resume(json.text("name"), since: since)) }
    }
    isTerminating = specification.isBeingDeleted
    if let seconds = specification.activeDeadlineSeconds, let startedAt {
      effects.append(.schedule(.deadline, after: startedAt + .seconds(seconds) - now))
    }
    checkEviction()
    checkResize()
    publish()
  }

  private mutating func refuse(_ reason: String, _ message: String) {
    (startedAt, isFinished, isTerminating) = (now, true, specification.isBeingDeleted)
    fail(reason, "Pod was rejected: " + message)
    record(.warning, reason, message)
  }

  private mutating func update(_ specification: PodSpecification) {
    let wasTerminating = isTerminating
    let before = self.specification
    self.specification = specification
    for container in specification.containers where containers[container.name] == nil {
      containers[container.name] = ContainerState()
    }
    isTerminating = wasTerminating || specification.isBeingDeleted
    if isTerminating {
      if !wasTerminating { return publish() }
      if specification.gracePeriodSeconds < before.gracePeriodSeconds { hasten() }
      return
    }
    if let seconds = specification.activeDeadlineSeconds, seconds != before.activeDeadlineSeconds, let startedAt {
      effects.append(.schedule(.deadline, after: startedAt + .seconds(seconds) - now))
    }
    for container in specification.containers { takeImage(container, before[container.name]) }
    if before.annotations != specification.annotations {
      effects.append(.refresh)
      askAgain()
      checkEviction()
    }
    // The conditions that readiness gates name are written by others.
    if before.generation != specification.generation || !specification.gates.isEmpty { publish() }
    checkResize()
  }

  private mutating func noteTimer(_ timer: Timer) {
    switch timer {
    case .restart(let name), .retryPull(let name):
      guard var state = containers[name], state.isLaunching, !state.isRunning, !state.isStarting else { return }
      state.isLaunching = false
      containers[name] = state
      if !isTerminating && failure == nil, let container = specification[name] { launch(container) }
    case .pullBackOff(let name): notePullBackOff(name)
    case .deadline:
      if isTerminating || isFinished || failure != nil { return }
      let message = "Pod was active on the node longer than the specified deadline"
      fail("DeadlineExceeded", message)
      record(.normal, "DeadlineExceeded", message)
    case .resize: finishResize()
    case .retryResize: checkResize()
    }
  }

  mutating func fail(_ reason: String, _ message: String) {
    failure = (reason, message)
    publish()
  }

  /// `sim.swiftlet.dev/evict` on a pod: its node has too little of something and the pod must go.
  private mutating func checkEviction() {
    guard let text = specification.wishes[Annotations.prefix + "evict"], text != "false" else { return }
    evict(text.isEmpty || text == "true" ? Self.shortage : text)
  }

  /// What is said of a node without memory.
  static let shortage = "The node was low on resource: memory. Threshold quantity: 100Mi, available: 64Mi. "

  private mutating func evict(_ message: String) {
    guard failure == nil, !isTerminating, !isFinished else { return }
    fail("Evicted", message)
    record(.warning, "Evicted", message)
  }

  // MARK: What to do next

  /// Brings the containers on: the init containers one after the other, then all the others, or all to their end.
  private mutating func advance() {
    if isGone || isFinished && !isTerminating || address == nil && !isTerminating { return }
    if isTerminating || failure != nil { return windDown() }
    // Sidecars are not started again when there is nobody left to serve.
    let regular = specification.containers.filter { $0.role == .regular }
    if regular.allSatisfy({ isOver($0) }) { return windDown() }
    for container in specification.containers where container.role == .ephemeral { bringUp(container) }
    for container in specification.containers where container.role == .initial || container.role == .sidecar {
      if !mayPass(container) { return }
    }
    for container in regular {
      bringUp(container)
      if holdsNext(container) { break }
    }
  }

  /// Runs an init container; true when the next may begin.
  private mutating func mayPass(_ container: PodSpecification.Container) -> Bool {
    guard let state = containers[container.name] else { return true }
    if container.role == .sidecar {
      bringUp(container)
      return state.isStarted && !state.isHooking || state.restartCount > 0
    }
    if let exit = state.exit, exit.code == 0 { return true }
    // Once the regular containers have begun, an init container has nothing more to say.
    if let exit = state.exit, !restarts(container, after: exit) {
      failure = ("", "")
      windDown()
      return false
    }
    bringUp(container)
    return false
  }

  /// What a container does after its start keeps the ones behind it from starting.
  private func holdsNext(_ container: PodSpecification.Container) -> Bool {
    guard container.postStart != nil, let state = containers[container.name] else { return false }
    if case .waiting("CrashLoopBackOff", _) = state.phase { return false }
    return state.isLaunching || state.isHooking
  }

  /// Starts a container that is not running but should be.
  private mutating func bringUp(_ container: PodSpecification.Container) {
    guard let state = containers[container.name], !state.isRunning, !state.isLaunching else { return }
    if let exit = state.exit {
      if restarts(container, after: exit) { restart(container, after: exit) }
    } else {
      launch(container)
    }
  }

  /// The container has ended for good.
  func isOver(_ container: PodSpecification.Container) -> Bool {
    guard let exit = containers[container.name]?.exit else { return false }
    return !restarts(container, after: exit)
  }

  func restarts(_ container: PodSpecification.Container, after exit: Exit) -> Bool {
    if container.role == .ephemeral { return false }
    if container.role == .sidecar || containers[container.name]?.restartsOnPurpose == true { return true }
    if container.restartRules.contains(where: { $0.matches(exit.code) }) { return true }
    let policy = container.restartPolicy.isEmpty ? specification.restartPolicy : container.restartPolicy
    if policy == "Always" { return container.role != .initial || exit.code != 0 }
    return policy == "OnFailure" && exit.code != 0
  }

  mutating func publish() {
    if case .publish? = effects.last { return }
    effects.append(.publish)
  }

  mutating func record(
    _ severity: EventNote.Severity, _ reason: String, _ message: String,
    _ container: PodSpecification.Container? = nil
  ) {
    let about = specification.reference(container?.name ?? "", role: container?.role ?? .regular)
    effects.append(.record(EventNote(about, severity, reason, message)))
  }
}

extension PodMachine {
  /// The states of the containers that run, in the order of the pod.
  var running: [ContainerState] {
    specification.containers.compactMap { containers[$0.name] }.filter(\.isRunning)
  }
}
