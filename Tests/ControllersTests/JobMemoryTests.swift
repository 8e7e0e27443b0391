import JSONCore
import Objects
import Reconciling
import Testing
import Values

@testable import Controllers

/// A pod that is gone still counts for the delay before the next one.
@Suite struct JobMemoryTests {
  private let start = Instant(rfc3339: "2026-01-01T00:00:00Z") ?? .epoch

  private func job(failed: Int) -> Object {
    Object(fixture: [
      "kind": "Job", "metadata": ["name": "pi", "generation": 1],
      "spec": [
        "parallelism": 1, "completions": 1, "backoffLimit": 6, "selector": ["matchLabels": ["j": "u"]],
        "template": ["metadata": ["labels": ["j": "u"]], "spec": ["restartPolicy": "Never"]],
      ],
      "status": [
        "startTime": "2026-01-01T00:00:00Z", "failed": JSON(failed), "ready": 0, "terminating": 0,
        "uncountedTerminatedPods": [:],
      ],
    ])
  }

  private func pod(_ name: String, deleted: String) -> Object {
    Object(fixture: [
      "kind": "Pod",
      "metadata": [
        "name": .string(name), "owner": "Job/pi", "labels": ["j": "u"], "deletionTimestamp": .string(deleted),
        "deletionGracePeriodSeconds": 0, "finalizers": ["batch.kubernetes.io/job-tracking"],
      ],
      "spec": ["nodeName": "n"], "status": ["phase": "Running"],
    ])
  }

  private func plan(_ controller: JobController, _ objects: [Object], after seconds: Int) -> Plan {
    controller.reconcile(objects[0].key, Snapshot(revision: 1, objects: objects), start + .seconds(seconds))
  }

  private func creates(_ plan: Plan) -> Bool {
    plan.actions.contains { if case .create(.pods, _) = $0.verb { true } else { false } }
  }

  @Test func thePodsThatAreGoneAreWaitedFor() {
    let controller = JobController()
    let first = plan(controller, [job(failed: 0), pod("a", deleted: "2026-01-01T00:00:10Z")], after: 10)
    #expect(!creates(first))
    let second = plan(controller, [job(failed: 1)], after: 11)
    #expect(!creates(second))
    #expect(second.requeueAfter == .seconds(9))
    #expect(creates(plan(controller, [job(failed: 1)], after: 20)))
    _ = plan(controller, [job(failed: 1), pod("b", deleted: "2026-01-01T00:00:30Z")], after: 30)
    #expect(plan(controller, [job(failed: 2)], after: 31).requeueAfter == .seconds(19))
    // A process that has just begun knows nothing of them.
    #expect(creates(plan(JobController(), [job(failed: 2)], after: 31)))
  }
}
