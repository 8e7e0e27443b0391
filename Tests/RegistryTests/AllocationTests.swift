import JSONCore
import Objects
import Testing

@testable import Registry

/// Where services get their addresses and ports from.
@Suite struct AllocationTests {
  private func service(_ name: String, _ spec: JSON = [:]) -> JSON {
    var spec = spec
    spec["ports"] = [["port": 80]]
    return ["metadata": ["name": .string(name)], "spec": spec]
  }

  @Test func theLowestAddressesAndPortsAreLeftToThoseWhoChoose() async throws {
    let test = try await TestCluster(bootstraps: true)
    for number in 0..<50 {
      let made = try await test.create("services", "default", service("s\(number)", ["type": "NodePort"]))
      let address = try #require(AddressRange.address(made.at("spec", "clusterIP")?.string ?? ""))
      #expect(address - 0x0A60_0000 > 256)
      #expect((made.at("spec", "ports")?[0]?["nodePort"]?.int ?? 0) >= 30086)
    }
    let chosen = try await test.create(
      "services", "default",
      [
        "metadata": ["name": "c"],
        "spec": ["type": "NodePort", "clusterIP": "10.96.0.10", "ports": [["port": 80, "nodePort": 30001]]],
      ])
    #expect(chosen.at("spec", "ports")?[0]?["nodePort"] == 30001)
  }

  @Test func furtherRangesServeUntilTheyAreToGo() async throws {
    let test = try await TestCluster(bootstraps: true)
    try await test.create(
      "servicecidrs.networking.k8s.io", "",
      ["metadata": ["name": "extra", "finalizers": ["x.example.com/y"]], "spec": ["cidrs": ["10.200.0.0/28"]]])
    let made = try await test.create("services", "default", service("a", ["clusterIP": "10.200.0.3"]))
    #expect(made.at("spec", "clusterIPs") == ["10.200.0.3"])
    try await test.delete("servicecidrs.networking.k8s.io", "", "extra")
    let error = await #expect(throws: Status.self) {
      try await test.create("services", "default", service("b", ["clusterIP": "10.200.0.4"]))
    }
    #expect(error?.message.contains("the provided network does not match the current range") == true)
  }

  @Test func metricsOfAutoscalersSurviveTheOlderVersion() {
    let metrics: [JSON] = [
      [
        "type": "Resource", "resource": ["name": "memory", "target": ["type": "AverageValue", "averageValue": "1Gi"]],
      ],
      [
        "type": "External",
        "external": [
          "metric": ["name": "q", "selector": ["matchLabels": ["a": "b"]]], "target": ["type": "Value", "value": "30"],
        ],
      ],
      [
        "type": "ContainerResource",
        "containerResource": [
          "name": "cpu", "container": "c", "target": ["type": "Utilization", "averageUtilization": 60],
        ],
      ],
    ]
    let new: JSON = [
      "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": ["name": "a"],
      "spec": ["maxReplicas": 3, "metrics": .array(metrics)],
      "status": ["currentReplicas": 1, "desiredReplicas": 1],
    ]
    let old = Conversion.autoscalerV1(new)
    let text = old.at("metadata", "annotations", "autoscaling.alpha.kubernetes.io/metrics")?.string ?? ""
    #expect(text.contains("\"targetAverageValue\":\"1Gi\"") && text.contains("\"metricName\":\"q\""))
    #expect(Conversion.autoscalerV2(old)["spec"] == new["spec"])
  }
}
