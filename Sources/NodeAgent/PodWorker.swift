import EventLoops
import JSONCore
import Objects
import Reconciling
import Values

/// A pod on one of our nodes: its machine, and what is under way for it. It lives on the agent's loop.
final class PodWorker {
  let key: Key
  let uid: String
  let node: String
  var machine: PodMachine
  var isWriting = false
  /// The status has changed since the last write began.
  var isDirty = false
  var isFinishing = false
  var timers: [PodMachine.Timer: any ScheduledTimer] = [:]
  var probeTimers: [String: any ScheduledTimer] = [:]
  var writeFailures = 0
  /// How often its volumes could not be mounted.
  var mountFailures = 0
  /// Whether it is ready, as the status said that was written last; nil before the first.
  var saidReady: Bool?
  /// All has ended, and its address has gone back to the node.
  var isReleased = false

  init(_ object: Object, _ facts: PodFacts, _ specification: PodSpecification) {
    key = object.key
    uid = facts.uid
    node = facts.nodeName
    machine = PodMachine(specification)
  }

  func cancelTimers() {
    for timer in timers.values { timer.cancel() }
    for timer in probeTimers.values { timer.cancel() }
  }
}

extension NodeAgent {
  /// How often it is tried again to give a pod its volumes and its address.
  private static let sandboxInterval = Duration.seconds(2)
  /// How long it takes to try again what could not be mounted.
  private static let mountBackoff = Backoff(first: .milliseconds(500), limit: .seconds(122))
  private static let writeBackoff = Backoff(first: .milliseconds(50), limit: .seconds(30))

  /// Takes up a pod of one of our nodes, or tells its machine what has changed.
  func take(_ object: Object, _ facts: PodFacts) {
    guard !facts.nodeName.isEmpty, state.value.nodes[facts.nodeName]?.isLost == false else { return }
    if let worker = state.value.workers[facts.uid] {
      if let said = worker.saidReady, said != facts.isReady { state.value.disputed.insert(facts.uid) }
      let known = worker.machine.specification
      let isNews =
        known.generation != facts.generation || known.isBeingDeleted != facts.isBeingDeleted
        || known.annotations != PodSpecification.annotations(of: object)
      if !isNews && known.gates.isEmpty && !(known.isBeingDeleted && isMoreUrgent(object, than: known)) { return }
      return step(worker, .updated(PodSpecification(object)))
    }
    if facts.isTerminal && !facts.isBeingDeleted { return }
    let json = object.json
    let worker = PodWorker(object, facts, PodSpecification(key: object.key, uid: facts.uid, json: json))
    state.value.workers[facts.uid] = worker
    // Only who has not begun yet can be sent away.
    if json.at("status", "startTime") == nil, !facts.isBeingDeleted, refusal(of: worker, json) != nil {
      return refuseSoon(worker, json)
    }
    step(worker, .begin(status: json["status"]))
  }

  /// The pod is to end sooner than was said at first.
  private func isMoreUrgent(_ object: Object, than known: PodSpecification) -> Bool {
    let grace = RawJSON(object.blob.bytes).member("metadata")?.member("deletionGracePeriodSeconds")?.decoded()?.int
    return grace.map { $0 < known.gracePeriodSeconds } ?? false
  }

  /// The object is gone: whatever still runs for it ends.
  func drop(_ uid: String) {
    logs.remove(podUID: uid)
    tokens?.forget(uid)
    guard let worker = state.value.workers.removeValue(forKey: uid) else { return }
    worker.cancelTimers()
    for container in worker.machine.running {
      runtime.remove(container.containerID)
    }
    runtime.forget(pod: uid)
    if !worker.isReleased { freeAddress(worker) }
  }

  /// Passes an event to a pod's machine and does what it asks for. On the loop.
  func step(_ worker: PodWorker, _ event: PodMachine.Event) {
    if state.value.isStopped { return }
    let effects = worker.machine.step(event, at: clock.now)
    if worker.machine.isFinished, !worker.isReleased {
      worker.isReleased = true
      freeAddress(worker)
    }
    for effect in effects { perform(effect, worker) }
  }

  private func freeAddress(_ worker: PodWorker) {
    if let address = worker.machine.address { state.value.nodes[worker.node]?.addresses.free(address) }
  }

  /// As `step`, from anywhere.
  func send(_ uid: String, _ event: PodMachine.Event) {
    loop.run { [self] in
      if let worker = state.value.workers[uid] { step(worker, event) }
    }
  }

