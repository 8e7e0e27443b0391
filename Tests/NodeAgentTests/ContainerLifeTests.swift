import JSONCore
import Testing
import Values

@testable import NodeAgent

/// Sidecars, hooks, probes, deadlines, late containers, resizing, eviction.
@Suite struct ContainerLifeTests {
  static let sidecar: JSON = ["name": "side", "image": "i", "restartPolicy": "Always"]

  // MARK: Sidecars

  @Test func aSidecarStartsFirstAndRestartsAlone() {
    var bench = PodBench([
      "restartPolicy": "Never", "initContainers": [Self.sidecar, ["name": "init", "image": "i"]],
      "containers": [["name": "c", "image": "i"]],
    ])
    #expect(bench.starts == ["start side", "start init"])
    bench.exit("side", 1)
    #expect(bench.starts == ["start side", "start init", "start side"])
    bench.exit("init", 0)
    #expect(bench.starts.last == "start c")
    #expect(bench.status.text("phase") == "Running")
    bench.exit("c", 0)
    #expect(bench.status.text("phase") == "Succeeded")
    #expect(bench.starts.count { $0 == "start side" } == 2)
  }

  @Test func aSidecarsStartupProbeHoldsTheOthers() {
    var side = Self.sidecar
    side["startupProbe"] = ["initialDelaySeconds": 3]
    var bench = PodBench(["initContainers": [side], "containers": [["name": "c", "image": "i"]]])
    #expect(bench.starts == ["start side"])
    bench.send(.probed("side", .startup, ProbeOutcome(isSuccess: true)))
    #expect(bench.starts == ["start side", "start c"])
  }

  @Test func aSidecarThatIsNotReadyKeepsThePodUnready() {
    var side = Self.sidecar
    side["readinessProbe"] = ["initialDelaySeconds": 3]
    let bench = PodBench(["initContainers": [side], "containers": [["name": "c", "image": "i"]]])
    #expect(bench.condition("Initialized") == "True")
    #expect(bench.condition("Ready") == "False")
  }

  // MARK: Hooks

  static let hooked: JSON = [
    "name": "c", "image": "i", "lifecycle": ["postStart": ["exec": ["command": ["true"]]]],
  ]

  @Test func aContainerShowsAsRunningWhenItsHookIsDone() {
    var bench = PodBench(["containers": [Self.hooked, ["name": "d", "image": "i"]]])
    #expect(bench.word("c") == "ContainerCreating")
    #expect(bench.starts == ["start c"])
    bench.send(.hooked("c", id: "c://c", failure: nil))
    #expect(bench.word("c") == "running")
    #expect(bench.starts == ["start c", "start d"])
    #expect(bench.condition("Ready") == "True")
  }

  @Test func aHookThatFailsKillsTheContainer() {
    var bench = PodBench(["containers": [Self.hooked]])
    bench.send(.hooked("c", id: "c://c", failure: "exit code 1"))
    #expect(bench.trace.contains("FailedPostStartHook"))
    #expect(bench.notes.contains { $0.reason == "Killing" && $0.message == "FailedPostStartHook" })
    #expect(bench.machine.containers["c"]?.restartCount == 1)
  }

  // MARK: Probes

  @Test func theStartupProbeComesBeforeTheOthers() {
    var bench = PodBench([
      "containers": [
        [
          "name": "c", "image": "i",
          "startupProbe": ["periodSeconds": 5, "failureThreshold": 2, "initialDelaySeconds": 1],
          "livenessProbe": ["initialDelaySeconds": 7], "readinessProbe": ["initialDelaySeconds": 8],
        ]
      ]
    ])
    #expect(bench.probes == ["startup c 1"])
    #expect(bench.containerStatus("c")?["started"] == false)
    bench.send(.probed("c", .startup, .failure("no")))
    #expect(bench.probes.last == "startup c 5")
    bench.send(.probed("c", .startup, ProbeOutcome(isSuccess: true)))
    #expect(bench.probes.suffix(2) == ["liveness c 7", "readiness c 8"])
    #expect(bench.containerStatus("c")?["started"] == true)
  }

  @Test func aStartupProbeThatNeverSucceedsGetsTheContainerKilled() {
    var bench = PodBench([
      "containers": [["name": "c", "image": "i", "startupProbe": ["failureThreshold": 2, "initialDelaySeconds": 1]]]
    ])
    bench.send(.probed("c", .startup, .failure("a")))
    bench.send(.probed("c", .startup, .failure("b")))
    #expect(bench.notes.contains { $0.message == "Startup probe failed: b" })
    #expect(bench.notes.contains { $0.message == "Container c failed startup probe, will be restarted" })
  }

  @Test func readinessNeedsAsManySuccessesAsItSays() {
    var bench = PodBench([
      "containers": [["name": "c", "image": "i", "readinessProbe": ["successThreshold": 2, "initialDelaySeconds": 1]]]
    ])
    bench.send(.probed("c", .readiness, ProbeOutcome(isSuccess: true)))
    #expect(bench.condition("Ready") == "False")
    bench.send(.probed("c", .readiness, ProbeOutcome(isSuccess: true)))
    #expect(bench.condition("Ready") == "True")
  }

