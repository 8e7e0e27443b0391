import EventLoops
import JSONCore
import Objects
import Reconciling
import Values

/// A pod on one of our nodes: its machine, and what is under way for it. It lives on the agent's loop.
struct PodWorker {
  let key: Key
  let uid: String
  let node: String
  var machine: PodMachine
  var isWriting = false
  /// The status has changed since the last write began.
  var isDirty = false
  var isFinishing = false
  /// The state of the object that the machine has been told of.
  var generation: Int
  var isBeingDeleted: Bool
  /// A fingerprint of its annotations, by which users say how it is to behave.
  var annotations: Int
  var timers: [PodMachine.Timer: any ScheduledTimer] = [:]
  var probeTimers: [String: any ScheduledTimer] = [:]
  var writeFailures = 0
  /// All has ended, and its address has gone back to the node.
  var isReleased = false

  func cancelTimers() {
    for timer in timers.values { timer.cancel() }
    for timer in probeTimers.values { timer.cancel() }
  }
}

extension NodeAgent {
  /// How often it is tried again to give a pod its volumes and its address.
  private static let sandboxInterval = Duration.seconds(2)
  private static let writeBackoff = Backoff(first: .milliseconds(50), limit: .seconds(30))

  /// Takes up a pod of one of our nodes, or tells its machine what has changed.
  func take(_ object: Object, _ facts: PodFacts) {
    guard !facts.nodeName.isEmpty, state.value.nodes[facts.nodeName]?.isLost == false else { return }
    let generation = facts.generation
    let annotations =
      RawJSON(object.blob.bytes).member("metadata")?.member("annotations").map { Array($0.bytes).hashValue } ?? 0
    if let worker = state.value.workers[facts.uid] {
      let isNews =
        worker.generation != generation || worker.isBeingDeleted != facts.isBeingDeleted
        || worker.annotations != annotations
      if !isNews && worker.machine.specification.gates.isEmpty { return }
      state.value.workers[facts.uid]?.generation = generation
      state.value.workers[facts.uid]?.annotations = annotations
      state.value.workers[facts.uid]?.isBeingDeleted = facts.isBeingDeleted
      return step(facts.uid, .updated(PodSpecification(object)))
    }
    if facts.isTerminal && !facts.isBeingDeleted { return }
    state.value.workers[facts.uid] = PodWorker(
      key: object.key, uid: facts.uid, node: facts.nodeName, machine: PodMachine(PodSpecification(object)),
      generation: generation, isBeingDeleted: facts.isBeingDeleted, annotations: annotations)
    step(facts.uid, .begin)
  }

  /// The object is gone: whatever still runs for it ends.
  func drop(_ uid: String) {
    logs.remove(podUID: uid)
    guard let worker = state.value.workers.removeValue(forKey: uid) else { return }
    worker.cancelTimers()
    for container in worker.machine.running {
      runtime.remove(container.containerID)
    }
    runtime.forget(pod: uid)
    if !worker.isReleased { freeAddress(worker) }
  }

  /// Passes an event to a pod's machine and does what it asks for. On the loop.
  func step(_ uid: String, _ event: PodMachine.Event) {
    guard !state.value.isStopped, let effects = state.value.workers[uid]?.machine.step(event, at: clock.now) else {
      return
    }
    if let worker = state.value.workers[uid], worker.machine.isFinished, !worker.isReleased {
      state.value.workers[uid]?.isReleased = true
      freeAddress(worker)
    }
    for effect in effects { perform(effect, uid) }
  }

  private func freeAddress(_ worker: PodWorker) {
    if let address = worker.machine.address { state.value.nodes[worker.node]?.addresses.free(address) }
  }

  /// As `step`, from anywhere.
  func send(_ uid: String, _ event: PodMachine.Event) {
    loop.run { [self] in step(uid, event) }
  }

  private func perform(_ effect: PodMachine.Effect, _ uid: String) {
    guard let worker = state.value.workers[uid] else { return }
    switch effect {
    case .makeSandbox: makeSandbox(worker)
    case .ensureImage(let name): ensureImage(worker, name)
    case .start(let name): start(worker, name, runningSince: nil)
    case .resume(let name, let since): start(worker, name, runningSince: since)
    case .stop(let name, let grace): stop(worker, name, grace)
    case .postStart(let name): runPostStart(worker, name)
    case .refresh:
      for container in worker.machine.running {
        runtime.update(container.containerID, worker.machine.specification)
      }
    case .judgeResize: step(uid, .judged(judge(worker)))
    case .probe(let name, let kind, let delay): probe(worker, name, kind, after: delay)
    case .schedule(let timer, let delay):
      state.value.workers[uid]?.timers[timer]?.cancel()
      state.value.workers[uid]?.timers[timer] = clock.schedule(after: delay, on: loop) { [weak self] in
        self?.state.value.workers[uid]?.timers[timer] = nil
        self?.step(uid, .timer(timer))
      }
    case .record(let note): if !isLost(worker) { recorder.record(note, from: Self.component, on: worker.node) }
    case .publish:
      state.value.workers[uid]?.isDirty = true
      flush(uid)
    case .finish:
      state.value.workers[uid]?.isFinishing = true
      flush(uid)
    }
  }

  private func makeSandbox(_ worker: PodWorker) {
    let specification = worker.machine.specification
    if worker.machine.isFinished { return }
    if worker.machine.containers.values.allSatisfy(\.isUntouched), !worker.isBeingDeleted,
      let problem = Prerequisites.volumes(of: specification, in: peer.snapshot)
    {
      return retrySandbox(worker, "FailedMount", problem)
    }
    let known = specification.json["status"]?.text("podIP") ?? ""
    let address: String?
    if specification.isOnHostNetwork {
      address = state.value.nodes[worker.node]?.address
    } else if !known.isEmpty, state.value.nodes[worker.node]?.addresses.take(known) == true {
      address = known
    } else {
      address = state.value.nodes[worker.node]?.addresses.take()
    }
    guard let address else {
      let problem = "Failed to create pod sandbox: no IP addresses available in network"
      return retrySandbox(worker, "FailedCreatePodSandBox", problem)
    }
    step(worker.uid, .sandboxReady(address: address))
  }

