import JSONCore
import Objects
import Reconciling
import Testing
import Values

@testable import Scheduling

/// Devices that are cut out of others, shared, or made ready late.
@Suite struct SharedDeviceTests {
  private let deviceClass = makeObject(.deviceClasses, "gpu", ["spec": [:]])

  private func slice(_ name: String, counters: JSON? = nil, devices: JSON...) -> Object {
    var spec: JSON = [
      "driver": "gpu.example.com", "nodeName": "a",
      "pool": ["name": "a", "generation": 1, "resourceSliceCount": 1], "devices": .array(devices),
    ]
    spec["sharedCounters"] = counters
    return makeObject(.resourceSlices, name, ["spec": spec])
  }

  private func claim(_ name: String, _ request: JSON = [:]) -> Object {
    var request = request
    request["deviceClassName"] = "gpu"
    return makeObject(
      .resourceClaims, name, namespace: "default",
      ["spec": ["devices": ["requests": [["name": "r", "exactly": request]]]]])
  }

  private func pod(_ claims: String...) -> Object {
    makePod(
      "p",
      spec: [
        "resourceClaims": .array(claims.map { ["name": .string($0), "resourceClaimName": .string($0)] })
      ])
  }

  private func allocate(_ pod: Object, _ objects: [Object]) -> [Key: DeviceAllocation]? {
    let bench = Bench(objects + [makeNode("a"), deviceClass])
    let request = Request(PodNeeds(pod), .stock, bench.view, bench.snapshot, bench.held)
    return request.devices?.allocate(0, bench.view.nodes)
  }

  private func partition(_ name: String, memory: String) -> JSON {
    [
      "name": .string(name),
      "consumesCounters": [["counterSet": "card", "counters": ["memory": ["value": .string(memory)]]]],
    ]
  }

  @Test func partitionsDrawFromTheCountersOfTheirCard() {
    let counters = slice(
      "counters", counters: [["name": "card", "counters": ["memory": ["value": "40Gi"]]]])
    let parts = slice(
      "parts", devices: partition("whole", memory: "40Gi"), partition("half-0", memory: "20Gi"),
      partition("half-1", memory: "20Gi"))
    func names(_ count: Int, _ taken: Object? = nil) -> [String]? {
      let objects = [counters, parts, claim("c", ["count": JSON(count)])] + (taken.map { [$0] } ?? [])
      return allocate(pod("c"), objects)?.values.first?.taken.map(\.name)
    }
    #expect(names(1) == ["whole"])
    #expect(names(2) == ["half-0", "half-1"])
    #expect(names(3) == nil)
    var used = claim("used").json
    used["status"] = [
      "allocation": [
        "devices": ["results": [["driver": "gpu.example.com", "pool": "a", "device": "half-1"]]]
      ]
    ]
    let taken = makeObject(.resourceClaims, "used", namespace: "default", used)
    #expect(names(1, taken) == ["half-0"])
    #expect(names(2, taken) == nil)
  }

  @Test func sharesAddUpToTheWhole() {
    let policy: JSON = ["default": "1Gi", "validRange": ["min": "1Gi", "step": "2Gi", "max": "9Gi"]]
    let nic: JSON = [
      "name": "nic", "allowMultipleAllocations": true,
      "capacity": ["bandwidth": ["value": "10Gi", "requestPolicy": policy]],
    ]
    func consumed(_ wishes: String?...) -> [String]? {
      let names = wishes.indices.map { "c\($0)" }
      let claims = zip(names, wishes).map { name, wish in
        claim(name, wish.map { ["capacity": ["requests": ["bandwidth": .string($0)]]] } ?? [:])
      }
      let pod = makePod(
        "p",
        spec: ["resourceClaims": .array(names.map { ["name": .string($0), "resourceClaimName": .string($0)] })])
      let found = allocate(pod, [slice("s", devices: nic)] + claims)
      return found.map { found in
        claims.compactMap { found[$0.key]?.results.first?.consumed["gpu.example.com/bandwidth"]?.description }
      }
    }
    #expect(consumed(nil) == ["1Gi"])
    #expect(consumed("2Gi", "4Gi") == ["3Gi", "5Gi"])
    #expect(consumed("4Gi", "4Gi") == ["5Gi", "5Gi"])
    #expect(consumed("4Gi", "6Gi") == nil)
    #expect(consumed("9500Mi") == nil)
    let json = allocate(pod("c"), [slice("s", devices: nic), claim("c")])?.values.first?.json(at: .epoch)
    let result = json?.at("devices", "results")?[0]
    #expect(result?.text("shareID").count == 36)
    #expect(result?["consumedCapacity"] == ["gpu.example.com/bandwidth": "1Gi"])
  }

