import JSONCore
import Objects
import Reconciling
import Testing
import Values

@testable import Scheduling

func makeNode(
  _ name: String, cpu: String = "4", memory: String = "8Gi", pods: String = "10", labels: JSON = [:],
  taints: [JSON] = [], unschedulable: Bool = false
) -> Object {
  var labels = labels
  labels["kubernetes.io/hostname"] = .string(name)
  let json: JSON = [
    "apiVersion": "v1", "kind": "Node",
    "metadata": ["name": .string(name), "uid": .string("node-\(name)"), "labels": labels],
    "spec": ["taints": .array(taints), "unschedulable": .bool(unschedulable)],
    "status": ["allocatable": ["cpu": .string(cpu), "memory": .string(memory), "pods": .string(pods)]],
  ]
  return Object(key: Key(.nodes, name: name), revision: 1, blob: json.blob)
}

func makePod(_ name: String, cpu: String? = nil, labels: JSON = [:], spec: JSON = [:], node: String? = nil) -> Object {
  var spec = spec
  var container: JSON = ["name": "c", "image": "i"]
  if let cpu { container["resources"] = ["requests": ["cpu": .string(cpu)]] }
  if spec["containers"] == nil { spec["containers"] = [container] }
  if let node { spec["nodeName"] = .string(node) }
  let json: JSON = [
    "apiVersion": "v1", "kind": "Pod",
    "metadata": ["name": .string(name), "namespace": "default", "uid": .string("pod-\(name)"), "labels": labels],
    "spec": spec,
  ]
  return Object(key: Key(.pods, namespace: "default", name: name), revision: 1, blob: json.blob)
}

