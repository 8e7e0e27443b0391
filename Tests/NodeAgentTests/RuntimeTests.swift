import EventLoops
import JSONCore
import Objects
import Reconciling
import Synchronization
import Testing
import Values

@testable import NodeAgent

/// Images, what containers do without being told, and what probes find out about them.
@Suite struct RuntimeTests {
  @Test(
    arguments: [
      ("nginx", true), ("nginx:1.27", true), ("registry.k8s.io/pause:3.10", true), ("localhost:5000/a/b:v1_2", true),
      ("nginx@sha256:\(String(repeating: "a", count: 64))", true), ("Nginx", false), ("nginx:", false),
      ("nginx:-a", false),
      ("a//b", false), ("", false), ("nginx latest", false), ("nginx@sha256:12", false), (":latest", false),
    ])
  func references(_ image: String, _ isValid: Bool) { #expect(ImageReference(image).isValid == isValid) }

  @Test(
    arguments: [
      ("nosuch", true), ("nosuch:v1", true), ("example/does-not-exist", true), ("nginx:nosuchtag", true),
      ("webserver:404", true),
      ("nginx:doesnotexist", true), ("repo/invalid-image", true), ("nonexistent/app:1", true), ("nginx:1.161", true),
      ("ngnix", true), ("missing-image:latest", true), ("nginx", false), ("nginx:1.27-alpine", false),
      ("my/app:v2", false),
      ("redis:7.2", false), ("registry.invalid/app", false), ("dismissing/app", false),
    ])
  func imagesThatDoNotExist(_ image: String, _ isMissing: Bool) {
    #expect((MissingImages.message(image) != nil) == isMissing)
  }

  static func request(
    _ container: JSON, annotations: JSON = [:], environment: [String: String] = [:], owner: String = ""
  ) -> ContainerRequest {
    var container = container
    container["name"] = "c"
    var metadata: JSON = ["name": "p", "annotations": annotations]
    if !owner.isEmpty { metadata["ownerReferences"] = [["kind": .string(owner)]] }
    let pod = PodSpecification(
      key: Key(.pods, namespace: "default", name: "p"), uid: "u",
      json: ["metadata": metadata, "spec": ["restartPolicy": "Never", "containers": [container]]])
    var surroundings = Surroundings()
    surroundings.environment = Environment(own: environment)
    surroundings.address = "10.244.1.2"
    return ContainerRequest(
      pod: pod, container: pod.containers[0], attempt: 0, surroundings: surroundings)
  }

  /// How a container ends within an hour: its code and its lines; nil while it runs.
  static func run(_ request: ContainerRequest) async throws -> (code: Int?, lines: [String]) {
    let clock = VirtualClock(now: PodBench.start)
    let runtime = SimulatedRuntime(clock: clock)
    let code = Mutex<Int?>(nil)
    let id = try await runtime.start(request) { exit in code.withLock { $0 = exit.code } }
    await clock.advance(by: .seconds(3600))
    // What the runtime's loop has taken on by now is done when this comes back.
    _ = await runtime.execute(id, ["true"], timeout: .seconds(1))
    let log = runtime.logs.log(podUID: "u", container: "c", previous: false)
    return (code.withLock { $0 }, log?.lines.map(\.text) ?? [])
  }

  struct Case: Sendable {
    var name: String
    var container: JSON
    var annotations: JSON = [:]
    var environment: [String: String] = [:]
    var owner = ""
    var code: Int?
    var last: String?
  }

  static let cases: [Case] = [
    Case(name: "a server runs", container: ["image": "nginx"], last: "[notice] 1#1: start worker processes"),
    Case(name: "a server with arguments runs", container: ["image": "nginx", "args": ["-g", "daemon off;"]]),
    Case(name: "an unknown program runs", container: ["image": "app", "command": ["/bin/server", "--port", "80"]]),
    Case(name: "a shell without a terminal ends", container: ["image": "busybox"], code: 0),
    Case(name: "a shell with a terminal waits", container: ["image": "busybox", "stdin": true]),
    Case(name: "a job's work is done soon", container: ["image": "app", "command": ["work"]], owner: "Job", code: 0),
    Case(
      name: "a script does what it says",
      container: ["image": "busybox", "command": ["sh", "-c", "echo $A; sleep 60; exit 4"]], environment: ["A": "1"],
      code: 4, last: "1"),
    Case(
      name: "arguments alone may be a command", container: ["image": "busybox", "args": ["/bin/sh", "-c", "exit 5"]],
      code: 5),
    Case(
      name: "printenv", container: ["image": "busybox", "command": ["printenv", "A"]], environment: ["A": "2"], code: 0,
      last: "2"),
    Case(
      name: "annotations win over commands", container: ["image": "busybox", "command": ["sleep", "infinity"]],
      annotations: ["sim.swiftlet.dev/exit-code": "7"], code: 7),
    Case(
      name: "memory beyond the limit", container: ["image": "app", "resources": ["limits": ["memory": "64Mi"]]],
      annotations: ["sim.swiftlet.dev/memory": "65Mi"], code: 137),
    Case(
      name: "a dialect that is not ours runs", container: ["image": "app", "command": ["bash", "-c", "a=(1 2"]]),
  ]

  @Test(arguments: cases) func behaviour(_ row: Case) async throws {
    let request = Self.request(
      row.container, annotations: row.annotations, environment: row.environment, owner: row.owner)
    let outcome = try await Self.run(request)
    #expect(outcome.code == row.code, "\(row.name): \(outcome.lines)")
    if let last = row.last { #expect(outcome.lines.last == last) }
  }

  @Test func aProgramThatAShellImageLacksCannotStart() async {
    await #expect(throws: RuntimeFailure.self) {
      _ = try await Self.run(Self.request(["image": "busybox", "command": ["serverd"]]))
    }
  }

  @Test(
    arguments: [
      (["image": "nginx", "readinessProbe": ["httpGet": ["path": "/", "port": 80]]], true),
      (["image": "nginx", "readinessProbe": ["httpGet": ["path": "/", "port": 8080]]], false),
      (["image": "nginx", "readinessProbe": ["httpGet": ["path": "/healthz", "port": 80]]], false),
      (["image": "nginx", "ports": [["containerPort": 8080]], "readinessProbe": ["tcpSocket": ["port": 8080]]], true),
      (["image": "app", "readinessProbe": ["httpGet": ["path": "/any", "port": 1234]]], true),
      (["image": "app", "ports": [["containerPort": 80]], "readinessProbe": ["tcpSocket": ["port": 81]]], false),
      (
        [
          "image": "app", "ports": [["name": "web", "containerPort": 80]],
          "readinessProbe": ["httpGet": ["port": "web"]],
        ],
        true
      ),
      (["image": "busybox", "stdin": true, "readinessProbe": ["tcpSocket": ["port": 80]]], false),
      (["image": "app", "readinessProbe": ["exec": ["command": ["true"]]]], true),
      (["image": "app", "readinessProbe": ["exec": ["command": ["cat", "/tmp/ready"]]]], false),
      (["image": "app", "readinessProbe": ["exec": ["command": ["/bin/check-me"]]]], true),
    ] as [(JSON, Bool)])
  func probes(_ container: JSON, _ isSuccess: Bool) async throws {
    let clock = VirtualClock(now: PodBench.start)
    let runtime = SimulatedRuntime(clock: clock)
    let id = try await runtime.start(Self.request(container)) { _ in }
    let outcome = await runtime.probe(id, .readiness)
    #expect(outcome.isSuccess == isSuccess, "\(outcome.message)")
  }

  /// A page may go away; without a folder of its own the welcome page of an image does not.
  @Test func whatDependsOnFilesIsAskedAgain() async throws {
    let runtime = SimulatedRuntime(clock: VirtualClock(now: PodBench.start))
    let welcome: JSON = ["image": "nginx", "readinessProbe": ["httpGet": ["path": "/", "port": 80]]]
    let first = try await runtime.start(Self.request(welcome)) { _ in }
    #expect(await runtime.probe(first, .readiness).isFinal)
    let own: JSON = ["image": "nginx", "readinessProbe": ["httpGet": ["path": "/a.html", "port": 80]]]
    let second = try await runtime.start(Self.request(own)) { _ in }
    _ = await runtime.execute(second, ["touch", "/usr/share/nginx/html/a.html"], timeout: .seconds(1))
    #expect(await runtime.probe(second, .readiness) == ProbeOutcome(isSuccess: true))
    _ = await runtime.execute(second, ["rm", "/usr/share/nginx/html/a.html"], timeout: .seconds(1))
    #expect(await runtime.probe(second, .readiness).isSuccess == false)
  }

  @Test func annotationsDecideWhatProbesFind() async throws {
    let runtime = SimulatedRuntime(clock: VirtualClock(now: PodBench.start))
    let probe: JSON = ["image": "nginx", "readinessProbe": ["httpGet": ["path": "/", "port": 80]]]
    let id = try await runtime.start(Self.request(probe)) { _ in }
    #expect(await runtime.probe(id, .readiness).isSuccess)
    runtime.update(id, Self.request(probe, annotations: ["sim.swiftlet.dev/readiness": "fail: busy"]).pod)
    #expect(await runtime.probe(id, .readiness) == .failure("busy"))
    runtime.update(id, Self.request(probe, annotations: ["sim.swiftlet.dev/c.readiness": "succeed"]).pod)
    #expect(await runtime.probe(id, .readiness).isSuccess)
  }

  @Test func theTutorialOfTheFileThatGoesAway() async throws {
    let clock = VirtualClock(now: PodBench.start)
    let runtime = SimulatedRuntime(clock: clock)
    let container: JSON = [
      "image": "registry.k8s.io/busybox:1.27.2",
      "args": ["/bin/sh", "-c", "touch /tmp/healthy; sleep 30; rm -f /tmp/healthy; sleep 600"],
      "livenessProbe": ["exec": ["command": ["cat", "/tmp/healthy"]], "initialDelaySeconds": 5, "periodSeconds": 5],
    ]
    let id = try await runtime.start(Self.request(container)) { _ in }
    #expect(await runtime.probe(id, .liveness).isSuccess)
    await clock.advance(by: .seconds(31))
    let outcome = await runtime.probe(id, .liveness)
    #expect(outcome == .failure("cat: can't open '/tmp/healthy': No such file or directory"))
  }

  @Test func theMessageOfAnEnd() async throws {
    let exits = Mutex<[Exit]>([])
    let runtime = SimulatedRuntime(clock: VirtualClock(now: PodBench.start))
    let container: JSON = ["image": "busybox", "command": ["sh", "-c", "echo tired > /dev/termination-log; exit 1"]]
    let id = try await runtime.start(Self.request(container)) { exit in exits.withLock { $0.append(exit) } }
    _ = await runtime.execute(id, ["true"], timeout: .seconds(1))
    #expect(exits.withLock { $0.first?.message } == "tired\n")
  }
}