  private func perform(_ effect: PodMachine.Effect, _ worker: PodWorker) {
    let uid = worker.uid
    switch effect {
    case .makeSandbox: makeSandbox(worker)
    case .ensureImage(let name): ensureImage(worker, name)
    case .start(let name): start(worker, name, runningSince: nil)
    case .resume(let name, let since): start(worker, name, runningSince: since)
    case .stop(let name, let grace): stop(worker, name, grace)
    case .hasten(let name, let grace):
      if let id = worker.machine.containers[name]?.containerID { runtime.stop(id, grace: grace) }
    case .postStart(let name): runPostStart(worker, name)
    case .refresh:
      for container in worker.machine.running {
        runtime.update(container.containerID, worker.machine.specification)
      }
    case .judgeResize: step(worker, .judged(judge(worker)))
    case .probe(let name, let kind, let delay): probe(worker, name, kind, after: delay)
    case .schedule(let timer, let delay):
      worker.timers[timer]?.cancel()
      worker.timers[timer] = clock.schedule(after: delay, on: loop) { [weak self] in
        guard let self, let worker = state.value.workers[uid] else { return }
        worker.timers[timer] = nil
        step(worker, .timer(timer))
      }
    case .record(let note): if !isLost(worker) { recorder.record(note, from: Self.component, on: worker.node) }
    case .publish:
      worker.isDirty = true
      flushSoon(worker)
    case .finish:
      worker.isFinishing = true
      flushSoon(worker)
    }
  }

  private func makeSandbox(_ worker: PodWorker) {
    let specification = worker.machine.specification
    if worker.machine.isFinished { return }
    let snapshot = peer.snapshot
    guard let details = details(of: worker, in: snapshot) else { return }
    if worker.machine.containers.values.allSatisfy(\.isUntouched), !specification.isBeingDeleted,
      let problem = Prerequisites.volumes(of: details, in: snapshot)
    {
      return retrySandbox(worker, "FailedMount", problem)
    }
    let known = details.json["status"]?.text("podIP") ?? ""
    let address: String?
    if specification.isOnHostNetwork {
      address = state.value.nodes[worker.node]?.address
    } else if !known.isEmpty, state.value.nodes[worker.node]?.addresses.take(known) == true {
      address = known
    } else {
      address = state.value.nodes[worker.node]?.addresses.take()
    }
    if worker.machine.containers.values.allSatisfy(\.isUntouched) { noteMissingPullSecrets(worker, details, snapshot) }
    guard let address else {
      let problem = "Failed to create pod sandbox: no IP addresses available in network"
      return retrySandbox(worker, "FailedCreatePodSandBox", problem)
    }
    step(worker, .sandboxReady(address: address))
  }

  /// The pod's object as it is now; nil when it is gone.
  func details(of worker: PodWorker, in snapshot: Snapshot) -> PodDetails? {
    snapshot[worker.key].flatMap { $0.uid == worker.uid ? PodDetails($0) : nil }
  }

  /// A volume cannot be mounted yet, or no address is free: says so and tries again.
  private func retrySandbox(_ worker: PodWorker, _ reason: String, _ problem: String) {
    let uid = worker.uid
    var delay = Self.sandboxInterval
    if !problem.isEmpty {
      let note = EventNote(worker.machine.specification.reference(), .warning, reason, problem)
      recorder.record(note, from: Self.component, on: worker.node)
      if reason == "FailedMount" {
        delay = Self.mountBackoff.delay(after: worker.mountFailures)
        worker.mountFailures += 1
      }
    }
    clock.schedule(after: delay, on: loop) { [weak self] in
      guard let self, let worker = state.value.workers[uid], worker.machine.address == nil else { return }
      makeSandbox(worker)
    }
  }

  /// Without them the image may still be one that anybody can pull.
  private func noteMissingPullSecrets(_ worker: PodWorker, _ details: PodDetails, _ snapshot: Snapshot) {
    let missing = Prerequisites.missingPullSecrets(of: details, in: snapshot)
    if missing.isEmpty { return }
    let message =
      "Unable to retrieve some image pull secrets (\(missing.joined(separator: ", "))); "
      + "attempting to pull the image may not succeed."
    let about = worker.machine.specification.reference()
    recorder.record(
      EventNote(about, .warning, "FailedToRetrieveImagePullSecret", message), from: Self.component, on: worker.node)
  }

  private func ensureImage(_ worker: PodWorker, _ name: String) {
    let uid = worker.uid
    guard let container = worker.machine.specification[name] else { return }
    if let problem = Self.invalidName(container.image) {
      return step(worker, .failed(name, RuntimeFailure(reason: "InvalidImageName", message: problem)))
    }
    let present = runtime.image(container.image, on: worker.node)
    if let present, container.pullPolicy != "Always" {
      return step(worker, .pulled(name, present, wasPresent: true))
    }
    if container.pullPolicy == "Never" {
      let message = "Container image \"\(container.image)\" is not present with pull policy of Never"
      return step(worker, .failed(name, RuntimeFailure(reason: "ErrImageNeverPull", message: message)))
    }
    step(worker, .pulling(name))
    let (node, pod) = (worker.node, worker.machine.specification)
    loop.spawnOutside { [self] in
      do throws(RuntimeFailure) {
        let image = try await runtime.pull(container, of: pod, on: node)
        noteImages(on: node)
        send(uid, .pulled(name, image, wasPresent: false))
      } catch {
        send(uid, .failed(name, error))
      }
    }
  }

