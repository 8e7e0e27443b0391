import JSONCore
import Objects
import Testing
import Values

@testable import NodeAgent

/// A pod's life, event by event: what the machine asks for, and what the status says then.
@Suite struct PodMachineTests {
  static let start = Instant(seconds: 1_767_225_600)

  /// Runs a machine against a runtime that always answers at once, and notes what happens.
  struct Bench {
    var machine: PodMachine
    var now = PodMachineTests.start
    var trace: [String] = []
    var timers: [(deadline: Instant, timer: PodMachine.Timer)] = []
    var missingImages: Set<String> = []

    init(_ spec: JSON, metadata: JSON = ["name": "p", "namespace": "default"]) {
      let json: JSON = ["apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec]
      machine = PodMachine(
        PodSpecification(key: Key(GroupResource("", "pods"), namespace: "default", name: "p"), uid: "u", json: json))
      send(.begin)
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
      case .stop(let name, _):
        trace.append("stop \(name)")
        exit(name, 0)
      case .probe(let name, let kind, let delay):
        if delay == .zero { send(.probed(name, kind, ProbeOutcome(isSuccess: true, isFinal: true))) }
      case .schedule(let timer, let delay): timers.append((now + delay, timer))
      case .record(let note): trace.append(note.reason)
      case .publish: break
      case .finish: trace.append("finish")
      }
    }

    mutating func exit(_ name: String, _ code: Int) {
      let startedAt = if case .running(let since)? = machine.containers[name]?.phase { since } else { now }
      send(.exited(name, Exit(code: code, startedAt: startedAt, finishedAt: now)))
    }

    mutating func pass(_ duration: Duration) {
      now = now + duration
      let due = timers.filter { $0.deadline <= now }
      timers.removeAll { $0.deadline <= now }
      for timer in due { send(.timer(timer.timer)) }
    }

    var status: JSON { machine.status(from: nil, host: "172.18.0.3", at: now) }

    func condition(_ type: String) -> String {
      status.list("conditions").first { $0.text("type") == type }?.text("status") ?? ""
    }

    func state(_ name: String) -> JSON? {
      let all = ["initContainerStatuses", "containerStatuses"].flatMap { status.list($0) }
      return all.first { $0.text("name") == name }?["state"]
    }
  }

  static let plain: JSON = ["containers": [["name": "c", "image": "i"]]]

  @Test func aPlainPodBecomesReady() {
    let bench = Bench(Self.plain)
    #expect(bench.trace == ["Pulled", "start c", "Created", "Started"])
    #expect(bench.status.text("phase") == "Running")
    #expect(bench.status.text("podIP") == "10.244.1.2")
    for type in ["PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready", "PodScheduled"] {
      #expect(bench.condition(type) == "True", "\(type)")
    }
    #expect(bench.status.list("containerStatuses")[0]["ready"] == true)
  }

  @Test func initContainersRunOneAfterTheOther() {
    var bench = Bench([
      "initContainers": [["name": "a", "image": "i"], ["name": "b", "image": "i"]],
      "containers": [["name": "c", "image": "i"]],
    ])
    #expect(bench.trace.filter { $0.hasPrefix("start") } == ["start a"])
    #expect(bench.status.text("phase") == "Pending")
    #expect(bench.condition("Initialized") == "False")
    #expect(bench.state("c") == ["waiting": ["reason": "PodInitializing"]])
    bench.exit("a", 0)
    bench.exit("b", 0)
    #expect(bench.trace.filter { $0.hasPrefix("start") } == ["start a", "start b", "start c"])
    #expect(bench.condition("Initialized") == "True")
    #expect(bench.condition("Ready") == "True")
  }

  @Test func aFailedInitContainerFailsThePodThatNeverRestarts() {
    var bench = Bench([
      "restartPolicy": "Never", "initContainers": [["name": "a", "image": "i"]],
      "containers": [["name": "c", "image": "i"]],
    ])
    bench.exit("a", 1)
    #expect(bench.status.text("phase") == "Failed")
    #expect(!bench.trace.contains("start c"))
  }

  @Test func restartsAtOnceAndThenBacksOff() {
    var bench = Bench(Self.plain)
    bench.exit("c", 1)
    #expect(bench.machine.containers["c"]?.restartCount == 1)
    for expected in [10, 20, 40, 80, 160, 300, 300] {
      bench.exit("c", 1)
      let reason = bench.state("c")?.at("waiting", "reason")?.string
      #expect(reason == "CrashLoopBackOff")
      #expect(bench.status.text("phase") == "Running")
      bench.pass(.seconds(expected - 1))
      #expect(bench.machine.containers["c"]?.isRunning == false)
      bench.pass(.seconds(1))
      #expect(bench.machine.containers["c"]?.isRunning == true)
    }
    #expect(bench.machine.containers["c"]?.restartCount == 8)
    bench.pass(.seconds(600))
    bench.exit("c", 1)
    #expect(bench.machine.containers["c"]?.isRunning == true)
  }

