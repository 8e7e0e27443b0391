import JSONCore
import Objects
import Testing
import Values

@testable import NodeAgent

/// A pod's life, event by event: what the machine asks for, and what the status says then.
@Suite struct PodMachineTests {
  static let plain: JSON = ["containers": [["name": "c", "image": "i"]]]

  @Test func aPlainPodBecomesReady() {
    let bench = PodBench(Self.plain)
    #expect(bench.trace == ["Pulled", "start c", "Created", "Started"])
    #expect(bench.status.text("phase") == "Running")
    #expect(bench.status.text("podIP") == "10.244.1.2")
    for type in ["PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready", "PodScheduled"] {
      #expect(bench.condition(type) == "True", "\(type)")
    }
    #expect(bench.status.list("containerStatuses")[0]["ready"] == true)
  }

  @Test func aConditionOfOthersOpensAReadinessGate() {
    var bench = PodBench([
      "readinessGates": [["conditionType": "x/open"]], "containers": [["name": "c", "image": "i"]],
    ])
    #expect(bench.condition("Ready") == "False")
    bench.json["status"] = ["conditions": [["type": "x/open", "status": "True"]]]
    let effects = bench.machine.step(
      .updated(PodSpecification(key: bench.machine.specification.key, uid: "u", json: bench.json)), at: bench.now)
    let publishes = effects.contains { if case .publish = $0 { true } else { false } }
    #expect(publishes)
    let ready = bench.status.list("conditions")
      .first { $0.text("type") == "Ready" }
    #expect(ready?.text("status") == "True")
  }

  /// A container that ran before the agent did is asked again, but not whether it has started.
  @Test func probesGoOnAfterTheAgentWasAway() {
    let probe: JSON = ["exec": ["command": ["true"]], "initialDelaySeconds": 7]
    let before = PodBench(["containers": [["name": "c", "image": "i"]]])
    var json = before.json
    json["spec"] = [
      "containers": [["name": "c", "image": "i", "startupProbe": probe, "livenessProbe": probe]]
    ]
    json["status"] = before.status
    var bench = before
    bench.machine = PodMachine(
      PodSpecification(key: before.machine.specification.key, uid: "u", json: json))
    (bench.trace, bench.probes) = ([], [])
    bench.send(.begin(status: json["status"]))
    #expect(bench.trace == ["resume c"])
    #expect(bench.probes == [])
    bench.send(.resumed("c", id: "c://again"))
    #expect(bench.probes == ["liveness c 7", "readiness c 0"])
    #expect(bench.machine.containers["c"]?.containerID == "c://again")
  }

  @Test func initContainersRunOneAfterTheOther() {
    var bench = PodBench([
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
    var bench = PodBench([
      "restartPolicy": "Never", "initContainers": [["name": "a", "image": "i"]],
      "containers": [["name": "c", "image": "i"]],
    ])
    bench.exit("a", 1)
    #expect(bench.status.text("phase") == "Failed")
    #expect(!bench.trace.contains("start c"))
  }

  @Test func restartsAtOnceAndThenBacksOff() {
    var bench = PodBench(Self.plain)
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
    var bench = PodBench(["restartPolicy": .string(policy), "containers": [["name": "c", "image": "i"]]])
    bench.exit("c", code)
    #expect(bench.status.text("phase") == phase)
  }

  @Test func deletionStopsContainersAndThenLetsThePodGo() {
    var bench = PodBench([
      "initContainers": [["name": "side", "image": "i", "restartPolicy": "Always"]],
      "containers": [["name": "c", "image": "i"]],
    ])
    #expect(bench.trace.filter { $0.hasPrefix("start") } == ["start side", "start c"])
    var json = bench.json
    json["metadata"]?["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    bench.send(.updated(PodSpecification(key: bench.machine.specification.key, uid: "u", json: json)))
    #expect(bench.trace.filter { $0.hasPrefix("stop") || $0 == "finish" } == ["stop c", "stop side", "finish"])
  }

  @Test func aSidecarEndsAfterTheOthersHaveCompleted() {
    var bench = PodBench([
      "restartPolicy": "Never", "initContainers": [["name": "side", "image": "i", "restartPolicy": "Always"]],
      "containers": [["name": "c", "image": "i"]],
    ])
    bench.exit("c", 0)
    #expect(bench.trace.last == "stop side" || bench.trace.contains("stop side"))
    #expect(bench.status.text("phase") == "Succeeded")
    #expect(!bench.trace.contains("finish"))
  }

  @Test func aMissingImageBacksOff() {
    var bench = PodBench(Self.plain)
    bench = PodBench(["containers": [["name": "x", "image": "gone"]]])
    #expect(bench.machine.containers["x"]?.isRunning == true)
    var failing = PodBench([
      "initContainers": [["name": "a", "image": "i"]], "containers": [["name": "c", "image": "i"]],
    ])
    failing.missingImages = ["c"]
    failing.exit("a", 0)
    #expect(failing.state("c")?.at("waiting", "reason") == "ErrImagePull")
    failing.pass(.seconds(2))
    #expect(failing.state("c")?.at("waiting", "reason") == "ImagePullBackOff")
    failing.pass(.seconds(8))
    #expect(failing.state("c")?.at("waiting", "reason") == "ErrImagePull")
    #expect(failing.status.text("phase") == "Pending")
    failing.missingImages = []
    failing.pass(.seconds(20))
    #expect(failing.status.text("phase") == "Running")
  }

  @Test func readinessAndLivenessFollowTheirThresholds() {
    var bench = PodBench([
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
    var bench = PodBench(["activeDeadlineSeconds": 30, "containers": [["name": "c", "image": "i"]]])
    bench.pass(.seconds(30))
    #expect(bench.status.text("phase") == "Failed")
    #expect(bench.status.text("reason") == "DeadlineExceeded")
  }
}
