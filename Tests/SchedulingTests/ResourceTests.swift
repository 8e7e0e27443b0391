import JSONCore
import Objects
import Testing

@testable import Scheduling

@Suite struct ResourceTests {
  func container(_ name: String, _ requests: JSON, sidecar: Bool = false) -> JSON {
    var json: JSON = ["name": .string(name), "image": "i", "resources": ["requests": requests]]
    if sidecar { json["restartPolicy"] = "Always" }
    return json
  }

  func requests(_ spec: JSON, status: JSON = [:]) -> Amounts {
    PodNeeds(makePod("p", spec: spec, status: status)).requests
  }

  @Test func aPodIsPlacedWhole() {
    let spec: JSON = [
      "containers": [container("a", ["memory": "1Gi"]), container("b", ["memory": "512Mi"])]
    ]
    let nodes = [makeNode("small", memory: "1280Mi"), makeNode("large", memory: "2Gi")]
    let verdict = decide(makePod("p", spec: spec), nodes)
    #expect(verdict.node == "large")
    #expect(verdict.words("small") == "needs 256 MiB more memory; 1.25 GiB of 1.25 GiB free")
  }

  @Test func initContainersPeakAndSidecarsStay() {
    let spec: JSON = [
      "initContainers": [
        container("first", ["cpu": "3"]), container("proxy", ["cpu": "1"], sidecar: true),
        container("second", ["cpu": "3"]),
      ],
      "containers": [container("main", ["cpu": "1"])],
    ]
    // The second init container runs beside the sidecar.
    #expect(requests(spec).milliCPU == 4000)
    var large = spec
    large["containers"] = [container("main", ["cpu": "5"])]
    #expect(requests(large).milliCPU == 6000)
  }

  @Test func overheadAndPodLevelResources() {
    var spec: JSON = ["containers": [container("main", ["cpu": "1", "memory": "1Gi"])]]
    spec["overhead"] = ["cpu": "250m"]
    #expect(requests(spec).milliCPU == 1250)
    spec["resources"] = ["requests": ["cpu": "3"]]
    #expect(requests(spec).milliCPU == 3250)
    #expect(requests(spec).memory == 1 << 30)
  }

  @Test func whileAResizeIsUnderWayTheLargerAmountCounts() {
    let spec: JSON = ["containers": [container("main", ["cpu": "1"])]]
    let status: JSON = ["containerStatuses": [["name": "main", "allocatedResources": ["cpu": "2"]]]]
    #expect(requests(spec, status: status).milliCPU == 2000)
    #expect(PodNeeds(makePod("p", spec: spec, status: status)).isResizing)
    let done: JSON = ["containerStatuses": [["name": "main", "allocatedResources": ["cpu": "1"]]]]
    #expect(!PodNeeds(makePod("p", spec: spec, status: done)).isResizing)
  }

  @Test func extendedResourcesAndPodLimits() {
    let spec: JSON = ["containers": [container("c", ["example.com/gpu": "2", "cpu": "9"])]]
    let nodes = [
      makeNode("a", more: ["example.com/gpu": "1"]), makeNode("b"), makeNode("c", pods: "0"),
    ]
    let verdict = decide(makePod("p", spec: spec), nodes)
    #expect(
      verdict.message == "0/3 nodes are available: 1 Too many pods, 3 Insufficient cpu, "
        + "3 Insufficient example.com/gpu.")
    let one: JSON = ["containers": [container("c", ["example.com/gpu": "1"])]]
    #expect(decide(makePod("p", spec: one), nodes).node == "a")
  }

  @Test func whatIsTakenIsGivenBack() {
    var bench = Bench([makeNode("a", cpu: "1")])
    #expect(bench.place(makePod("1", cpu: "1")) == "a")
    #expect(bench.decide(makePod("2", cpu: "1")).node == nil)
    bench.view.remove("pod-default-1")
    #expect(bench.decide(makePod("2", cpu: "1")).node == "a")
  }

  @Test func absurdRequestsDoNotTrap() {
    let spec: JSON = ["containers": [container("c", ["cpu": "9223372036854775807", "memory": "8Ei"])]]
    let verdict = decide(makePod("p", spec: spec), [makeNode("a")])
    #expect(verdict.node == nil)
    #expect(verdict.json["explanation"] != nil)
  }

  @Test func theEmptierNodeIsBetter() {
    let nodes = [makeNode("a"), makeNode("b"), makePod("1", cpu: "2", memory: "4Gi", node: "a")]
    #expect(decide(makePod("p", cpu: "1", memory: "1Gi"), nodes).node == "b")
    var bench = Bench(nodes)
    bench.profile.fitStrategy = .mostAllocated
    #expect(bench.decide(makePod("p", cpu: "1", memory: "2Gi")).node == "a")
  }

  @Test func scoresFollowTheFormula() throws {
    let nodes = [makeNode("a", cpu: "4", memory: "8Gi"), makeNode("b", cpu: "8", memory: "8Gi")]
    let verdict = decide(makePod("p", cpu: "2", memory: "2Gi"), nodes)
    // Fit: a (50 + 75) / 2 = 62, b (75 + 75) / 2 = 75. Balance: a 1 - |0.5 - 0.25| / 2 = 87, b 100.
    #expect(verdict.totals.map(\.node) == ["a", "b"])
    #expect(verdict.totals.map(\.total) == [62 + 87, 75 + 100])
    #expect(verdict.node == "b")
    #expect(verdict.parts.first { $0.plugin == .nodeResourcesFit }?.score == 75)
  }

  @Test func theShapeOfARatioIsFollowed() {
    let shape = [Profile.ShapePoint(utilization: 0, score: 0), Profile.ShapePoint(utilization: 50, score: 100)]
    #expect(ResourceScores.value(of: shape, at: 0) == 0)
    #expect(ResourceScores.value(of: shape, at: 25) == 50)
    #expect(ResourceScores.value(of: shape, at: 90) == 100)
  }

  @Test func anImageThatIsThereHelps() {
    let image: JSON = ["names": ["big:latest"], "sizeBytes": 900_000_000]
    let nodes = [makeNode("a"), makeNode("b", images: [image])]
    let spec: JSON = ["containers": [["name": "c", "image": "big"]]]
    #expect(decide(makePod("p", spec: spec), nodes).node == "b")
  }

  @Test func preferredNodesAndUnwelcomeTaints() {
    let taint: JSON = ["key": "old", "value": "", "effect": "PreferNoSchedule"]
    let nodes = [makeNode("a", taints: [taint]), makeNode("b"), makeNode("c", labels: ["fast": "yes"])]
    #expect(decide(makePod("p"), [nodes[0], nodes[1]]).node == "b")
    let wish: JSON = [
      "weight": 10, "preference": ["matchExpressions": [["key": "fast", "operator": "Exists"]]],
    ]
    let spec: JSON = ["affinity": ["nodeAffinity": ["preferredDuringSchedulingIgnoredDuringExecution": [wish]]]]
    #expect(decide(makePod("p", spec: spec), nodes).node == "c")
  }
}
