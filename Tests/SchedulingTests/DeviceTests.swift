import JSONCore
import Objects
import Reconciling
import Testing

@testable import Scheduling

@Suite struct DeviceTests {
  func slice(_ name: String, node: String, devices: JSON...) -> Object {
    makeObject(
      .resourceSlices, name,
      [
        "spec": [
          "driver": "gpu.example.com", "nodeName": .string(node),
          "pool": ["name": .string(node), "generation": 1, "resourceSliceCount": 1], "devices": .array(devices),
        ]
      ])
  }

  func device(_ name: String, model: String = "a100", memory: String = "40Gi") -> JSON {
    [
      "name": .string(name),
      "attributes": ["model": ["string": .string(model)], "version": ["version": "1.2.3"], "index": ["int": 3]],
      "capacity": ["memory": ["value": .string(memory)]],
    ]
  }

  let deviceClass = makeObject(
    .deviceClasses, "gpu", ["spec": ["selectors": [["cel": ["expression": "device.driver == 'gpu.example.com'"]]]]])

  func claim(_ name: String, _ request: JSON, constraints: [JSON] = []) -> Object {
    var request = request
    request["deviceClassName"] = "gpu"
    return makeObject(
      .resourceClaims, name, namespace: "default",
      [
        "spec": [
          "devices": ["requests": [["name": "r", "exactly": request]], "constraints": .array(constraints)]
        ]
      ])
  }

  func pod(_ claim: String) -> Object {
    makePod("p", spec: ["resourceClaims": [["name": "c", "resourceClaimName": .string(claim)]]])
  }

  func selecting(_ expression: String) -> JSON { ["selectors": [["cel": ["expression": .string(expression)]]]] }

  @Test func findsTheNodeWithTheDevice() {
    let objects = [
      makeNode("a"), makeNode("b"), deviceClass, slice("s", node: "b", devices: device("d0")), claim("c", [:]),
    ]
    var bench = Bench(objects)
    let verdict = bench.decide(pod("c"))
    #expect(verdict.node == "b")
    #expect(verdict.refusals.first?.reasons.first?.reason == "cannot allocate all claims")
    let request = Request(PodNeeds(pod("c")), .stock, bench.view, bench.snapshot, bench.held)
    let found = request.devices?.allocate(bench.view.nodes.slot(of: "b")!, bench.view.nodes)
    let allocation = found?[claim("c", [:]).key]
    #expect(allocation?.taken.map(\.name) == ["d0"])
    #expect(allocation?.json(at: .epoch).at("devices", "results")?[0]?.text("pool") == "b")
    // What is promised to one claim is not there for another.
    bench.held.devices[Key(.resourceClaims, namespace: "default", name: "other")] = allocation
    #expect(bench.decide(pod("c")).node == nil)
  }

  @Test func allocatedDevicesAreTakenAndStayWhereTheyAre() {
    var used = claim("used", [:]).json
    used["status"] = [
      "allocation": [
        "devices": ["results": [["request": "r", "driver": "gpu.example.com", "pool": "b", "device": "d0"]]],
        "nodeSelector": [
          "nodeSelectorTerms": [
            ["matchFields": [["key": "metadata.name", "operator": "In", "values": ["b"]]]]
          ]
        ],
      ]
    ]
    let objects = [
      makeNode("a"), makeNode("b"), deviceClass, slice("s", node: "b", devices: device("d0")), claim("c", [:]),
      makeObject(.resourceClaims, "used", namespace: "default", used),
    ]
    #expect(decide(pod("c"), objects).node == nil)
    let verdict = decide(pod("used"), objects)
    #expect(verdict.node == "b")
    #expect(verdict.refusals.first?.reasons.first?.reason == "resourceclaim not available on the node")
  }

  @Test(
    arguments: [
      ("device.attributes['gpu.example.com'].model == 'a100'", true),
      ("device.attributes[\"gpu.example.com\"].model in ['h100', 'b200']", false),
      ("device.capacity['gpu.example.com'].memory.compareTo(quantity('20Gi')) >= 0", true),
      ("device.capacity['gpu.example.com'].memory.isGreaterThan(quantity('40Gi'))", false),
      ("device.attributes['gpu.example.com'].version.isGreaterThan(semver('1.2.0'))", true),
      ("device.attributes['gpu.example.com'].index + 1 == 4 && !(device.driver == 'x')", true),
      ("'model' in device.attributes['gpu.example.com'] && !('model' in device.attributes['other'])", true),
      ("'gpu.example.com' in device.attributes && !('other' in device.attributes)", true),
      ("device.attributes['gpu.example.com'].exists(name, name.startsWith('mod'))", true),
      ("device.attributes['gpu.example.com'].model.matches('^a[0-9]+$')", true),
      ("device.attributes['gpu.example.com'].?missing.orValue('x') == 'x'", true),
      ("device.attributes['gpu.example.com'].missing == 'x'", false),
      ("device.attributes['gpu.example.com'].missing == 'x' || true", true),
      ("has(device.attributes['gpu.example.com'].missing) ? false : device.driver.startsWith('gpu.')", true),
    ])
  func understandsCommonSelectors(_ expression: String, _ fits: Bool) {
    let objects = [
      makeNode("a"), deviceClass, slice("s", node: "a", devices: device("d0")), claim("c", selecting(expression)),
    ]
    #expect((decide(pod("c"), objects).node == "a") == fits)
  }

  @Test func saysPlainlyWhatItDoesNotUnderstand() {
    let objects = [makeNode("a"), deviceClass, claim("c", selecting("device.price < 3"))]
    #expect(decide(pod("c"), objects).message.contains("request r: selector: "))
    #expect(decide(pod("c"), objects).message.contains("undefined field 'price'"))
    let deep = String(repeating: "(", count: 500) + "true" + String(repeating: ")", count: 500)
    for text in [deep, "device.driver ==", "99999999999999999999 == 1", "1 + 1", "device.driver"] {
      #expect(throws: DeviceProblem.self) { try DeviceSelector(text) }
    }
  }

  @Test func classesAndClaimsMustExist() {
    let objects = [makeNode("a"), claim("c", [:])]
    #expect(
      decide(pod("c"), objects).message
        == "0/1 nodes are available: request r: device class gpu does not exist.")
    #expect(
      decide(pod("x"), objects).message == "0/1 nodes are available: resourceclaim \"x\" not found.")
  }

  @Test func severalDevicesWithTheSameAttribute() {
    let mixed = slice(
      "s", node: "a", devices: device("d0", model: "x"), device("d1", model: "y"), device("d2", model: "x"))
    let same: JSON = ["matchAttribute": "gpu.example.com/model"]
    func names(_ count: Int, _ constraints: [JSON]) -> [String]? {
      let asked = claim("c", ["count": JSON(count)], constraints: constraints)
      var bench = Bench([makeNode("a"), deviceClass, mixed, asked])
      guard bench.decide(pod("c")).node != nil else { return nil }
      let request = Request(PodNeeds(pod("c")), .stock, bench.view, bench.snapshot, bench.held)
      return request.devices?.allocate(0, bench.view.nodes)?[asked.key]?.taken.map(\.name)
    }
    #expect(names(2, []) == ["d0", "d1"])
    #expect(names(2, [same]) == ["d0", "d2"])
    #expect(names(3, [same]) == nil)
  }
}
