import JSONCore
import Objects
import Reconciling
import Testing
import Values

@testable import Controllers

/// Numbers that users write where only controllers should, and sizes that no cluster has: nothing traps, nothing takes long.
@Suite(.timeLimit(.minutes(10))) struct LargeNumberTests {
  private let now = Instant(rfc3339: "2026-01-02T00:00:00Z") ?? .epoch
  private let template: JSON = [
    "metadata": ["labels": ["app": "x"]], "spec": ["containers": [["name": "c", "image": "i"]]],
  ]

  private func owner(_ kind: String, _ spec: JSON, status: JSON = [:]) -> Object {
    var spec = spec
    spec["selector"] = ["matchLabels": ["app": "x"]]
    spec["template"] = template
    return Object(fixture: ["kind": .string(kind), "metadata": ["name": "x"], "spec": spec, "status": status])
  }

  private func plan(_ controller: some Controller, _ object: Object, _ others: [Object] = []) -> Plan {
    controller.reconcile(object.key, Snapshot(revision: 1, objects: [object] + others), now)
  }

  private func creations(_ plan: Plan) -> [JSON] {
    plan.actions.compactMap { if case .create(_, let object) = $0.verb { object } else { nil } }
  }

  @Test(arguments: [("9223372036854775807", "1"), ("9223372036854775806", "9223372036854775807")])
  func revisionsOfDeploymentsDoNotOverflow(_ last: String, _ next: String) {
    let old = Object(fixture: [
      "kind": "ReplicaSet",
      "metadata": [
        "name": "x-old", "owner": "Deployment/x", "labels": ["app": "x"],
        "annotations": [ReplicaSetState.revisionAnnotation: .string(last)],
      ],
      "spec": ["replicas": 0, "selector": ["matchLabels": ["app": "x"]], "template": ["spec": [:]]],
    ])
    let made = creations(plan(DeploymentController(), owner("Deployment", ["replicas": 1]), [old]))
    #expect(made.first?.annotation(ReplicaSetState.revisionAnnotation) == next)
  }

  @Test(arguments: ["StatefulSet", "DaemonSet"]) func revisionsOfTemplatesDoNotOverflow(_ kind: String) {
    let old = Object(fixture: [
      "kind": "ControllerRevision",
      "metadata": ["name": "x-old", "owner": .string("\(kind)/x"), "labels": ["app": "x"]],
      "data": [:], "revision": JSON(Int.max),
    ])
    let object = owner(kind, ["replicas": 1])
    let plan =
      kind == "DaemonSet" ? plan(DaemonSetController(), object, [old]) : plan(StatefulSetController(), object, [old])
    #expect(creations(plan).first?["revision"] == 1)
  }

  @Test func countsInAnnotationsAreCut() {
    func count(_ text: String) -> Int {
      (["metadata": ["annotations": ["a": .string(text)]]] as JSON).count(inAnnotation: "a")
    }
    #expect(count("9223372036854775807") == Int(Int32.max))
    #expect(count("-9223372036854775808") == 0)
    #expect(count("many") == 0)
    #expect(count("7") == 7)
  }

  @Test func podsOfJobsMaySayAnything() {
    let most = JSON.string(String(Int.max))
    let pods = ["a": JSON.string("0"), "b": most].map { name, index in
      Object(fixture: [
        "kind": "Pod", "state": "failed",
        "metadata": [
          "name": .string(name), "owner": "Job/x", "labels": ["app": "x"],
          "finalizers": ["batch.kubernetes.io/job-tracking"],
          "annotations": [JobPod.indexKey: index, JobPod.failuresKey: most, JobPod.ignoredKey: most],
        ],
      ])
    }
    let stray = Object(fixture: [
      "kind": "Pod", "state": "running",
      "metadata": ["name": "c", "owner": "Job/x", "labels": ["app": "x"], "annotations": [JobPod.indexKey: most]],
    ])
    let job = owner(
      "Job",
      [
        "completionMode": "Indexed", "completions": 2, "parallelism": 2, "backoffLimitPerIndex": JSON(Int(Int32.max)),
        "activeDeadlineSeconds": JSON(Int.max),
      ])
    #expect(!plan(JobController(), job, pods + [stray]).isEmpty)
    #expect(!plan(JobController(), job, [stray]).isEmpty)
  }

  @Test func sharesStayInTheRangeOfCounts() {
    #expect(JSON.string("9223372036854775807%").resolved(of: 1, roundingUp: true) == Int(Int32.max))
    #expect(JSON(Int.max).resolved(of: 1, roundingUp: true) == Int(Int32.max))
    #expect(JSON.string("26%").resolved(of: 4, roundingUp: true) == 2)
    #expect(JSON.string("26%").resolved(of: 4, roundingUp: false) == 1)
  }

  @Test func billionsOfPodsAreMadeInBursts() {
    let many = JSON(2_000_000_000)
    let set = owner(
      "StatefulSet",
      [
        "replicas": many, "podManagementPolicy": "Parallel",
        "updateStrategy": ["type": "RollingUpdate", "rollingUpdate": ["maxUnavailable": 2]],
      ])
    let first = plan(StatefulSetController(), set)
    let revision = Object(
      fixture: {
        var json = creations(first).first { $0["kind"] == "ControllerRevision" } ?? .emptyObject
        json["metadata", default: .emptyObject]["owner"] = "StatefulSet/x"
        return json
      }())
    let pods = creations(plan(StatefulSetController(), set, [revision])).filter { $0["kind"] == "Pod" }
    #expect(pods.count == 500)
    #expect(creations(plan(ReplicaSetController.replicaSets, owner("ReplicaSet", ["replicas": many]))).count == 500)
    for mode: JSON in ["Indexed", "NonIndexed"] {
      let job = owner("Job", ["completionMode": mode, "completions": many, "parallelism": many])
      #expect(creations(plan(JobController(), job)).count == 500)
    }
  }
}
