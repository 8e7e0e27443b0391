import JSONCore
import Objects
import Reconciling
import Testing
import Values

@testable import Scheduling

/// Pods with volumes and devices on small random clusters, against the plain rules.
@Suite struct ClaimProperties {
  private let zones = ["x", "y", "z"]

  private func node(_ index: Int, _ zone: String) -> Object {
    makeNode("n\(index)", pods: "100", labels: ["topology.kubernetes.io/zone": .string(zone)])
  }

  private let storageClass = makeObject(
    .storageClasses, "local",
    ["provisioner": "kubernetes.io/no-provisioner", "volumeBindingMode": "WaitForFirstConsumer"])

  private func volume(_ index: Int, _ zone: String, _ size: Int) -> Object {
    let expression: JSON = ["key": "topology.kubernetes.io/zone", "operator": "In", "values": [.string(zone)]]
    return makeObject(
      .persistentVolumes, "v\(index)",
      [
        "spec": [
          "storageClassName": "local", "accessModes": ["ReadWriteOnce"], "capacity": ["storage": .string("\(size)Gi")],
          "nodeAffinity": ["required": ["nodeSelectorTerms": [["matchExpressions": [expression]]]]],
        ]
      ])
  }

  private func claim(_ name: String, _ size: Int) -> Object {
    makeObject(
      .persistentVolumeClaims, name, namespace: "default",
      [
        "spec": [
          "storageClassName": "local", "accessModes": ["ReadWriteOnce"],
          "resources": ["requests": ["storage": .string("\(size)Gi")]],
        ]
      ])
  }

  /// Volumes that wait for their pod: the smallest that fit and can be reached, the smallest claims first, none twice.
  @Test(arguments: 0..<60) func volumesGoToThoseWhoCanReachThem(_ seed: Int) {
    var random = SplitMix(state: UInt64(seed) &+ 7)
    let places = (0..<4).map { _ in random.pick(zones) }
    var free = (0..<8).map { (name: "v\($0)", zone: random.pick(zones), size: 1 + random.below(9)) }
    let wishes = (0..<6).map { _ in (0..<(1 + random.below(2))).map { _ in 1 + random.below(9) } }
    var objects = places.enumerated().map { node($0.offset, $0.element) } + [storageClass]
    objects += free.enumerated().map { volume($0.offset, $0.element.zone, $0.element.size) }
    for (pod, sizes) in wishes.enumerated() {
      objects += sizes.enumerated().map { claim("c\(pod)-\($0.offset)", $0.element) }
    }
    var bench = Bench(objects)
    for (index, sizes) in wishes.enumerated() {
      let volumes = sizes.indices.map { number -> JSON in
        ["name": .string("d\(number)"), "persistentVolumeClaim": ["claimName": .string("c\(index)-\(number)")]]
      }
      let pod = makePod("p\(index)", spec: ["volumes": .array(volumes)])
      func match(_ zone: String) -> [String]? {
        var left = free.filter { $0.zone == zone }.sorted { ($0.size, $0.name) < ($1.size, $1.name) }
        var taken: [String] = []
        for size in sizes.sorted() {
          guard let found = left.firstIndex(where: { $0.size >= size }) else { return nil }
          taken.append(left.remove(at: found).name)
        }
        return taken
      }
      let fitting = Set(places.indices.filter { match(places[$0]) != nil }.map { "n\($0)" })
      let verdict = bench.decide(pod)
      guard let name = verdict.node, let slot = bench.view.nodes.slot(of: name),
        let place = places.indices.first(where: { "n\($0)" == name })
      else {
        #expect(fitting.isEmpty, "seed \(seed): p\(index) could go to \(fitting)")
        continue
      }
      #expect(fitting.contains(name), "seed \(seed): p\(index)")
      let request = Request(PodNeeds(pod), .stock, bench.view, bench.snapshot, bench.held)
      let bindings = VolumeBindings(request.volumes, bench.view.nodes.labels[slot], node: name)
      #expect(Set(bindings.volumes.keys) == Set(match(places[place]) ?? []), "seed \(seed): p\(index)")
      for (volume, claim) in bindings.volumes { bench.held.volumes[volume] = claim }
      free.removeAll { bindings.volumes[$0.name] != nil }
      bench.view.place(PodNeeds(pod), on: name)
    }
  }

  /// Devices are given out once each, and to all who can have some.
  @Test(arguments: 0..<60) func devicesAreGivenOutOnce(_ seed: Int) {
    var random = SplitMix(state: UInt64(seed) &+ 99)
    let counts = (0..<3).map { _ in random.below(4) }
    let deviceClass = makeObject(.deviceClasses, "gpu", ["spec": [:]])
    let slices = counts.enumerated().map { index, count in
      makeObject(
        .resourceSlices, "s\(index)",
        [
          "spec": [
            "driver": "d", "nodeName": .string("n\(index)"), "pool": ["name": .string("n\(index)")],
            "devices": .array((0..<count).map { ["name": .string("d\($0)")] }),
          ]
        ])
    }
    let wishes = (0..<6).map { _ in 1 + random.below(3) }
    let claims = wishes.enumerated().map { index, count in
      makeObject(
        .resourceClaims, "c\(index)", namespace: "default",
        [
          "spec": [
            "devices": ["requests": [["name": "r", "exactly": ["deviceClassName": "gpu", "count": JSON(count)]]]]
          ]
        ])
    }
    var bench = Bench(counts.indices.map { makeNode("n\($0)") } + [deviceClass] + slices + claims)
    var free = counts
    var given: Set<Device.Identity> = []
    for (index, count) in wishes.enumerated() {
      let pod = makePod(
        "p\(index)", spec: ["resourceClaims": [["name": "c", "resourceClaimName": .string("c\(index)")]]])
      guard let name = bench.decide(pod).node, let number = Int(name.dropFirst()),
        let slot = bench.view.nodes.slot(of: name)
      else {
        #expect(!free.contains { $0 >= count }, "seed \(seed): p\(index) wants \(count) of \(free)")
        continue
      }
      let request = Request(PodNeeds(pod), .stock, bench.view, bench.snapshot, bench.held)
      let found = request.devices?.allocate(slot, bench.view.nodes) ?? [:]
      for (claim, allocation) in found {
        #expect(allocation.taken.count == count)
        #expect(given.isDisjoint(with: allocation.taken))
        given.formUnion(allocation.taken)
        bench.held.devices[claim] = allocation
      }
      free[number] -= count
      #expect(free[number] >= 0)
      bench.view.place(PodNeeds(pod), on: name)
    }
  }
}