  /// A volume cannot be mounted yet, or no address is free: says so and tries again.
  private func retrySandbox(_ worker: PodWorker, _ reason: String, _ problem: String) {
    let uid = worker.uid
    if !problem.isEmpty {
      let note = EventNote(worker.machine.specification.reference(), .warning, reason, problem)
      recorder.record(note, from: Self.component, on: worker.node)
    }
    clock.schedule(after: Self.sandboxInterval, on: loop) { [weak self] in
      guard let self, let worker = state.value.workers[uid], worker.machine.address == nil else { return }
      makeSandbox(worker)
    }
  }

  private func ensureImage(_ worker: PodWorker, _ name: String) {
    let uid = worker.uid
    guard let request = request(worker, name) else { return }
    let container = request.container
    if let problem = Self.invalidName(container.image) {
      return step(uid, .failed(name, RuntimeFailure(reason: "InvalidImageName", message: problem)))
    }
    let present = runtime.image(container.image, on: worker.node)
    if let present, container.pullPolicy != "Always" {
      return step(uid, .pulled(name, present, wasPresent: true))
    }
    if container.pullPolicy == "Never" {
      let message = "Container image \"\(container.image)\" is not present with pull policy of Never"
      return step(uid, .failed(name, RuntimeFailure(reason: "ErrImageNeverPull", message: message)))
    }
    step(uid, .pulling(name))
    loop.spawnOutside { [self] in
      do throws(RuntimeFailure) {
        let image = try await runtime.pull(request, on: worker.node)
        noteImages(on: worker.node)
        send(uid, .pulled(name, image, wasPresent: false))
      } catch {
        send(uid, .failed(name, error))
      }
    }
  }

  private func request(_ worker: PodWorker, _ name: String) -> ContainerRequest? {
    guard let container = worker.machine.specification[name] else { return nil }
    let attempt = worker.machine.containers[name].map { $0.restartCount + ($0.lastExit == nil ? 0 : 1) } ?? 0
    return ContainerRequest(pod: worker.machine.specification, container: container, attempt: attempt)
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
    guard var request = request(worker, name) else { return }
    do throws(PodEnvironment.Missing) {
      request.surroundings = try surroundings(worker, request.container)
    } catch {
      if runningSince == nil {
        return step(uid, .failed(name, RuntimeFailure(reason: "CreateContainerConfigError", message: error.message)))
      }
    }
    request.runningSince = runningSince
    if runningSince != nil { request.attempt = worker.machine.containers[name]?.restartCount ?? 0 }
    loop.spawnOutside { [self, request] in
      do throws(RuntimeFailure) {
        let id = try await runtime.start(request) { [weak self] exit in self?.send(uid, .exited(name, exit)) }
        send(uid, runningSince == nil ? .started(name, id: id) : .resumed(name, id: id))
        loop.run { [self] in
          // The pod went away while the container was being started.
          if state.value.workers[uid] == nil { runtime.remove(id) }
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
    state.value.workers[uid]?.probeTimers[slot]?.cancel()
    state.value.workers[uid]?.probeTimers[slot] = clock.schedule(after: delay, on: loop, ask)
  }

  // MARK: Status

  /// Writes the newest status, one write at a time, and lets the object go at the very end.
  func flush(_ uid: String) {
    guard let worker = state.value.workers[uid], !worker.isWriting, worker.isDirty || worker.isFinishing,
      !isLost(worker)
    else { return }
    guard let object = peer.snapshot[worker.key], object.uid == uid else { return }
    let address = state.value.nodes[worker.node]?.address ?? ""
    let stored = object.json["status"]
    let status = worker.machine.status(from: stored, host: address, at: clock.now)
    let write = worker.isDirty ? Action.status(object, from: stored, to: status, isExact: true) : nil
    let isLast = worker.isFinishing
    state.value.workers[uid]?.isDirty = false
    if write == nil && !isLast { return }
    state.value.workers[uid]?.isWriting = true
    let caller = Self.caller(worker.node)
    loop.spawnOutside { [self] in
      var failure: Status?
      do throws(Status) {
        if let write { _ = try await peer.perform(write.verb, as: caller) }
        if isLast {
          _ = try await peer.perform(.delete(worker.key, Deletion(uid: uid, gracePeriodSeconds: 0)), as: caller)
        }
      } catch {
        failure = error
      }
      let outcome = failure
      loop.run { [self] in settle(uid, outcome, wasLast: isLast) }
    }
  }

  private func settle(_ uid: String, _ failure: Status?, wasLast: Bool) {
    guard state.value.workers[uid] != nil else { return }
    state.value.workers[uid]?.isWriting = false
    guard let failure else {
      state.value.workers[uid]?.writeFailures = 0
      // What came up while the write was under way; `flush` knows whether there is anything.
      if !wasLast { flush(uid) }
      return
    }
    if failure.code == 404 { return }
    state.value.workers[uid]?.isDirty = true
    let failures = state.value.workers[uid]?.writeFailures ?? 0
    state.value.workers[uid]?.writeFailures = failures + 1
    if failure.code == 409 && failures < 5 { return flush(uid) }
    clock.schedule(after: Self.writeBackoff.delay(after: failures), on: loop) { [weak self] in self?.flush(uid) }
  }
}
