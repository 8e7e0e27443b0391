import JSONCore
import Objects
import Reconciling
import Testing

@testable import Scheduling

@Suite struct VolumeTests {
  func pod(_ claim: String, name: String = "p", node: String? = nil) -> Object {
    makePod(
      name, spec: ["volumes": [["name": "v", "persistentVolumeClaim": ["claimName": .string(claim)]]]], node: node)
  }

  func claim(_ name: String, volume: String = "", className: String = "", modes: [String] = ["ReadWriteOnce"]) -> Object
  {
    var spec: JSON = [
      "storageClassName": .string(className), "accessModes": JSON(modes),
      "resources": ["requests": ["storage": "1Gi"]],
    ]
    if !volume.isEmpty { spec["volumeName"] = .string(volume) }
    return makeObject(
      .persistentVolumeClaims, name, namespace: "default",
      ["spec": spec, "status": ["phase": volume.isEmpty ? "Pending" : "Bound"]])
  }

  func volume(
    _ name: String, zone: String? = nil, className: String = "", size: String = "1Gi", more: JSON = [:],
    labels: JSON = [:]
  ) -> Object {
    var spec = more
    spec["storageClassName"] = .string(className)
    spec["accessModes"] = ["ReadWriteOnce"]
    spec["capacity"] = ["storage": .string(size)]
    if let zone {
      spec["nodeAffinity"] = [
        "required": [
          "nodeSelectorTerms": [
            ["matchExpressions": [["key": "zone", "operator": "In", "values": [.string(zone)]]]]
          ]
        ]
      ]
    }
    return makeObject(.persistentVolumes, name, ["metadata": ["labels": labels], "spec": spec])
  }

  let nodes = [makeNode("a", labels: ["zone": "x"]), makeNode("b", labels: ["zone": "y"])]
  let waiting = makeObject(
    .storageClasses, "local",
    ["provisioner": "kubernetes.io/no-provisioner", "volumeBindingMode": "WaitForFirstConsumer"])

