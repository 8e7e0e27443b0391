import JSONCore
import Objects
import Testing

@testable import Scheduling

@Suite struct NodeFilterTests {
  @Test func saysWhyNoNodeFits() {
    let nodes = [
      makeNode("a", cpu: "1"), makeNode("b", taints: [["key": "gpu", "value": "yes", "effect": "NoSchedule"]]),
      makeNode("c", taints: [["key": "gpu", "value": "yes", "effect": "NoExecute"]]),
      makeNode("d", unschedulable: true),
    ]
    let verdict = decide(makePod("p", cpu: "2"), nodes)
    #expect(verdict.node == nil)
    #expect(
      verdict.message
        == "0/4 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable, "
        + "2 node(s) had untolerated taint(s).")
    #expect(verdict.refuser("a") == .nodeResourcesFit)
    #expect(verdict.words("a") == "needs 1 more CPU; 1 of 1 free")
    #expect(verdict.words("b") == "has the taint gpu=yes:NoSchedule, which the pod does not tolerate")
    #expect(verdict.words("d") == "is cordoned")
  }

  @Test func withoutNodesThereIsNoPlace() {
    #expect(decide(makePod("p"), []).message == "no nodes available to schedule pods")
  }

  @Test func tolerationsOpenTaintedNodes() {
    let node = makeNode("a", taints: [["key": "gpu", "value": "yes", "effect": "NoSchedule"]])
    let accepted: [JSON] = [
      ["key": "gpu", "operator": "Exists"], ["operator": "Exists"], ["key": "gpu", "value": "yes"],
      ["key": "gpu", "value": "yes", "effect": "NoSchedule"],
    ]
    for toleration in accepted {
      #expect(decide(makePod("p", spec: ["tolerations": [toleration]]), [node]).node == "a")
    }
    let refused: [JSON] = [
      ["key": "gpu"], ["key": "gpu", "operator": "Exists", "effect": "NoExecute"], ["key": "x", "operator": "Exists"],
    ]
    for toleration in refused {
      #expect(decide(makePod("p", spec: ["tolerations": [toleration]]), [node]).node == nil)
    }
  }

  @Test func cordonedNodesTakeWhoToleratesIt() {
    let spec: JSON = ["tolerations": [["key": "node.kubernetes.io/unschedulable", "operator": "Exists"]]]
    #expect(decide(makePod("p", spec: spec), [makeNode("a", unschedulable: true)]).node == "a")
  }

  @Test(
    arguments: [
      (["key": "zone", "operator": "In", "values": ["x"]], "a"),
      (["key": "zone", "operator": "NotIn", "values": ["x"]], "b"),
      (["key": "fast", "operator": "Exists"], "b"), (["key": "fast", "operator": "DoesNotExist"], "a"),
      (["key": "size", "operator": "Gt", "values": ["3"]], "b"),
      (["key": "size", "operator": "Lt", "values": ["3"]], "a"),
    ] as [(JSON, String)])
  func requiredAffinity(_ expression: JSON, _ expected: String) {
    let nodes = [
      makeNode("a", labels: ["zone": "x", "size": "2"]),
      makeNode("b", labels: ["zone": "y", "size": "5", "fast": ""]),
    ]
    #expect(decide(makePod("p", spec: affinity([["matchExpressions": [expression]]])), nodes).node == expected)
  }

  private func affinity(_ terms: [JSON]) -> JSON {
    [
      "affinity": [
        "nodeAffinity": ["requiredDuringSchedulingIgnoredDuringExecution": ["nodeSelectorTerms": .array(terms)]]
      ]
    ]
  }

  @Test func termsAreAlternativesAndEmptyOnesMatchNothing() {
    let nodes = [makeNode("a", labels: ["zone": "x"])]
    let matching: JSON = ["matchExpressions": [["key": "zone", "operator": "In", "values": ["x"]]]]
    #expect(decide(makePod("p", spec: affinity([[:], matching])), nodes).node == "a")
    #expect(decide(makePod("p", spec: affinity([[:]])), nodes).node == nil)
  }

  @Test func aPodOfADaemonSetGoesToItsNode() {
    let field: JSON = ["matchFields": [["key": "metadata.name", "operator": "In", "values": ["b"]]]]
    let nodes = [makeNode("a"), makeNode("b"), makeNode("c")]
    #expect(decide(makePod("p", spec: affinity([field])), nodes).node == "b")
    let large = decide(makePod("p", cpu: "9", spec: affinity([field])), nodes)
    #expect(
      large.message
        == "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity].")
  }

  @Test func theSelectorSaysWhichLabelIsWrong() {
    let spec: JSON = ["nodeSelector": ["disk": "ssd"]]
    let verdict = decide(makePod("p", spec: spec), [makeNode("a", labels: ["disk": "hdd"]), makeNode("b")])
    #expect(verdict.message == "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.")
    #expect(verdict.words("a") == "has disk=hdd, the pod asks for disk=ssd")
    #expect(verdict.words("b") == "lacks the label disk=ssd")
  }

  @Test func aChangedLabelIsSeen() {
    var bench = Bench([makeNode("a")])
    let pod = makePod("p", spec: ["nodeSelector": ["disk": "ssd"]])
    #expect(bench.decide(pod).node == nil)
    _ = bench.view.update(node: makeNode("a", labels: ["disk": "ssd"]))
    #expect(bench.decide(pod).node == "a")
    _ = bench.view.update(node: makeNode("b", labels: ["disk": "ssd"]))
    bench.view.remove(node: "a")
    #expect(bench.decide(pod).node == "b")
  }

  func ports(_ port: JSON) -> JSON { ["containers": [["name": "c", "ports": [port]]]] }

  @Test func hostPortsAreTakenOnce() {
    let spec = ports(["containerPort": 80, "hostPort": 80])
    let placed = makePod("1", spec: spec, node: "a")
    #expect(decide(makePod("2", spec: spec), [makeNode("a"), makeNode("b"), placed]).node == "b")
    let verdict = decide(makePod("2", spec: spec), [makeNode("a"), placed])
    #expect(
      verdict.message == "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.")
    #expect(verdict.words("a") == "port 80/TCP is taken")
  }

  @Test func hostPortsDifferByAddressAndProtocol() {
    let placed = makePod("1", spec: ports(["containerPort": 80, "hostPort": 80, "hostIP": "10.0.0.1"]), node: "a")
    let nodes = [makeNode("a"), placed]
    func fits(_ port: JSON) -> Bool { decide(makePod("2", spec: ports(port)), nodes).node == "a" }
    #expect(fits(["containerPort": 80, "hostPort": 80, "hostIP": "10.0.0.2"]))
    #expect(!fits(["containerPort": 80, "hostPort": 80, "hostIP": "10.0.0.1"]))
    #expect(!fits(["containerPort": 80, "hostPort": 80]))
    #expect(fits(["containerPort": 80, "hostPort": 80, "protocol": "UDP"]))
    #expect(fits(["containerPort": 80]))
  }

  @Test func podsOnTheHostsNetworkTakeTheirContainersPorts() {
    var spec = ports(["containerPort": 80])
    spec["hostNetwork"] = true
    let nodes = [makeNode("a"), makePod("1", spec: spec, node: "a")]
    #expect(decide(makePod("2", spec: spec), nodes).refuser("a") == .nodePorts)
  }
}
