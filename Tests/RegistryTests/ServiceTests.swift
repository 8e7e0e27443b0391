import JSONCore
import Objects
import Testing

@testable import Registry

@Suite struct ServiceTests {
  private static func service(_ name: String, _ spec: JSON = [:]) -> JSON {
    var spec = spec
    spec["ports"] = [["port": 80]]
    return ["metadata": ["name": .string(name)], "spec": spec]
  }

  @Test func addressesAreHeldByObjects() async throws {
    let test = try await TestCluster()
    let made = try await test.create("services", "default", Self.service("svc"))
    let address = try #require(made.at("spec", "clusterIP")?.string)
    #expect(test.cluster.snapshot[Key(.addresses, name: address)] != nil)
    let error = await #expect(throws: Status.self) {
      try await test.create("services", "default", Self.service("other", ["clusterIP": .string(address)]))
    }
    #expect(error?.code == 422)
    try await test.delete("services", "default", "svc")
    #expect(test.cluster.snapshot[Key(.addresses, name: address)] == nil)
  }

  @Test func theLastFinalizerGivesTheAddressBack() async throws {
    let test = try await TestCluster()
    var service = Self.service("svc")
    service["metadata"]?["finalizers"] = ["example.com/wait"]
    let made = try await test.create("services", "default", service)
    let address = try #require(made.at("spec", "clusterIP")?.string)
    try await test.delete("services", "default", "svc")
    #expect(test.cluster.snapshot[Key(.addresses, name: address)] != nil)
    try await test.patch("services", "default", "svc", ["metadata": ["finalizers": .null]])
    #expect(test.cluster.snapshot[Key(.services, namespace: "default", name: "svc")] == nil)
    #expect(test.cluster.snapshot[Key(.addresses, name: address)] == nil)
  }

  @Test func concurrentServicesGetDifferentAddressesAndPorts() async throws {
    let test = try await TestCluster()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<40 {
        group.addTask {
          try await test.create("services", "default", Self.service("svc-\(number)", ["type": "NodePort"]))
        }
      }
      try await group.waitForAll()
    }
    let services = test.cluster.snapshot.objects(.services).map(\.json)
    #expect(Set(services.compactMap { $0.at("spec", "clusterIP")?.string }).count == 40)
    #expect(Set(services.compactMap { $0.at("spec", "ports")?[0]?["nodePort"]?.int }).count == 40)
    #expect(test.cluster.snapshot.count(.addresses) == 40)
  }

  @Test func anUpdateKeepsWhatWasGivenOut() async throws {
    let test = try await TestCluster()
    let made = try await test.create("services", "default", Self.service("svc", ["type": "NodePort"]))
    let updated = try await test.update("services", "default", "svc", Self.service("svc", ["type": "NodePort"]))
    #expect(updated.at("spec", "clusterIP") == made.at("spec", "clusterIP"))
    #expect(updated.at("spec", "ports") == made.at("spec", "ports"))
    let plain = try await test.update("services", "default", "svc", Self.service("svc"))
    #expect(plain.at("spec", "ports")?[0]?["nodePort"] == nil)
  }

  @Test func aChangeOfTypeGivesBackWhatTheOldOneHad() async throws {
    let test = try await TestCluster()
    try await test.create("services", "default", Self.service("svc", ["type": "NodePort"]))
    let plain = try await test.patch("services", "default", "svc", ["spec": ["type": "ClusterIP"]])
    #expect(plain.at("spec", "externalTrafficPolicy") == nil)
    let external = try await test.patch(
      "services", "default", "svc", ["spec": ["type": "ExternalName", "externalName": "x.org"]])
    #expect(external.at("spec", "clusterIP") == nil)
    #expect(test.cluster.snapshot.count(.addresses) == 0)
  }
}
