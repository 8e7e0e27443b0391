import JSONCore
import Objects
import Reconciling
import Testing

@testable import Scheduling

@Suite struct SpreadTests {
  func constraint(_ key: String, skew: Int = 1, hard: Bool = true, more: JSON = [:]) -> JSON {
    var json = more
    json["topologyKey"] = .string(key)
    json["maxSkew"] = JSON(skew)
    json["whenUnsatisfiable"] = hard ? "DoNotSchedule" : "ScheduleAnyway"
    json["labelSelector"] = ["matchLabels": ["app": "w"]]
    return json
  }

  func pod(_ name: String, _ constraints: JSON..., node: String? = nil, more: JSON = [:]) -> Object {
    var spec = more
    spec["topologySpreadConstraints"] = .array(constraints)
    return makePod(name, labels: ["app": "w"], spec: spec, node: node)
  }

  let zones = [makeNode("a", labels: ["zone": "x"]), makeNode("b", labels: ["zone": "y"])]

  @Test func theSkewIsKept() {
    let placed = makePod("1", labels: ["app": "w"], node: "a")
    let verdict = decide(pod("2", constraint("zone")), zones + [placed])
    #expect(verdict.node == "b")
    #expect(verdict.refuser("a") == .podTopologySpread)
    #expect(
      verdict.words("a") == "zone=x would have 2 matching pods and the emptiest has 0; they may differ by 1")
    #expect(["a", "b"].contains(decide(pod("2", constraint("zone", skew: 2)), zones + [placed]).node))
  }

  @Test func podsThatLeaveAreNotCounted() {
    let leaving = makePod(
      "1", labels: ["app": "w"], node: "a", metadata: ["deletionTimestamp": "2026-01-01T00:00:00Z"])
    let staying = makePod("2", labels: ["app": "w"], node: "b")
    #expect(decide(pod("3", constraint("zone")), zones + [leaving, staying]).node == "a")
    var bench = Bench(zones + [makePod("1", labels: ["app": "w"], node: "a"), staying])
    bench.view.markLeaving("pod-default-1", isPreempted: false)
    #expect(bench.decide(pod("3", constraint("zone"))).node == "a")
  }

  @Test func nodesWithoutTheLabelAreRefused() {
    let verdict = decide(pod("1", constraint("zone")), [makeNode("bare")])
    #expect(
      verdict.message == "0/1 nodes are available: "
        + "1 node(s) didn't match pod topology spread constraints (missing required label).")
    #expect(verdict.words("bare") == "lacks the label zone")
  }

  @Test func withTooFewDomainsTheEmptiestCountsAsEmpty() {
    let placed = [
      makePod("1", labels: ["app": "w"], node: "a"), makePod("2", labels: ["app": "w"], node: "b"),
    ]
    #expect(decide(pod("3", constraint("zone", more: ["minDomains": 2])), zones + placed).node != nil)
    #expect(decide(pod("3", constraint("zone", more: ["minDomains": 3])), zones + placed).node == nil)
  }

  @Test func whatThePodCannotUseDoesNotCount() {
    // Zone y is empty, but closed to the pod by its selector: it would have to be filled first otherwise.
    let placed = makePod("1", labels: ["app": "w"], node: "a")
    let more: JSON = ["nodeSelector": ["zone": "x"]]
    #expect(decide(pod("2", constraint("zone"), more: more), zones + [placed]).node == "a")
    let strict = constraint("zone", more: ["nodeAffinityPolicy": "Ignore"])
    #expect(decide(pod("2", strict, more: more), zones + [placed]).node == nil)
  }

  @Test func taintedNodesCountUnlessToldOtherwise() {
    let taint: JSON = ["key": "k", "value": "", "effect": "NoSchedule"]
    let nodes = [zones[0], makeNode("b", labels: ["zone": "y"], taints: [taint])]
    let placed = makePod("1", labels: ["app": "w"], node: "a")
    #expect(decide(pod("2", constraint("zone")), nodes + [placed]).node == nil)
    let honest = constraint("zone", more: ["nodeTaintsPolicy": "Honor"])
    #expect(decide(pod("2", honest), nodes + [placed]).node == "a")
  }

  @Test func keysThatMustMatchNarrowTheSelector() {
    let old = makePod("1", labels: ["app": "w", "version": "1"], node: "a")
    let more: JSON = ["matchLabelKeys": ["version"]]
    var spec: JSON = [:]
    spec["topologySpreadConstraints"] = [constraint("zone", more: more)]
    spec["nodeSelector"] = [:]
    let fresh = makePod("2", labels: ["app": "w", "version": "2"], spec: spec)
    #expect(decide(fresh, zones + [old]).refuser("a") == nil)
  }

  @Test func wishesPreferTheEmptierZone() {
    let placed = makePod("1", labels: ["app": "w"], node: "a")
    #expect(decide(pod("2", constraint("zone", hard: false)), zones + [placed]).node == "b")
    // A node without the label is the last choice.
    let bare = makeNode("c", cpu: "64", memory: "64Gi")
    #expect(decide(pod("2", constraint("zone", hard: false)), zones + [bare]).node != "c")
  }

  @Test func podsOfAReplicaSetAreSpreadByDefault() {
    let owner = makeObject(
      .replicaSets, "rs", namespace: "default",
      ["metadata": ["uid": "rs"], "spec": ["selector": ["matchLabels": ["app": "w"]]]])
    var bench = Bench(["a", "b", "c"].map { makeNode($0) } + [owner])
    var counts: [String: Int] = [:]
    let metadata: JSON = ["ownerReferences": [["uid": "rs", "controller": true]]]
    for index in 0..<9 {
      let node = bench.place(makePod("p\(index)", labels: ["app": "w"], metadata: metadata), start: index)
      counts[node ?? "", default: 0] += 1
    }
    #expect(counts == ["a": 3, "b": 3, "c": 3])
  }

  @Test func podsOfAServiceAreSpreadByDefault() {
    let service = makeObject(.services, "s", namespace: "default", ["spec": ["selector": ["app": "w"]]])
    let nodes = [
      makeNode("a", cpu: "64", memory: "64Gi", labels: ["topology.kubernetes.io/zone": "x"]),
      makeNode("b", cpu: "8", memory: "8Gi", labels: ["topology.kubernetes.io/zone": "y"]),
    ]
    let placed = makePod("1", labels: ["app": "w"], node: "a")
    #expect(decide(makePod("2", cpu: "1", labels: ["app": "w"]), nodes + [placed]).node == "a")
    let verdict = decide(makePod("2", cpu: "1", labels: ["app": "w"]), nodes + [placed, service])
    #expect(verdict.node == "b")
  }
}