  @Test func whatADeviceHasToReportIsWrittenDown() throws {
    let device: JSON = [
      "name": "d", "bindsToNode": true, "bindingConditions": ["attached"], "bindingFailureConditions": ["broken"],
    ]
    let found = try #require(allocate(pod("c"), [slice("s", devices: device), claim("c")])?.values.first)
    let json = found.json(at: .epoch)
    #expect(json.at("devices", "results")?[0]?["bindingConditions"] == ["attached"])
    #expect(json["allocationTimestamp"] != nil)
    #expect(json.at("nodeSelector", "nodeSelectorTerms")?[0]?.list("matchFields").first?["values"] == ["a"])
    func state(_ conditions: JSON) -> Readiness {
      var claim = claim("c").json
      claim["status"] = [
        "allocation": json,
        "devices": [["driver": "gpu.example.com", "pool": "a", "device": "d", "conditions": conditions]],
      ]
      let object = makeObject(.resourceClaims, "c", namespace: "default", claim)
      return DeviceReadiness.state(of: object.key, Snapshot(revision: 1, objects: [object]))
    }
    #expect(state([]) == .waiting)
    #expect(state([["type": "attached", "status": "True"]]) == .ready)
    #expect(state([["type": "broken", "status": "True"]]) == .failed("claim c: device d reports broken"))
  }
}

/// Pods that wait for their claims with a node.
@Suite struct AwaitingBindingsTests {
  private func binding(_ pod: String, _ claim: String, _ seconds: Int) -> Scheduler.Binding {
    var volumes = VolumeBindings(nil, Labels(JSON.emptyObject), node: "a")
    volumes.provisioned = [Key(.persistentVolumeClaims, namespace: "default", name: claim)]
    return Scheduler.Binding(
      pod: PodNeeds(makePod(pod)), node: "a", volumes: volumes, devices: [:], failures: 0,
      deadline: .epoch + .seconds(seconds))
  }

  @Test func onlyThoseWhoseClaimChangedAreLookedAt() {
    var awaiting = AwaitingBindings()
    for number in 0..<100 { awaiting.insert(binding("p\(number)", "c\(number % 10)", number)) }
    awaiting.touch(Key(.persistentVolumeClaims, namespace: "default", name: "c3"))
    awaiting.touch(Key(.persistentVolumeClaims, namespace: "default", name: "other"))
    #expect(awaiting.takeTouched().map(\.pod.key.name) == (0..<10).map { "p\($0 * 10 + 3)" }.sorted())
    #expect(awaiting.takeTouched().isEmpty)
    #expect(awaiting.nextDeadline() == .epoch)
    #expect(awaiting.takeExpired(at: .epoch + .seconds(4)).map(\.pod.key.name) == (0...4).map { "p\($0)" })
    #expect(awaiting.nextDeadline() == .epoch + .seconds(5))
    for number in 5..<99 { awaiting.remove("pod-default-p\(number)") }
    #expect(awaiting.count == 1)
    #expect(awaiting.nextDeadline() == .epoch + .seconds(99))
  }
}
