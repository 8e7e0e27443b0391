import JSONCore
import Objects
import Reconciling
import Testing
import Values

@testable import Controllers

/// Says of each pod what the test wants it to use, by the pod's name; pods that it does not name have no sample.
private struct FixedUsage: UsageSource {
  var cpu: [String: Int64]

  func usage(of pods: [Object], in snapshot: Snapshot, at now: Instant) -> [PodUsage] {
    pods.compactMap { pod in
      cpu[pod.name].map { milli in
        PodUsage(
          pod: pod.key, time: now, window: .seconds(15),
          containers: [.init(name: "c", usage: Usage(cpu: Quantity(milli: milli), memory: Quantity(1 << 20)))])
      }
    }
  }

  func usage(ofNodes nodes: [Object], in snapshot: Snapshot, at now: Instant) -> [NodeUsage] { [] }
}

@Suite struct AutoscalingTests {
  private let now = Instant(rfc3339: "2026-01-02T00:00:00Z") ?? .epoch

  private enum State { case ready, unready, fresh, pending, deleting }

  private func pod(_ name: String, _ state: State = .ready, request: String? = "100m") -> Object {
    var container: JSON = ["name": "c"]
    if let request { container["resources"] = ["requests": ["cpu": .string(request)]] }
    let start = state == .fresh ? "2026-01-01T23:59:50Z" : "2026-01-01T00:00:00Z"
    let ready: JSON = [
      "type": "Ready", "status": state == .unready ? "False" : "True",
      "lastTransitionTime": .string(state == .unready ? "2026-01-01T00:00:00Z" : start),
    ]
    var metadata: JSON = ["name": .string(name), "labels": ["app": "web"]]
    if state == .deleting { metadata["deletionTimestamp"] = "2026-01-01T23:00:00Z" }
    return Object(fixture: [
      "kind": "Pod", "metadata": metadata, "spec": ["containers": [container]],
      "status": [
        "phase": state == .pending ? "Pending" : "Running", "startTime": .string(start), "conditions": [ready],
      ],
    ])
  }

  private func deployment(_ replicas: Int) -> Object {
    Object(fixture: [
      "kind": "Deployment", "metadata": ["name": "web"],
      "spec": ["replicas": JSON(replicas), "selector": ["matchLabels": ["app": "web"]]],
    ])
  }

  private func autoscaler(_ spec: JSON = [:], created: String = "2026-01-01T00:00:00Z") -> Object {
    let target: JSON = ["type": "Utilization", "averageUtilization": 50]
    var all: JSON = [
      "scaleTargetRef": ["apiVersion": "apps/v1", "kind": "Deployment", "name": "web"], "maxReplicas": 10,
      "metrics": [["type": "Resource", "resource": ["name": "cpu", "target": target]]],
    ]
    for (key, value) in spec.object ?? Members() { all[key] = value }
    return Object(fixture: [
      "kind": "HorizontalPodAutoscaler", "metadata": ["name": "web", "creationTimestamp": .string(created)],
      "spec": all,
    ])
  }

  private func look(
    _ scaler: Object, _ objects: [Object], cpu: [String: Int64]?, history: ScalingHistory = ScalingHistory()
  ) -> (plan: Plan, history: ScalingHistory) {
    let snapshot = Snapshot(revision: 1, objects: objects + [scaler])
    var look = ScalingLook(
      object: scaler, json: scaler.json, usage: cpu.map { FixedUsage(cpu: $0) }, snapshot: snapshot, now: now,
      history: history)
    let plan = look.plan()
    return (plan, look.history)
  }

  /// The size that is asked for; nil when it stays.
  private func size(_ plan: Plan) -> Int? {
    for action in plan.actions {
      if case .patch(_, "scale", let patch) = action.verb { return patch.at("spec", "replicas")?.int }
    }
    return nil
  }

  private func condition(_ plan: Plan, _ type: String) -> String {
    for action in plan.actions {
      if case .status(let change) = action.verb {
        let found = Conditions(change.new)[type]
        return "\(found?.text("status") ?? "") \(found?.text("reason") ?? "")"
      }
    }
    return ""
  }

  private func reasons(_ plan: Plan) -> [String] { plan.actions.compactMap { $0.event?.reason } }

  /// Uses in thousandths of a core where 100 are requested and 50 % are aimed at.
  @Test(
    arguments: [
      ([50, 50], 2, nil), ([54, 54], 2, nil), ([100, 100], 2, 4), ([80, 80], 2, 4), ([10, 10], 2, 1), ([60, 60], 2, 3),
    ] as [([Int64], Int, Int?)]) func sizeFollowsUse(_ uses: [Int64], _ current: Int, _ expected: Int?)
  {
    let names = uses.indices.map { "p\($0)" }
    let pods = names.map { pod($0) }
    let cpu = Dictionary(uniqueKeysWithValues: zip(names, uses))
    let plan = look(autoscaler(), pods + [deployment(current)], cpu: cpu).plan
    if let expected, expected < current {
      // The present size was the last recommendation, and shrinking waits for its window.
      #expect(size(plan) == nil)
      #expect(condition(plan, "AbleToScale") == "True ScaleDownStabilized")
    } else {
      #expect(size(plan) == expected)
    }
    #expect(condition(plan, "ScalingActive") == "True ValidMetricFound")
  }