  private static func invalidName(_ image: String) -> String? {
    if ImageReference(image).isValid { return nil }
    let isUpper = image.contains { $0.isUppercase } && ImageReference(image.lowercased()).isValid
    let why =
      "invalid reference format" + (isUpper ? ": repository name (library/\(image)) must be lowercase" : "")
    return "Failed to apply default image tag \"\(image)\": couldn't parse image name \"\(image)\": \(why)"
  }

  private func start(_ worker: PodWorker, _ name: String, runningSince: Instant?) {
    let uid = worker.uid
    let snapshot = peer.snapshot
    guard let container = worker.machine.specification[name], let details = details(of: worker, in: snapshot) else {
      return
    }
    let before = worker.machine.containers[name]
    var request = ContainerRequest(
      pod: worker.machine.specification, container: container, attempt: before?.restartCount ?? 0,
      runningSince: runningSince)
    if runningSince == nil, before?.lastExit != nil { request.attempt += 1 }
    do throws(PodEnvironment.Missing) {
      request.surroundings = try surroundings(worker, container, details, snapshot)
    } catch {
      if runningSince == nil {
        return step(worker, .failed(name, RuntimeFailure(reason: "CreateContainerConfigError", message: error.message)))
      }
    }
    let readiness = container.probes[.readiness] == nil ? runtime.readiness(request) : nil
    loop.spawnOutside { [self, request] in
      do throws(RuntimeFailure) {
        let id = try await runtime.start(request) { [weak self] exit in self?.send(uid, .exited(name, exit)) }
        loop.run { [self] in
          // The pod may have gone away while the container was being started.
          guard let worker = state.value.workers[uid] else { return runtime.remove(id) }
          step(worker, runningSince == nil ? .started(name, id: id, readiness: readiness) : .resumed(name, id: id))
        }
      } catch {
        send(uid, .failed(name, error))
      }
    }
  }

  private func probe(_ worker: PodWorker, _ name: String, _ kind: ProbeKind, after delay: Duration) {
    guard let id = worker.machine.containers[name]?.containerID else { return }
    let uid = worker.uid
    let ask: @Sendable () -> Void = { [weak self] in
      guard let self, state.value.workers[uid]?.machine.containers[name]?.containerID == id else { return }
      loop.spawnOutside { [self] in
        let outcome = await runtime.probe(id, kind)
        send(uid, .probed(name, kind, outcome))
      }
    }
    if delay == .zero { return ask() }
    let slot = "\(name)/\(kind.rawValue)"
    worker.probeTimers[slot]?.cancel()
    worker.probeTimers[slot] = clock.schedule(after: delay, on: loop, ask)
  }

  // MARK: Status

  /// Writes the status when what the loop has taken on by now is done: several changes at once are one write.
  private func flushSoon(_ worker: PodWorker) {
    state.value.unwritten.append(worker)
    if state.value.unwritten.count > 1 { return }
    loop.run { [self] in
      let workers = state.value.unwritten
      state.value.unwritten = []
      for worker in workers where state.value.workers[worker.uid] === worker { flush(worker) }
    }
  }

  /// Writes the newest status, one write at a time, and lets the object go at the very end.
  func flush(_ worker: PodWorker) {
    if worker.isWriting || !worker.isDirty && !worker.isFinishing || isLost(worker) { return }
    let (uid, key) = (worker.uid, worker.key)
    guard let object = peer.snapshot[key], object.uid == uid else { return }
    let address = state.value.nodes[worker.node]?.address ?? ""
    let json = object.json
    let status = worker.machine.status(of: json, host: address, at: clock.now)
    let write = worker.isDirty ? Action.status(object, from: json["status"], to: status, isExact: true) : nil
    let isLast = worker.isFinishing
    worker.isDirty = false
    worker.saidReady = Conditions(status).isTrue("Ready")
    if write == nil && !isLast { return }
    worker.isWriting = true
    let caller = Self.caller(worker.node)
    loop.spawnOutside { [self] in
      var failure: Status?
      do throws(Status) {
        if let write { _ = try await peer.perform(write.verb, as: caller) }
        if isLast {
          _ = try await peer.perform(.delete(key, Deletion(uid: uid, gracePeriodSeconds: 0)), as: caller)
        }
      } catch {
        failure = error
      }
      let outcome = failure
      loop.run { [self] in settle(uid, outcome, wasLast: isLast) }
    }
  }

  private func settle(_ uid: String, _ failure: Status?, wasLast: Bool) {
    guard let worker = state.value.workers[uid] else { return }
    worker.isWriting = false
    guard let failure else {
      worker.writeFailures = 0
      // What came up while the write was under way; `flush` knows whether there is anything.
      if !wasLast { flush(worker) }
      return
    }
    if failure.code == 404 { return }
    worker.isDirty = true
    let failures = worker.writeFailures
    worker.writeFailures = failures + 1
    if failure.code == 409 && failures < 5 { return flush(worker) }
    clock.schedule(after: Self.writeBackoff.delay(after: failures), on: loop) { [weak self] in
      guard let self, let worker = state.value.workers[uid] else { return }
      flush(worker)
    }
  }
}
