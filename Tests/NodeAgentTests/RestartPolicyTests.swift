import JSONCore
import Testing

@testable import NodeAgent

/// Every restart policy with every way to end: phase, what the containers show, restarts, and events.
@Suite struct RestartPolicyTests {
  enum End: String, Sendable, CaseIterable {
    case clean
    case failing
    case memory

    var code: Int { self == .clean ? 0 : self == .failing ? 3 : 137 }
    var reason: String { self == .memory ? "OOMKilled" : "" }
    var word: String { self == .clean ? "Completed" : self == .failing ? "Error" : "OOMKilled" }
  }

  struct One: Sendable {
    let policy: String
    let end: End
    let phase: String
    let word: String
    let restarts: Int
    let backsOff: Bool
  }

  /// After two ends in a row: the first restart is at once, the second has to wait.
  static let single: [One] = [
    One(policy: "Always", end: .clean, phase: "Running", word: "CrashLoopBackOff", restarts: 1, backsOff: true),
    One(policy: "Always", end: .failing, phase: "Running", word: "CrashLoopBackOff", restarts: 1, backsOff: true),
    One(policy: "Always", end: .memory, phase: "Running", word: "CrashLoopBackOff", restarts: 1, backsOff: true),
    One(policy: "OnFailure", end: .clean, phase: "Succeeded", word: "Completed", restarts: 0, backsOff: false),
    One(policy: "OnFailure", end: .failing, phase: "Running", word: "CrashLoopBackOff", restarts: 1, backsOff: true),
    One(policy: "OnFailure", end: .memory, phase: "Running", word: "CrashLoopBackOff", restarts: 1, backsOff: true),
    One(policy: "Never", end: .clean, phase: "Succeeded", word: "Completed", restarts: 0, backsOff: false),
    One(policy: "Never", end: .failing, phase: "Failed", word: "Error", restarts: 0, backsOff: false),
    One(policy: "Never", end: .memory, phase: "Failed", word: "OOMKilled", restarts: 0, backsOff: false),
  ]

  @Test(arguments: single) func oneContainer(_ row: One) {
    var bench = PodBench(["restartPolicy": .string(row.policy), "containers": [["name": "c", "image": "i"]]])
    bench.exit("c", row.end.code, reason: row.end.reason)
    bench.exit("c", row.end.code, reason: row.end.reason)
    #expect(bench.status.text("phase") == row.phase)
    #expect(bench.word("c") == row.word)
    #expect(bench.containerStatus("c")?["restartCount"] == JSON(row.restarts))
    #expect(bench.trace.contains("BackOff") == row.backsOff)
    #expect(bench.starts.count == row.restarts + 1)
    let last = bench.containerStatus("c")?.at("lastState", "terminated")
    #expect(last?.text("reason") == (row.restarts == 0 ? nil : row.end.word))
    #expect(last?["exitCode"] == (row.restarts == 0 ? nil : JSON(row.end.code)))
    #expect(bench.condition("Ready") == "False")
    let reason = bench.status.list("conditions").first { $0.text("type") == "Ready" }?.text("reason")
    let expected = ["Succeeded": "PodCompleted", "Failed": "PodFailed"][row.phase] ?? "ContainersNotReady"
    #expect(reason == expected)
  }

  struct Two: Sendable {
    let policy: String
    let first: End
    /// nil: it goes on running.
    let second: End?
    let phase: String
    let words: [String]
    let restarts: [Int]
  }