  @Test func podsOfWhichNothingIsKnownSpeakAgainstAChange() {
    // One of two is at 100 %: with the missing one taken for 0 %, two pods are enough.
    let two = [pod("a"), pod("b"), deployment(2)]
    #expect(size(look(autoscaler(), two, cpu: ["a": 100]).plan) == nil)
    // One at 10 %, the missing one taken for 100 %: 55 % on average, which stays.
    #expect(condition(look(autoscaler(), two, cpu: ["a": 10]).plan, "AbleToScale") == "True ReadyForNewScale")
    // Pods that are not ready count as idle when growing.
    let fresh = [pod("a"), pod("b", .fresh), pod("c", .pending), deployment(3)]
    #expect(size(look(autoscaler(), fresh, cpu: ["a": 140, "b": 900]).plan) == nil)
    // Those on their way out do not count at all.
    let leaving = [pod("a"), pod("b", .deleting), deployment(1)]
    #expect(size(look(autoscaler(), leaving, cpu: ["a": 100, "b": 0]).plan) == 2)
  }

  @Test func whatCannotBeMeasuredIsSaid() {
    let objects = [pod("a"), deployment(1)]
    let nobody = look(autoscaler(), objects, cpu: nil).plan
    #expect(condition(nobody, "ScalingActive") == "False FailedGetResourceMetric")
    #expect(condition(nobody, "AbleToScale") == "True SucceededGetScale")
    #expect(reasons(nobody) == ["FailedGetResourceMetric", "FailedComputeMetricsReplicas"])
    let message = nobody.actions.compactMap(\.event).last?.message
    #expect(
      message
        == "invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: failed to "
        + "get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: "
        + "the server could not find the requested resource (get pods.metrics.k8s.io)")
    let careless = look(autoscaler(), [pod("a", request: nil), deployment(1)], cpu: ["a": 1]).plan
    #expect(
      careless.actions.compactMap(\.event).first?.message
        == "failed to get cpu utilization: missing request for cpu in container c of Pod a")
    let empty = look(autoscaler(), [deployment(1)], cpu: [:]).plan
    #expect(
      empty.actions.compactMap(\.event).first?.message
        == "failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource "
        + "metrics API")
    let unready = look(autoscaler(), [pod("a", .pending), deployment(1)], cpu: ["a": 1]).plan
    #expect(
      unready.actions.compactMap(\.event).first?.message
        == "failed to get cpu utilization: did not receive metrics for targeted pods (pods might be unready)")
  }

  static let adapters: [(type: String, field: String, source: JSON, reason: String)] = [
    ("Pods", "pods", ["metric": ["name": "rps"]], "FailedGetPodsMetric"),
    ("External", "external", ["metric": ["name": "q"]], "FailedGetExternalMetric"),
    (
      "Object", "object", ["metric": ["name": "rps"], "describedObject": ["kind": "I", "name": "x"]],
      "FailedGetObjectMetric"
    ),
  ]

  @Test(arguments: adapters) func metricsOfAdaptersAreNotServed(
    _ type: String, _ field: String, _ source: JSON, _ reason: String
  ) {
    let metric: JSON = ["type": .string(type), field: source]
    let objects = [pod("a"), deployment(1)]
    let plan = look(autoscaler(["metrics": [metric]]), objects, cpu: ["a": 10]).plan
    #expect(condition(plan, "ScalingActive") == "False \(reason)")
    // Another metric that asks for more is heard all the same.
    let cpu: JSON = [
      "type": "ContainerResource",
      "containerResource": ["name": "cpu", "container": "c", "target": ["averageValue": "20m"]],
    ]
    let both = look(autoscaler(["metrics": [metric, cpu]]), objects, cpu: ["a": 40]).plan
    #expect(size(both) == 2)
    #expect(condition(both, "ScalingActive") == "True ValidMetricFound")
    #expect(size(look(autoscaler(["metrics": [metric, cpu]]), objects, cpu: ["a": 1]).plan) == nil)
  }

  @Test func boundsHoldWithoutMetrics() {
    let above = look(autoscaler(["maxReplicas": 3]), [deployment(5)], cpu: nil).plan
    #expect(size(above) == 3)
    #expect(
      above.actions.first?.event?.message == "New size: 3; reason: Current number of replicas above Spec.MaxReplicas")
    let below = look(autoscaler(["minReplicas": 2]), [deployment(1)], cpu: nil).plan
    #expect(size(below) == 2)
    #expect(condition(below, "AbleToScale") == "True SucceededRescale")
    let off = look(autoscaler(), [deployment(0)], cpu: nil).plan
    #expect(size(off) == nil)
    #expect(condition(off, "ScalingActive") == "False ScalingDisabled")
    let gone = look(autoscaler(), [], cpu: nil).plan
    #expect(condition(gone, "AbleToScale") == "False FailedGetScale")
    #expect(gone.actions.first?.event?.message == "deployments/scale.apps \"web\" not found")
  }

  @Test func twoAutoscalersOfTheSamePodsAreRefused() {
    let other = Object(fixture: [
      "kind": "HorizontalPodAutoscaler", "metadata": ["name": "second"],
      "spec": ["scaleTargetRef": ["apiVersion": "apps/v1", "kind": "Deployment", "name": "web"]],
    ])
    let plan = look(autoscaler(), [pod("a"), deployment(1), other], cpu: ["a": 100]).plan
    #expect(condition(plan, "ScalingActive") == "False AmbiguousSelector")
    #expect(
      plan.actions.first?.event?.message
        == "pods by selector app=web are controlled by multiple HPAs: [default/second default/web]")
  }

  @Test func theFirstLookComesAfterFifteenSeconds() {
    let scaler = autoscaler(created: "2026-01-01T23:59:55Z")
    let snapshot = Snapshot(revision: 1, objects: [scaler, deployment(1)])
    #expect(HorizontalController().reconcile(scaler.key, snapshot, now) == Plan([], requeueAfter: .seconds(10)))
  }

  // MARK: Limits

  private func limits(
    _ behavior: JSON?, current: Int, most: Int = 100, least: Int = 1, history: ScalingHistory = ScalingHistory()
  ) -> ScalingLimits {
    ScalingLimits(behavior: behavior, least: least, most: most, current: current, history: history, now: now)
  }

  @Test func withoutBehaviourGrowthDoublesAndShrinkingWaitsFiveMinutes() {
    #expect(limits(nil, current: 1).bounded(50).replicas == 4)
    #expect(limits(nil, current: 10).bounded(50).replicas == 20)
    #expect(limits(nil, current: 10).bounded(50).reason == "ScaleUpLimit")
    #expect(limits(nil, current: 10, most: 15).bounded(50).reason == "TooManyReplicas")
    #expect(limits(nil, current: 10, least: 3).bounded(1).reason == "TooFewReplicas")
    var history = ScalingHistory()
    history.recommendations = [
      .init(replicas: 9, time: now - .seconds(299)), .init(replicas: 20, time: now - .seconds(301)),
    ]
    #expect(limits(nil, current: 9, history: history).stabilized(2).replicas == 9)
    #expect(limits(nil, current: 9).stabilized(2).replicas == 2)
  }

  @Test func policiesLimitTheSpeed() {
    func policy(_ type: String, _ value: Int, _ period: Int = 60) -> JSON {
      ["type": .string(type), "value": JSON(value), "periodSeconds": JSON(period)]
    }
    let up: JSON = ["scaleUp": ["policies": [policy("Pods", 4), policy("Percent", 50)], "selectPolicy": "Max"]]
    #expect(limits(up, current: 4).bounded(50).replicas == 8)
    #expect(limits(up, current: 20).bounded(50).replicas == 30)
    let slow: JSON = ["scaleUp": ["policies": [policy("Pods", 4), policy("Percent", 50)], "selectPolicy": "Min"]]
    #expect(limits(slow, current: 4).bounded(50).replicas == 6)
    let off: JSON = ["scaleUp": ["selectPolicy": "Disabled"]]
    #expect(limits(off, current: 4).bounded(50).replicas == 4)
    // What was added in the period counts.
    var history = ScalingHistory()
    history.additions = [.init(change: 3, time: now - .seconds(30)), .init(change: 9, time: now - .seconds(90))]
    let pods: JSON = ["scaleUp": ["policies": [policy("Pods", 4)]]]
    #expect(limits(pods, current: 10, history: history).bounded(50).replicas == 11)
    let down: JSON = ["scaleDown": ["policies": [policy("Percent", 10), policy("Pods", 5)], "selectPolicy": "Min"]]
    #expect(limits(down, current: 20).bounded(1).replicas == 18)
    #expect(limits(down, current: 20).bounded(1).reason == "ScaleDownLimit")
    let fast: JSON = ["scaleDown": ["policies": [policy("Percent", 10), policy("Pods", 5)], "selectPolicy": "Max"]]
    #expect(limits(fast, current: 20).bounded(1).replicas == 15)
  }

  @Test func windowsHoldBothWays() {
    var history = ScalingHistory()
    history.recommendations = [
      .init(replicas: 5, time: now - .seconds(20)), .init(replicas: 2, time: now - .seconds(90)),
    ]
    let behavior: JSON = [
      "scaleUp": ["stabilizationWindowSeconds": 60], "scaleDown": ["stabilizationWindowSeconds": 60],
    ]
    let up = limits(behavior, current: 3, history: history).stabilized(10)
    #expect(up.replicas == 5 && up.reason == "ScaleUpStabilized")
    let down = limits(behavior, current: 6, history: history).stabilized(1)
    #expect(down.replicas == 5 && down.reason == "ScaleDownStabilized")
  }

  @Test func toleranceIsATenthUnlessSaid() {
    #expect(ScalingTolerance(nil).covers(1.1) && !ScalingTolerance(nil).covers(1.11))
    let tight = ScalingTolerance(["scaleUp": ["tolerance": "0.05"]])
    #expect(!tight.covers(1.06) && tight.covers(0.91))
  }
}
