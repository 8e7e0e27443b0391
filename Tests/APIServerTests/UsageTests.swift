import JSONCore
import Objects
import Testing
import Values

/// `metrics.k8s.io`: what is measured, as a metrics server would answer.
@Suite struct UsageTests {
  /// Each pod uses 250m and 64Mi in one container, each node 1 and 1Gi.
  struct Source: UsageSource {
    func usage(of pods: [Object], in snapshot: Snapshot, at now: Instant) -> [PodUsage] {
      pods.filter { $0.name != "new" }.map { pod in
        let usage = Usage(cpu: Quantity(milli: 250), memory: Quantity(64 << 20, format: .binarySI))
        return PodUsage(
          pod: pod.key, time: now, window: .seconds(15),
          containers: [PodUsage.Container(name: "c", usage: usage)])
      }
    }

    func usage(ofNodes nodes: [Object], in snapshot: Snapshot, at now: Instant) -> [NodeUsage] {
      nodes.map { node in
        NodeUsage(
          node: node.name, time: now, window: .seconds(15),
          usage: Usage(cpu: Quantity(1), memory: Quantity(1 << 30, format: .binarySI)))
      }
    }
  }

  private static let path = "/apis/metrics.k8s.io/v1beta1"

  private static func makePods(_ server: TestServer) async throws {
    for (name, app) in [("a", "web"), ("b", "other"), ("new", "web")] {
      let pod: JSON = [
        "apiVersion": "v1", "kind": "Pod",
        "metadata": ["name": .string(name), "labels": ["app": .string(app)]],
        "spec": ["containers": [["name": "c", "image": "i"]]],
      ]
      let created = try await server.send("POST", "/api/v1/namespaces/default/pods", pod)
      #expect(created.status == 201)
    }
    let node: JSON = ["apiVersion": "v1", "kind": "Node", "metadata": ["name": "n"]]
    #expect(try await server.send("POST", "/api/v1/nodes", node).status == 201)
  }

  @Test func whatIsUsedCanBeReadAndListed() async throws {
    let server = try await TestServer(usage: Source())
    try await Self.makePods(server)
    let groups = try await server.get("/apis").json.list("groups").map { $0.text("name") }
    #expect(groups.last == "metrics.k8s.io")
    let pod = try await server.get("\(Self.path)/namespaces/default/pods/a").json
    #expect(pod.text("kind") == "PodMetrics")
    #expect(pod.text("window") == "15s")
    #expect(pod.list("containers") == [["name": "c", "usage": ["cpu": "250m", "memory": "65536Ki"]]])
    #expect(try await server.get("\(Self.path)/namespaces/default/pods/new").status == 404)
    let list = try await server.get("\(Self.path)/pods?labelSelector=app%3Dweb").json
    #expect(list.text("kind") == "PodMetricsList")
    #expect(list.list("items").map { $0["metadata"]?.text("name") } == ["a"])
    let named = try await server.get("\(Self.path)/namespaces/default/pods?fieldSelector=metadata.name%3Db").json
    #expect(named.list("items").count == 1)
    let node = try await server.get("\(Self.path)/nodes/n").json
    #expect(node["usage"] == ["cpu": "1", "memory": "1048576Ki"])
    let accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
    let table = try await server.get("\(Self.path)/nodes", headers: ["Accept": accept]).json
    #expect(table.list("rows").first?["cells"] == ["n", "1", "1Gi", "15s"])
    #expect(try await server.send("DELETE", "\(Self.path)/nodes/n").status == 405)
    #expect(try await server.get("\(Self.path)/pods?watch=1").status == 405)
    await server.stop()
  }

  @Test func whereNobodyMeasuresThereIsNoSuchGroup() async throws {
    let server = try await TestServer()
    let groups = try await server.get("/apis").json.list("groups").map { $0.text("name") }
    #expect(!groups.contains("metrics.k8s.io"))
    #expect(try await server.get("\(Self.path)/nodes").status == 404)
    await server.stop()
  }
}
