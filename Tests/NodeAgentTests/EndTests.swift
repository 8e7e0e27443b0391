import EventLoops
import JSONCore
import Objects
import Testing
import Values

@testable import NodeAgent

/// How containers and pods come to their ends: signals, graces, other images, refusals.
@Suite struct EndTests {
  private static func end(_ container: JSON, annotations: JSON = [:], grace: Duration = .seconds(30)) async throws
    -> (code: Int, after: Duration)
  {
    let clock = VirtualClock(now: PodBench.start)
    let runtime = SimulatedRuntime(clock: clock)
    let (ends, continuation) = AsyncStream.makeStream(of: Exit.self)
    let id = try await runtime.start(RuntimeTests.request(container, annotations: annotations)) { exit in
      continuation.yield(exit)
    }
    runtime.stop(id, grace: grace)
    await clock.advance(by: grace + .seconds(1))
    for await exit in ends { return (exit.code, exit.finishedAt - exit.startedAt) }
    return (-1, .zero)
  }

  @Test func aFirstProcessWithoutAHandlerLastsItsGrace() async throws {
    for command: JSON in [["sleep", "600"], ["sh", "-c", "sleep 600"], ["tail", "-f", "/dev/null"]] {
      let end = try await Self.end(["image": "busybox", "command": command])
      #expect(end == (137, .seconds(30)))
    }
  }

  @Test func serversAndTrapsEndAtOnce() async throws {
    #expect(try await Self.end(["image": "nginx"]) == (0, .zero))
    let trap: JSON = ["sh", "-c", "trap 'exit 7' TERM; while true; do sleep 1; done"]
    #expect(try await Self.end(["image": "busybox", "command": trap]).code == 7)
    #expect(try await Self.end(["image": "agnhost"]) == (2, .zero))
    let wish: JSON = ["sim.swiftlet.dev/stop-seconds": "0"]
    #expect(try await Self.end(["image": "busybox", "command": ["sleep", "600"]], annotations: wish) == (143, .zero))
  }

  @Test func aChangedImageStartsItsContainerAnew() {
    var bench = PodBench(["containers": [["name": "c", "image": "i"]]])
    bench.update { pod in
      pod["spec", default: [:]]["containers"] = [["name": "c", "image": "j"]]
      pod["metadata", default: [:]]["generation"] = 2
    }
    #expect(bench.starts == ["start c", "start c"])
    #expect(bench.containerStatus("c")?["restartCount"] == 1)
    #expect(bench.notes.contains { $0.message == "Container c definition changed, will be restarted" })
    #expect(bench.word("c") == "running")
  }

  @Test func anInitContainerIsReadyWhenItIsDone() {
    var bench = PodBench([
      "initContainers": [["name": "init", "image": "i"]], "containers": [["name": "c", "image": "i"]],
    ])
    bench.exit("init", 0)
    #expect(bench.containerStatus("init")?["ready"] == true)
    #expect(bench.containerStatus("init")?["started"] == false)
  }

  @Test func whatANodeMayNotGiveIsRefused() {
    func reason(_ settings: JSON, _ more: (inout JSON) -> Void = { _ in }) -> String? {
      var spec: JSON = ["securityContext": ["sysctls": settings]]
      more(&spec)
      return PodRefusal(spec)?.reason
    }
    #expect(reason([["name": "kernel.shm_rmid_forced", "value": "1"]]) == nil)
    #expect(reason([["name": "kernel.msgmax", "value": "1"]]) == "SysctlForbidden")
    #expect(reason([["name": "net.ipv4.tcp_rmem", "value": "1"]]) { $0["hostNetwork"] = true } == "SysctlForbidden")
    #expect(reason([]) { $0["os"] = ["name": "windows"] } == "PodOSNotSupported")
    var bench = PodBench(["containers": [["name": "c", "image": "i"]]])
    bench = PodBench(["containers": [["name": "c", "image": "i", "command": []]]])
    bench.send(.refused(reason: "OutOfcpu", message: "no room"))
    #expect(bench.status.text("reason") == "OutOfcpu")
    #expect(bench.status.text("message") == "Pod was rejected: no room")
  }

  @Test func pathsInVolumesMustStayInThem() {
    func problem(_ path: String, _ environment: [String: String]) -> String? {
      SubPaths.problem(
        ["volumeMounts": [["name": "v", "mountPath": "/v", "subPathExpr": .string(path)]]],
        Environment(own: environment))
    }
    #expect(problem("$(A)/b", ["A": "a"]) == nil)
    #expect(problem("$(A)", ["A": ".."]) == "unable to provision SubPath `..`: must not contain '..'")
    #expect(problem("$(A)/b", ["A": ""]) == "error SubPath `/b` must not be an absolute path")
    #expect(problem("$(A)", [:]) == "missing value for \"A\"")
  }

  @Test func aResizeTakesNothingBack() {
    #expect(QualityOfService(resources: [["limits": ["cpu": "1", "memory": "1Gi"]]]) == .guaranteed)
    #expect(QualityOfService(resources: [["requests": ["cpu": "1"]], [:]]) == .burstable)
    #expect(QualityOfService(resources: [[:], [:]]) == .bestEffort)
  }
}