  @Test func newAnnotationsMakeSettledProbesAskAgain() {
    var bench = PodBench(["containers": [["name": "c", "image": "i"]]])
    let before = bench.probes.count
    bench.update { $0["metadata", default: [:]]["annotations"] = ["sim.swiftlet.dev/readiness": "fail"] }
    #expect(bench.trace.contains("refresh"))
    #expect(bench.probes.count == before + 1)
  }

  // MARK: Deadlines and late containers

  @Test func anEphemeralContainerRunsOnceBesideTheOthers() {
    var bench = PodBench(["containers": [["name": "c", "image": "i"]]])
    bench.update { $0["spec", default: [:]]["ephemeralContainers"] = [["name": "debug", "image": "i"]] }
    #expect(bench.word("debug") == "running")
    #expect(bench.notes.last { $0.reason == "Started" }?.regarding["fieldPath"] == "spec.ephemeralContainers{debug}")
    bench.exit("debug", 1)
    #expect(bench.word("debug") == "Error")
    #expect(bench.status.text("phase") == "Running")
    #expect(bench.condition("Ready") == "True")
  }

  @Test func anEphemeralContainerNeedNotWaitForInitContainers() {
    var bench = PodBench([
      "initContainers": [["name": "init", "image": "i"]], "containers": [["name": "c", "image": "i"]],
    ])
    bench.update { $0["spec", default: [:]]["ephemeralContainers"] = [["name": "debug", "image": "i"]] }
    #expect(bench.word("debug") == "running")
    #expect(bench.word("c") == "PodInitializing")
  }

  @Test func anEvictedPodFailsAndSaysWhy() {
    var bench = PodBench(["containers": [["name": "c", "image": "i"]]])
    bench.update { $0["metadata", default: [:]]["annotations"] = ["sim.swiftlet.dev/evict": "disk is full"] }
    #expect(bench.status.text("phase") == "Failed")
    #expect(bench.status.text("reason") == "Evicted")
    #expect(bench.status.text("message") == "disk is full")
    #expect(bench.condition("DisruptionTarget") == "True")
    #expect(bench.trace.contains("Evicted"))
  }

  // MARK: Resizing

  static func sized(_ cpu: String, _ policy: String = "NotRequired") -> JSON {
    [
      "name": "c", "image": "i", "resources": ["requests": ["cpu": .string(cpu)]],
      "resizePolicy": [["resourceName": "cpu", "restartPolicy": .string(policy)]],
    ]
  }

  @Test func resourcesChangeInPlace() {
    var bench = PodBench(["containers": [Self.sized("100m")]])
    bench.update { $0["spec", default: [:]]["containers"] = [Self.sized("200m")] }
    #expect(bench.condition("PodResizeInProgress") == "True")
    #expect(bench.containerStatus("c")?.at("allocatedResources", "cpu") == "200m")
    #expect(bench.containerStatus("c")?.at("resources", "requests", "cpu") == "100m")
    bench.pass(.seconds(1))
    #expect(bench.condition("PodResizeInProgress") == "")
    #expect(bench.containerStatus("c")?.at("resources", "requests", "cpu") == "200m")
    #expect(bench.machine.containers["c"]?.restartCount == 0)
    #expect(bench.trace.contains("ResizeStarted") && bench.trace.contains("ResizeCompleted"))
  }

  @Test func aContainerMayHaveToRestartForIt() {
    var bench = PodBench(["restartPolicy": "Always", "containers": [Self.sized("100m", "RestartContainer")]])
    bench.update { $0["spec", default: [:]]["containers"] = [Self.sized("200m", "RestartContainer")] }
    #expect(bench.machine.containers["c"]?.restartCount == 1)
    #expect(!bench.trace.contains("BackOff"))
    bench.pass(.seconds(1))
    #expect(bench.containerStatus("c")?.at("resources", "requests", "cpu") == "200m")
    #expect(bench.condition("PodResizeInProgress") == "")
  }

  @Test(arguments: [
    (ResizeVerdict.infeasible("too much"), "Infeasible"), (ResizeVerdict.deferred("later"), "Deferred"),
  ])
  func whatTheNodeCannotGiveIsPending(_ verdict: ResizeVerdict, _ reason: String) {
    var bench = PodBench(["containers": [Self.sized("100m")]], verdict: verdict)
    bench.update { $0["spec", default: [:]]["containers"] = [Self.sized("100")] }
    let pending = bench.status.list("conditions").first { $0.text("type") == "PodResizePending" }
    #expect(pending?.text("reason") == reason)
    #expect(bench.containerStatus("c")?.at("resources", "requests", "cpu") == "100m")
    // Asking for what it has ends the matter.
    bench.update { $0["spec", default: [:]]["containers"] = [Self.sized("0.1")] }
    #expect(bench.condition("PodResizePending") == "")
  }
}
