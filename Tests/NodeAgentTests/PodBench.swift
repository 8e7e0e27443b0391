import JSONCore
import Objects
import Reconciling
import Values

@testable import NodeAgent

/// Runs a machine against a runtime that always answers at once, and notes what happens.
struct PodBench {
  static let start = Instant(seconds: 1_767_225_600)

  var machine: PodMachine
  /// The pod's object.
  var json: JSON
  var now = PodBench.start
  var trace: [String] = []
  var notes: [EventNote] = []
  var timers: [(deadline: Instant, timer: PodMachine.Timer)] = []
  var missingImages: Set<String> = []
  /// Why what follows a start fails, by container; what is not here waits for `hook`.
  var hooks: [String: String?] = [:]
  var verdict = ResizeVerdict.fits
  /// The delays that probes were asked for with.
  var probes: [String] = []

  init(_ spec: JSON, metadata: JSON = ["name": "p", "namespace": "default"], verdict: ResizeVerdict = .fits) {
    json = ["apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec]
    machine = PodMachine(
      PodSpecification(key: Key(.pods, namespace: "default", name: "p"), uid: "u", json: json))
    self.verdict = verdict
    send(.begin(status: nil))
  }

  mutating func send(_ event: PodMachine.Event) {
    for effect in machine.step(event, at: now) { answer(effect) }
  }

  private mutating func answer(_ effect: PodMachine.Effect) {
    switch effect {
    case .makeSandbox: send(.sandboxReady(address: "10.244.1.2"))
    case .ensureImage(let name):
      if missingImages.contains(name) {
        send(.pulling(name))
        send(.failed(name, RuntimeFailure(reason: "ErrImagePull", message: "not found")))
      } else {
        send(.pulled(name, Image(name: "i", id: "i@sha256:0", sizeBytes: 1), wasPresent: true))
      }
    case .start(let name):
      trace.append("start \(name)")
      send(.started(name, id: "c://\(name)"))
    case .resume(let name, _): trace.append("resume \(name)")
    case .postStart(let name):
      trace.append("hook \(name)")
      if let failure = hooks[name] { send(.hooked(name, id: "c://\(name)", failure: failure)) }
    case .stop(let name, _):
      trace.append("stop \(name)")
      exit(name, 0)
    case .hasten(let name, _): trace.append("hasten \(name)")
    case .probe(let name, let kind, let delay):
      probes.append("\(kind.annotation) \(name) \(delay.components.seconds)")
      if delay == .zero { send(.probed(name, kind, ProbeOutcome(isSuccess: true, isFinal: true))) }
    case .schedule(let timer, let delay): timers.append((now + delay, timer))
    case .refresh: trace.append("refresh")
    case .judgeResize: send(.judged(verdict))
    case .record(let note):
      trace.append(note.reason)
      notes.append(note)
    case .publish: break
    case .finish: trace.append("finish")
    }
  }

  /// A container ends; killed for lack of memory where the reason says so.
  mutating func exit(_ name: String, _ code: Int, reason: String = "") {
    let startedAt = if case .running(let since)? = machine.containers[name]?.phase { since } else { now }
    send(.exited(name, Exit(code: code, reason: reason, startedAt: startedAt, finishedAt: now)))
  }

  mutating func pass(_ duration: Duration) {
    now = now + duration
    let due = timers.filter { $0.deadline <= now }
    timers.removeAll { $0.deadline <= now }
    for timer in due { send(.timer(timer.timer)) }
  }

  /// The object changes.
  mutating func update(_ change: (inout JSON) -> Void) {
    change(&json)
    send(.updated(PodSpecification(key: machine.specification.key, uid: "u", json: json)))
  }

  var status: JSON { machine.status(of: json, host: "172.18.0.3", at: now) }

  var starts: [String] { trace.filter { $0.hasPrefix("start") } }

  func condition(_ type: String) -> String {
    status.list("conditions").first { $0.text("type") == type }?.text("status") ?? ""
  }

  func containerStatus(_ name: String) -> JSON? {
    let all = ["initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"].flatMap { status.list($0) }
    return all.first { $0.text("name") == name }
  }

  func state(_ name: String) -> JSON? { containerStatus(name)?["state"] }

  /// `running`, `CrashLoopBackOff`, `Completed`
  func word(_ name: String) -> String {
    let state = state(name)
    if state?["running"] != nil { return "running" }
    return state?.at("waiting", "reason")?.string ?? state?.at("terminated", "reason")?.string ?? ""
  }
}