  static let double: [Two] = [
    Two(
      policy: "Always", first: .clean, second: nil, phase: "Running", words: ["running", "running"], restarts: [1, 0]),
    Two(
      policy: "Always", first: .failing, second: nil, phase: "Running", words: ["running", "running"], restarts: [1, 0]),
    Two(
      policy: "Always", first: .memory, second: .clean, phase: "Running", words: ["running", "running"],
      restarts: [1, 1]),
    Two(
      policy: "OnFailure", first: .clean, second: nil, phase: "Running", words: ["Completed", "running"],
      restarts: [0, 0]),
    Two(
      policy: "OnFailure", first: .clean, second: .clean, phase: "Succeeded", words: ["Completed", "Completed"],
      restarts: [0, 0]),
    Two(
      policy: "OnFailure", first: .clean, second: .failing, phase: "Running", words: ["Completed", "running"],
      restarts: [0, 1]),
    Two(
      policy: "OnFailure", first: .memory, second: .clean, phase: "Running", words: ["running", "Completed"],
      restarts: [1, 0]),
    Two(
      policy: "Never", first: .clean, second: nil, phase: "Running", words: ["Completed", "running"], restarts: [0, 0]),
    Two(
      policy: "Never", first: .failing, second: nil, phase: "Running", words: ["Error", "running"], restarts: [0, 0]),
    Two(
      policy: "Never", first: .clean, second: .clean, phase: "Succeeded", words: ["Completed", "Completed"],
      restarts: [0, 0]),
    Two(
      policy: "Never", first: .failing, second: .clean, phase: "Failed", words: ["Error", "Completed"],
      restarts: [0, 0]),
    Two(
      policy: "Never", first: .memory, second: .failing, phase: "Failed", words: ["OOMKilled", "Error"],
      restarts: [0, 0]),
  ]

  @Test(arguments: double) func twoContainers(_ row: Two) {
    var bench = PodBench([
      "restartPolicy": .string(row.policy),
      "containers": [["name": "a", "image": "i"], ["name": "b", "image": "i"]],
    ])
    bench.exit("a", row.first.code, reason: row.first.reason)
    if let second = row.second { bench.exit("b", second.code, reason: second.reason) }
    #expect(bench.status.text("phase") == row.phase)
    #expect([bench.word("a"), bench.word("b")] == row.words)
    #expect(["a", "b"].map { bench.containerStatus($0)?["restartCount"]?.int ?? -1 } == row.restarts)
  }

  @Test(arguments: [("Always", 2), ("OnFailure", 2), ("Never", 1)])
  func anInitContainerThatFails(_ policy: String, _ starts: Int) {
    var bench = PodBench([
      "restartPolicy": .string(policy), "initContainers": [["name": "a", "image": "i"]],
      "containers": [["name": "c", "image": "i"]],
    ])
    bench.exit("a", 1)
    #expect(bench.starts.count == starts)
    #expect(bench.status.text("phase") == (policy == "Never" ? "Failed" : "Pending"))
  }

  @Test func rulesOfAContainerRestartItWhateverThePolicySays() {
    var bench = PodBench([
      "restartPolicy": "Never",
      "containers": [
        [
          "name": "c", "image": "i", "restartPolicy": "Never",
          "restartPolicyRules": [["action": "Restart", "exitCodes": ["operator": "In", "values": [42]]]],
        ]
      ],
    ])
    bench.exit("c", 42)
    #expect(bench.word("c") == "running")
    bench.exit("c", 1)
    #expect(bench.status.text("phase") == "Failed")
  }

  @Test func theEndMayBeHeardOfBeforeTheStart() {
    var machine = PodMachine(
      PodSpecification(
        key: PodBench(["containers": [["name": "c", "image": "i"]]]).machine.specification.key, uid: "u",
        json: [
          "metadata": ["name": "p"], "spec": ["restartPolicy": "Never", "containers": [["name": "c", "image": "i"]]],
        ]
      ))
    let now = PodBench.start
    _ = machine.step(.begin(status: nil), at: now)
    _ = machine.step(.sandboxReady(address: "10.0.0.1"), at: now)
    _ = machine.step(.pulled("c", Image(name: "i", id: "i", sizeBytes: 1), wasPresent: true), at: now)
    _ = machine.step(.exited("c", Exit(code: 0, startedAt: now, finishedAt: now, containerID: "x")), at: now)
    _ = machine.step(.started("c", id: "x"), at: now)
    #expect(machine.phase == "Succeeded")
  }
}
