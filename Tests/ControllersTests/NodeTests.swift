import JSONCore
import Objects
import Reconciling
import Testing
import Values

@testable import Controllers

/// How fast nodes that do not answer are emptied.
@Suite struct NodeTests {
  private let now = Instant(rfc3339: "2026-01-02T00:00:00Z") ?? .epoch

  /// - Parameter evicted: seconds since its pods were told to go.
  private func node(_ name: String, up: Bool, zone: String = "a", evicted: Int? = nil) -> Object {
    var spec = JSON.emptyObject
    if let evicted {
      spec["taints"] = [
        [
          "key": "node.kubernetes.io/unreachable", "effect": "NoExecute",
          "timeAdded": .string((now - .seconds(evicted)).rfc3339),
        ]
      ]
    }
    return Object(fixture: [
      "kind": "Node", "metadata": ["name": .string(name), "labels": ["topology.kubernetes.io/zone": .string(zone)]],
      "spec": spec,
      "status": ["conditions": [["type": "Ready", "status": up ? "True" : "Unknown"]]],
    ])
  }

  private func delay(_ name: String, _ nodes: [Object]) -> Duration? {
    let zones = NodeZones(Snapshot(revision: 1, objects: nodes))
    return nodes.first { $0.name == name }.flatMap { zones.evictionTime(of: $0, at: now) }.map { $0 - now }
  }

  @Test func oneNodeEachTenSeconds() {
    let nodes = [node("a", up: false), node("b", up: false), node("c", up: true)]
    #expect(delay("a", nodes) == .zero)
    #expect(delay("b", nodes) == .seconds(10))
    let later = [node("a", up: false, evicted: 4), node("b", up: false), node("c", up: true)]
    #expect(delay("b", later) == .seconds(6))
    // What was said stays said.
    #expect(delay("a", later) == .seconds(-4))
  }

  @Test func smallZonesThatAreDisruptedAreLeftAlone() {
    let names = ["a", "b", "c", "d"]
    let nodes = names.map { node($0, up: $0 == "d") }
    #expect(NodeZones(Snapshot(revision: 1, objects: nodes)).state(ofZoneOf: nodes[0]) == .partial)
    #expect(delay("a", nodes) == nil)
  }

  @Test func largeZonesThatAreDisruptedAreEmptiedSlowly() {
    let nodes = (0..<60).map { node("n\($0)", up: $0 < 20) } + [node("x", up: false, evicted: 30)]
    #expect(delay("n20", nodes) == .seconds(70))
  }

  @Test func aZoneThatIsDownAsAWholeIsEmptiedUnlessAllAre() {
    let down = [node("a", up: false), node("b", up: false)]
    #expect(NodeZones(Snapshot(revision: 1, objects: down)).state(ofZoneOf: down[0]) == .full)
    #expect(delay("a", down) == nil)
    #expect(delay("a", down + [node("c", up: true, zone: "b")]) == .zero)
  }

  @Test func aTaintWithoutATimeCountsFromWhenItWasSeen() {
    let pod = Object(fixture: [
      "kind": "Pod", "metadata": ["name": "web"],
      "spec": ["nodeName": "a", "tolerations": [["operator": "Exists", "tolerationSeconds": 65]]],
      "status": ["phase": "Running"],
    ])
    let node = Object(fixture: [
      "kind": "Node", "metadata": ["name": "a"], "spec": ["taints": [["key": "k", "effect": "NoExecute"]]],
    ])
    let controller = TaintEvictionController()
    let snapshot = Snapshot(revision: 1, objects: [node, pod])
    #expect(controller.reconcile(node.key, snapshot, now) == Plan([], requeueAfter: .seconds(65)))
    #expect(controller.reconcile(node.key, snapshot, now + .seconds(60)) == Plan([], requeueAfter: .seconds(5)))
    #expect(!controller.reconcile(node.key, snapshot, now + .seconds(65)).actions.isEmpty)
  }

  @Test func pardonIsSaid() {
    let pod = Object(fixture: [
      "kind": "Pod", "metadata": ["name": "web"],
      "spec": ["nodeName": "a", "tolerations": [["operator": "Exists", "tolerationSeconds": 300]]],
      "status": ["phase": "Running"],
    ])
    let controller = TaintEvictionController()
    let tainted = node("a", up: false, evicted: 10)
    let waiting = controller.reconcile(tainted.key, Snapshot(revision: 1, objects: [tainted, pod]), now)
    #expect(waiting == Plan([], requeueAfter: .seconds(290)))
    let free = Snapshot(revision: 1, objects: [node("a", up: true), pod])
    let plan = controller.reconcile(tainted.key, free, now)
    #expect(plan.actions.map { $0.event?.message } == ["Cancelling deletion of Pod default/web"])
    #expect(controller.reconcile(tainted.key, free, now).isEmpty)
  }
}