  @Test func claimsMustExistAndBeBound() {
    let missing = decide(pod("c"), nodes)
    #expect(missing.message == "0/2 nodes are available: persistentvolumeclaim \"c\" not found.")
    #expect(missing.rejectors == PluginSet(.volumeBinding))
    #expect(
      decide(pod("c"), nodes + [claim("c")]).message
        == "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims.")
  }

  @Test func aVolumeDecidesTheNode() {
    let verdict = decide(pod("c"), nodes + [claim("c", volume: "v"), volume("v", zone: "y")])
    #expect(verdict.node == "b")
    #expect(verdict.refusals.first?.reasons.first?.reason == "node(s) didn't match PersistentVolume's node affinity")
  }

  @Test func aVolumesZoneDecidesToo() {
    let key = "topology.kubernetes.io/zone"
    let nodes = [makeNode("a", labels: [key: "x"]), makeNode("b", labels: [key: "y"])]
    let labelled = volume("v", labels: ["topology.kubernetes.io/zone": "y__z"])
    let verdict = decide(pod("c"), nodes + [claim("c", volume: "v"), labelled])
    #expect(verdict.node == "b")
    #expect(verdict.refuser("a") == .volumeZone)
  }

  @Test func claimsThatWaitFindAVolumeNearThePod() {
    let objects = nodes + [waiting, claim("c", className: "local"), volume("v", zone: "y", className: "local")]
    var bench = Bench(objects)
    let verdict = bench.decide(pod("c"))
    #expect(verdict.node == "b")
    #expect(
      verdict.refusals.first?.reasons.first?.reason == "node(s) didn't find available persistent volumes to bind")
    let request = Request(PodNeeds(pod("c")), .stock, bench.view, bench.snapshot, bench.held)
    let slot = bench.view.nodes.slot(of: "b")!
    let bindings = VolumeBindings(request.volumes, bench.view.nodes.labels[slot], node: "b")
    #expect(bindings.volumes == ["v": claim("c").key])
    #expect(!bindings.isComplete(bench.snapshot))
    // Promised to another pod's claim, it is not free any more.
    bench.held.volumes["v"] = Key(.persistentVolumeClaims, namespace: "default", name: "other")
    #expect(bench.decide(pod("c")).node == nil)
  }

  @Test func volumesAreMadeWhereTheClassAllowsIt() {
    let className = makeObject(
      .storageClasses, "fast",
      [
        "provisioner": "csi.example.com", "volumeBindingMode": "WaitForFirstConsumer",
        "allowedTopologies": [["matchLabelExpressions": [["key": "zone", "values": ["y"]]]]],
      ])
    var bench = Bench(nodes + [className, claim("c", className: "fast")])
    #expect(bench.decide(pod("c")).node == "b")
    let request = Request(PodNeeds(pod("c")), .stock, bench.view, bench.snapshot, bench.held)
    let bindings = VolumeBindings(request.volumes, Labels([("zone", "y")]), node: "b")
    #expect(bindings.provisioned == [claim("c").key])
    #expect(bindings.actions(bench.snapshot, node: "b").count == 1)
  }

  @Test func storageThatIsUsedUpIsSeen() {
    let objects = [
      makeObject(
        .storageClasses, "fast", ["provisioner": "csi.example.com", "volumeBindingMode": "WaitForFirstConsumer"]),
      makeObject(.csiDrivers, "csi.example.com", ["spec": ["storageCapacity": true]]),
      makeObject(
        .csiStorageCapacities, "x", namespace: "default",
        ["storageClassName": "fast", "capacity": "512Mi", "nodeTopology": ["matchLabels": ["zone": "x"]]]),
      makeObject(
        .csiStorageCapacities, "y", namespace: "default",
        ["storageClassName": "fast", "capacity": "2Gi", "nodeTopology": ["matchLabels": ["zone": "y"]]]),
      claim("c", className: "fast"),
    ]
    let verdict = decide(pod("c"), nodes + objects)
    #expect(verdict.node == "b")
    #expect(verdict.refusals.first?.reasons.first?.reason == "node(s) did not have enough free storage")
  }

  @Test func oneOfOnePod() {
    let objects =
      nodes + [
        claim("c", volume: "v", modes: ["ReadWriteOncePod"]), volume("v"), pod("c", name: "first", node: "a"),
      ]
    let verdict = decide(pod("c"), objects)
    #expect(
      verdict.message == "0/2 nodes are available: 2 node has pod using PersistentVolumeClaim with the same name and "
        + "ReadWriteOncePod access mode.")
  }

  @Test func driversLimitTheVolumesOfANode() {
    let csi: JSON = ["csi": ["driver": "d", "volumeHandle": "one"]]
    let other: JSON = ["csi": ["driver": "d", "volumeHandle": "two"]]
    let limit: JSON = ["spec": ["drivers": [["name": "d", "allocatable": ["count": 1]]]]]
    let objects =
      nodes + [
        makeObject(.csiNodes, "a", limit), claim("c1", volume: "v1"), volume("v1", more: csi),
        claim("c2", volume: "v2"), volume("v2", more: other), pod("c1", name: "first", node: "a"),
      ]
    let verdict = decide(pod("c2"), objects)
    #expect(verdict.node == "b")
    #expect(verdict.refusals.first?.reasons.first?.reason == "node(s) exceed max volume count")
    // The same volume once more takes nothing.
    #expect(decide(pod("c1"), [objects[0]] + objects.dropFirst(2)).node == "a")
  }

  @Test func someDisksCannotBeShared() {
    let disk: JSON = ["volumes": [["name": "v", "gcePersistentDisk": ["pdName": "d"]]]]
    let first = makePod("1", spec: disk, node: "a")
    let verdict = decide(makePod("2", spec: disk), nodes + [first])
    #expect(verdict.node == "b")
    #expect(verdict.refusals.first?.reasons.first?.reason == "node(s) had no available disk")
    let reader: JSON = ["volumes": [["name": "v", "gcePersistentDisk": ["pdName": "d", "readOnly": true]]]]
    let shared = decide(makePod("2", spec: reader), [nodes[0], makePod("1", spec: reader, node: "a")])
    #expect(shared.node == "a")
  }
}