  @Test(arguments: [
    ("Never", 0, "Succeeded"), ("Never", 1, "Failed"), ("OnFailure", 0, "Succeeded"), ("OnFailure", 1, "Running"),
    ("Always", 0, "Running"),
  ])
  func phaseAfterAnExit(_ policy: String, _ code: Int, _ phase: String) {
    var bench = Bench(["restartPolicy": .string(policy), "containers": [["name": "c", "image": "i"]]])
    bench.exit("c", code)
    #expect(bench.status.text("phase") == phase)
  }

  @Test func deletionStopsContainersAndThenLetsThePodGo() {
    var bench = Bench([
      "initContainers": [["name": "side", "image": "i", "restartPolicy": "Always"]],
      "containers": [["name": "c", "image": "i"]],
    ])
    #expect(bench.trace.filter { $0.hasPrefix("start") } == ["start side", "start c"])
    var json = bench.machine.specification.json
    json["metadata"]?["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    bench.send(.updated(PodSpecification(key: bench.machine.specification.key, uid: "u", json: json)))
    #expect(bench.trace.filter { $0.hasPrefix("stop") || $0 == "finish" } == ["stop c", "stop side", "finish"])
  }

  @Test func aSidecarEndsAfterTheOthersHaveCompleted() {
    var bench = Bench([
      "restartPolicy": "Never", "initContainers": [["name": "side", "image": "i", "restartPolicy": "Always"]],
      "containers": [["name": "c", "image": "i"]],
    ])
    bench.exit("c", 0)
    #expect(bench.trace.last == "stop side" || bench.trace.contains("stop side"))
    #expect(bench.status.text("phase") == "Succeeded")
    #expect(!bench.trace.contains("finish"))
  }

  @Test func aMissingImageBacksOff() {
    var bench = Bench(Self.plain)
    bench = Bench(["containers": [["name": "x", "image": "gone"]]])
    #expect(bench.machine.containers["x"]?.isRunning == true)
    var failing = Bench([
      "initContainers": [["name": "a", "image": "i"]], "containers": [["name": "c", "image": "i"]],
    ])
    failing.missingImages = ["c"]
    failing.exit("a", 0)
    #expect(failing.state("c")?.at("waiting", "reason") == "ErrImagePull")
    failing.pass(.seconds(10))
    #expect(failing.state("c")?.at("waiting", "reason") == "ImagePullBackOff")
    #expect(failing.status.text("phase") == "Pending")
    failing.missingImages = []
    failing.pass(.seconds(20))
    #expect(failing.status.text("phase") == "Running")
  }

  @Test func readinessAndLivenessFollowTheirThresholds() {
    var bench = Bench([
      "containers": [
        [
          "name": "c", "image": "i", "readinessProbe": ["failureThreshold": 2, "initialDelaySeconds": 5],
          "livenessProbe": ["failureThreshold": 3, "initialDelaySeconds": 5],
        ]
      ]
    ])
    let down = ProbeOutcome(isSuccess: false, message: "no")
    #expect(bench.condition("Ready") == "False")
    bench.send(.probed("c", .readiness, ProbeOutcome(isSuccess: true)))
    #expect(bench.condition("Ready") == "True")
    bench.send(.probed("c", .readiness, down))
    #expect(bench.condition("Ready") == "True")
    bench.send(.probed("c", .readiness, down))
    #expect(bench.condition("Ready") == "False")
    for _ in 0..<3 { bench.send(.probed("c", .liveness, down)) }
    #expect(bench.trace.contains("stop c"))
    #expect(bench.machine.containers["c"]?.restartCount == 1)
  }

  @Test func theDeadlineFailsThePod() {
    var bench = Bench(["activeDeadlineSeconds": 30, "containers": [["name": "c", "image": "i"]]])
    bench.pass(.seconds(30))
    #expect(bench.status.text("phase") == "Failed")
    #expect(bench.status.text("reason") == "DeadlineExceeded")
  }
}

@Suite struct ScriptTests {
  @Test(arguments: [
    (["sh", "-c", "exit 3"], 10, 3), (["false"], 10, 1), (["sleep", "5"], 5010, 0), (["echo", "hi"], 10, 0),
    (["/bin/sh", "-c", "echo a && sleep 2; exit 7"], 2010, 7), (["sh", "-c", "false && sleep 9"], 10, 1),
  ])
  func obviousCommands(_ words: [String], _ milliseconds: Int, _ code: Int) throws {
    let script = try #require(Script(["command": JSON(words)]))
    #expect(script.runs == .milliseconds(milliseconds))
    #expect(script.exitCode == code)
  }

  @Test(arguments: [["sh", "-c", "while true; do echo x; sleep 1; done"], ["sleep", "infinity"]])
  func endlessCommands(_ words: [String]) throws {
    #expect(try #require(Script(["command": JSON(words)])).runs == nil)
  }

  @Test(arguments: [["nginx", "-g", "daemon off;"], ["sh", "-c", "./server --port 80"], []])
  func othersAreNotUnderstood(_ words: [String]) {
    #expect(Script(["command": JSON(words)]) == nil)
  }
}