@Suite struct PlacementTests {
  func decide(_ pod: Object, _ objects: [Object]) -> Verdict {
    let view = ClusterView(Snapshot(revision: 1, objects: objects))
    return Placement.decide(PodNeeds(pod), view, at: .epoch)
  }

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
        + "2 node(s) had untolerated taint {gpu: yes}.")
    #expect(verdict.refusals["a"]?.first?.filter == "NodeResourcesFit")
  }

  @Test func withoutNodesThereIsNoPlace() {
    #expect(decide(makePod("p"), []).message == "no nodes available to schedule pods")
  }

  @Test func tolerationsOpenTaintedNodes() {
    let node = makeNode("a", taints: [["key": "gpu", "value": "yes", "effect": "NoSchedule"]])
    let pod = makePod("p", spec: ["tolerations": [["key": "gpu", "operator": "Exists"]]])
    #expect(decide(pod, [node]).node == "a")
  }

  @Test(
    arguments: [
      (["key": "zone", "operator": "In", "values": ["x"]], "a"),
      (["key": "zone", "operator": "NotIn", "values": ["x"]], "b"),
      (["key": "size", "operator": "Gt", "values": ["3"]], "b"),
      (["key": "size", "operator": "Lt", "values": ["3"]], "a"),
    ] as [(JSON, String)])
  func requiredAffinity(_ expression: JSON, _ expected: String) {
    let nodes = [
      makeNode("a", labels: ["zone": "x", "size": "2"]), makeNode("b", labels: ["zone": "y", "size": "5"]),
    ]
    let affinity: JSON = [
      "nodeAffinity": [
        "requiredDuringSchedulingIgnoredDuringExecution": ["nodeSelectorTerms": [["matchExpressions": [expression]]]]
      ]
    ]
    #expect(decide(makePod("p", spec: ["affinity": affinity]), nodes).node == expected)
  }

  @Test func spreadsThePodsOfAnOwner() {
    var view = ClusterView(Snapshot(revision: 1, objects: ["a", "b", "c"].map { makeNode($0) }))
    var counts: [String: Int] = [:]
    for index in 0..<9 {
      var json = makePod("p\(index)").json
      json["metadata"]?["ownerReferences"] = [["uid": "rs", "controller": true]]
      let pod = PodNeeds(Object(key: Key(.pods, namespace: "default", name: "p\(index)"), revision: 1, blob: json.blob))
      let node = Placement.decide(pod, view, at: .epoch).node ?? ""
      counts[node, default: 0] += 1
      view.place(pod, on: node)
    }
    #expect(counts == ["a": 3, "b": 3, "c": 3])
  }

  @Test func antiAffinityAllowsOnePodANode() {
    let term: JSON = ["topologyKey": "kubernetes.io/hostname", "labelSelector": ["matchLabels": ["x": "y"]]]
    let spec: JSON = ["affinity": ["podAntiAffinity": ["requiredDuringSchedulingIgnoredDuringExecution": [term]]]]
    let nodes = [makeNode("a"), makeNode("b")]
    let first = makePod("1", labels: ["x": "y"], spec: spec, node: "a")
    #expect(decide(makePod("2", labels: ["x": "y"], spec: spec), nodes + [first]).node == "b")
    let second = makePod("2", labels: ["x": "y"], spec: spec, node: "b")
    let third = decide(makePod("3", labels: ["x": "y"], spec: spec), nodes + [first, second])
    #expect(third.node == nil)
    #expect(third.message == "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules.")
    // A pod without such wishes is kept away as well.
    let plain = decide(makePod("4", labels: ["x": "y"]), nodes + [first, second])
    #expect(
      plain.message == "0/2 nodes are available: 2 node(s) didn't satisfy existing pods anti-affinity rules.")
  }

  @Test func topologySpreadKeepsTheSkew() {
    let nodes = [makeNode("a", labels: ["zone": "x"]), makeNode("b", labels: ["zone": "y"])]
    let spec: JSON = [
      "topologySpreadConstraints": [
        [
          "topologyKey": "zone", "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule",
          "labelSelector": ["matchLabels": ["app": "w"]],
        ]
      ]
    ]
    let placed = makePod("1", labels: ["app": "w"], node: "a")
    #expect(decide(makePod("2", labels: ["app": "w"], spec: spec), nodes + [placed]).node == "b")
  }

  @Test func hostPortsAreTakenOnce() {
    let spec: JSON = ["containers": [["name": "c", "ports": [["containerPort": 80, "hostPort": 80]]]]]
    let placed = makePod("1", spec: spec, node: "a")
    #expect(decide(makePod("2", spec: spec), [makeNode("a"), makeNode("b"), placed]).node == "b")
  }

  @Test func preemptionTakesTheLeastImportantPod() throws {
    let low = makePod("low", cpu: "3", spec: ["priority": 1], node: "a")
    let lower = makePod("lower", cpu: "3", spec: ["priority": 0], node: "b")
    let pod = PodNeeds(makePod("high", cpu: "3", spec: ["priority": 10]))
    let view = ClusterView(Snapshot(revision: 1, objects: [makeNode("a"), makeNode("b"), low, lower]))
    let verdict = Placement.decide(pod, view, at: .epoch)
    #expect(verdict.node == nil)
    let choice = try #require(Preemption.choose(for: pod, view, refusals: verdict.refusals))
    #expect(choice.node == "b")
    #expect(choice.victims.map(\.key.name) == ["lower"])
  }

  /// Against the plain definition: a pod may go where its requests fit into what is left, and nowhere else.
  @Test(arguments: 0..<20) func agreesWithBruteForce(_ seed: Int) {
    var random = SplitMix(state: UInt64(seed))
    let nodes = (0..<5).map { makeNode("n\($0)", cpu: "\(1 + random.below(4))", pods: "\(1 + random.below(4))") }
    var view = ClusterView(Snapshot(revision: 1, objects: nodes))
    var left = nodes.map { node -> (cpu: Int64, pods: Int64) in
      let list = node.json.at("status", "allocatable")
      return (Quantity(list?["cpu"])?.milliValue ?? 0, Quantity(list?["pods"])?.value ?? 0)
    }
    for index in 0..<20 {
      let cpu = Int64(random.below(20) * 100)
      let pod = PodNeeds(makePod("p\(index)", cpu: "\(cpu)m"))
      let possible = left.indices.filter { left[$0].cpu >= cpu && left[$0].pods > 0 }
      let chosen = Placement.decide(pod, view, start: random.below(5), at: .epoch).node
      guard let chosen, let at = nodes.firstIndex(where: { $0.name == chosen }) else {
        #expect(possible.isEmpty)
        continue
      }
      #expect(possible.contains(at))
      left[at].cpu -= cpu
      left[at].pods -= 1
      view.place(pod, on: chosen)
    }
  }

  @Test func theViewForgetsWhatLeaves() {
    var view = ClusterView(Snapshot(revision: 1, objects: [makeNode("a")]))
    let empty = view.nodes[0].requested
    let pod = makePod("p", cpu: "1", node: "a")
    _ = view.applyPod(Change(.added, pod), PodFacts(pod))
    #expect(view.nodes[0].podCount == 1)
    let isFreed = view.applyPod(Change(.deleted, pod), PodFacts(pod))
    #expect(isFreed)
    #expect(view.nodes[0].podCount == 0)
    #expect(view.nodes[0].requested == empty)
  }
}

/// A small generator whose numbers are the same on every run.
struct SplitMix {
  var state: UInt64

  mutating func below(_ limit: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return Int((value ^ value >> 31) % UInt64(limit))
  }
}
