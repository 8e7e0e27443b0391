import JSONCore
import Testing

@Suite struct DocumentTests {
  @Test func discoveryComesInBothForms() async throws {
    try await withServer { server in
      #expect(try await server.get("/api").json["versions"] == ["v1"])
      let groups = try await server.get("/apis").json.list("groups").map { $0.text("name") }
      #expect(groups.contains("apps") && !groups.contains(""))
      #expect(try await server.get("/apis/autoscaling").json.at("preferredVersion", "version") == "v2")
      let accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
      let aggregated = try await server.get("/apis", headers: ["Accept": accept])
      #expect(
        aggregated.header("content-type") == "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
      #expect(try aggregated.json["kind"] == "APIGroupDiscoveryList")
      let tag = try #require(aggregated.header("etag"))
      let again = try await server.get("/apis", headers: ["Accept": accept, "If-None-Match": tag])
      #expect(again.status == 304)
      #expect(again.body.isEmpty)
    }
  }

  @Test func openAPIIsServedWithHashes() async throws {
    try await withServer { server in
      let index = try await server.get("/openapi/v3").json
      let path = try #require(index.at("paths", "apis/apps/v1", "serverRelativeURL")?.string)
      let document = try await server.get(path)
      #expect(document.all("cache-control").contains("public, immutable"))
      #expect(try document.json["openapi"] == "3.0.0")
      #expect(try await server.get("/openapi/v3/apis/apps/v1?hash=old").status == 301)
      let protobuf = try await server.get(
        "/openapi/v2", headers: ["Accept": "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"])
      #expect(protobuf.header("content-type") == "application/com.github.proto-openapi.spec.v2.v1.0+protobuf")
      #expect(protobuf.body.prefix(5) == [0x0a, 3, 0x32, 0x2e, 0x30])
    }
  }

  @Test func tablesShowWhatKubectlPrints() async throws {
    try await withServer { server in
      try await server.makeConfigMap("a")
      let accept = ["Accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"]
      let table = try await server.get("/api/v1/namespaces/default/configmaps", headers: accept).json
      #expect(table["kind"] == "Table")
      #expect(table.list("rows").first?.list("cells").prefix(2) == ["a", 1])
      #expect(table.list("rows").first?.at("object", "kind") == "PartialObjectMetadata")
      let none = try await server.get("/api/v1/namespaces/default/configmaps?includeObject=None", headers: accept).json
      #expect(none.list("rows").first?["object"] == .null)
    }
  }

  @Test func healthTellsItsParts() async throws {
    try await withServer { server in
      #expect(
        try await server.get("/readyz?verbose").text == "[+]ping ok\n[+]log ok\n[+]etcd ok\nreadyz check passed\n")
      #expect(try await server.get("/livez/ping").text == "ok")
      #expect(try await server.get("/livez/nope").status == 404)
      let metrics = try await server.get("/metrics").text
      #expect(metrics.contains("apiserver_request_total{"))
    }
  }
}
