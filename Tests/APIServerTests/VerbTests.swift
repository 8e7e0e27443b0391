import JSONCore
import Testing

@Suite struct VerbTests {
  @Test func objectLivesThroughAllVerbs() async throws {
    try await withServer { server in
      let created = try await server.makeConfigMap("a")
      #expect(created.status == 201)
      #expect(created.header("content-type") == "application/json")
      #expect(created.header("audit-id")?.utf8.count == 36)
      let path = "/api/v1/namespaces/default/configmaps/a"
      let read = try await server.get(path)
      #expect(read.body == created.body)
      let patched = try await server.send(
        "PATCH", path, ["data": ["x": "y"]], headers: ["Content-Type": "application/merge-patch+json"])
      #expect(try patched.json["data"] == ["k": "v", "x": "y"])
      var object = try patched.json
      object["data"] = ["z": "1"]
      let replaced = try await server.send("PUT", path, object)
      #expect(replaced.status == 200)
      #expect(try await server.send("PUT", path, try patched.json).status == 409)
      let deleted = try await server.send("DELETE", path)
      #expect(try deleted.json["status"] == "Success")
      #expect(try await server.get(path).status == 404)
    }
  }

  @Test func listIsStoredBytesWithoutTheirKind() async throws {
    try await withServer { server in
      for name in ["b", "a"] { try await server.makeConfigMap(name) }
      let list = try await server.get("/api/v1/namespaces/default/configmaps").json
      #expect(list["kind"] == "ConfigMapList")
      #expect(list["apiVersion"] == "v1")
      #expect(list.list("items").map { $0["metadata"]?.text("name") } == ["a", "b"])
      #expect(list.list("items").allSatisfy { $0["kind"] == nil && $0["apiVersion"] == nil })
      let roles = try await server.get("/apis/rbac.authorization.k8s.io/v1/clusterroles").json
      #expect(roles.list("items").count > 20)
      #expect(roles.list("items").allSatisfy { $0["kind"] == nil && $0["rules"] != nil })
      let empty = try await server.get("/api/v1/pods").json
      #expect(empty["items"] == [])
    }
  }

  @Test func pagesGoOn() async throws {
    try await withServer { server in
      for index in 0..<5 { try await server.makeConfigMap("c\(index)") }
      let first = try await server.get("/api/v1/namespaces/default/configmaps?limit=2").json
      #expect(first["metadata"]?["remainingItemCount"] == 3)
      let token = try #require(first["metadata"]?["continue"]?.string)
      let second = try await server.get("/api/v1/namespaces/default/configmaps?limit=9&continue=\(token)").json
      #expect(second.list("items").count == 3)
      #expect(second["metadata"]?["continue"] == nil)
    }
  }

  @Test func mistakesAreTold() async throws {
    try await withServer { server in
      let configMaps = "/api/v1/namespaces/default/configmaps"
      #expect(try await server.get("/api/v1/nope").status == 404)
      #expect(try await server.get("/nope").text == "404 page not found\n")
      #expect(try await server.send("PUT", configMaps, [:]).status == 405)
      #expect(try await server.send("POST", "\(configMaps)?dryRun=Some", ["metadata": ["name": "x"]]).status == 422)
      #expect(try await server.get("\(configMaps)?limit=x").status == 400)
      #expect(try await server.get("\(configMaps)?labelSelector=a%3D%3D%3D").status == 400)
      let xml = try await server.get(configMaps, headers: ["Accept": "application/xml"])
      #expect(xml.status == 406)
      #expect(try xml.json["reason"] == "NotAcceptable")
      let text = try await server.send(
        "POST", configMaps, raw: Array("x".utf8), headers: ["Content-Type": "text/plain"])
      #expect(text.status == 415)
      let broken = try await server.send("POST", configMaps, raw: Array("{".utf8))
      #expect(broken.status == 400)
      #expect(try broken.json["kind"] == "Status")
    }
  }

  @Test func unknownFieldsWarn() async throws {
    try await withServer { server in
      let body = Array(#"{"metadata":{"name":"w"},"data":{"a":"1","a":"2"},"bogus":1}"#.utf8)
      let path = "/api/v1/namespaces/default/configmaps"
      let reply = try await server.send("POST", path, raw: body)
      #expect(reply.status == 201)
      #expect(
        Set(reply.all("warning")) == [
          #"299 - "unknown field \"bogus\"""#, #"299 - "duplicate field \"data.a\"""#,
        ])
      #expect(try await server.send("POST", "\(path)?fieldValidation=Strict", raw: body).status == 400)
    }
  }

  @Test func yamlAndProtobufBodiesAreRead() async throws {
    try await withServer { server in
      let path = "/api/v1/namespaces/default/configmaps"
      let yaml = "metadata:\n  name: fromyaml\n  labels: &l {a: b}\n  annotations: *l\ndata:\n  t: |\n    x\n    y\n"
      let made = try await server.send(
        "POST", path, raw: Array(yaml.utf8), headers: ["Content-Type": "application/yaml"])
      #expect(made.status == 201)
      #expect(try made.json.at("data", "t") == "x\ny\n")
      let protobuf = try await server.get(
        "\(path)/fromyaml", headers: ["Accept": "application/vnd.kubernetes.protobuf"])
      #expect(protobuf.header("content-type") == "application/vnd.kubernetes.protobuf")
      #expect(protobuf.body.starts(with: [0x6b, 0x38, 0x73, 0]))
      _ = try await server.send("DELETE", "\(path)/fromyaml")
      let back = try await server.send(
        "PUT", "\(path)/fromyaml", raw: protobuf.body, headers: ["Content-Type": "application/vnd.kubernetes.protobuf"])
      // The body names the uid of the one that is gone, so no other will do.
      #expect(back.status == 409)
      #expect(try back.json.text("message").hasSuffix("UID in object meta: "))
      let asYAML = try await server.send("POST", path, ["metadata": ["name": "y"], "data": ["key": "1"]])
      #expect(asYAML.status == 201)
      let text = try await server.get("\(path)/y", headers: ["Accept": "application/yaml"]).text
      #expect(text.contains("data:\n  key: \"1\"\n"))
    }
  }

  @Test func aBodySaysAllAboutADeletion() async throws {
    try await withServer { server in
      try await server.makeConfigMap("a")
      let path = "/api/v1/namespaces/default/configmaps/a"
      #expect(try await server.send("DELETE", path, ["kind": "Pod", "apiVersion": "v1"]).status == 400)
      #expect(try await server.send("DELETE", path, ["gracePeriodSeconds": "x"]).status == 400)
      let both: JSON = ["propagationPolicy": "x", "orphanDependents": true]
      let refused = try await server.send("DELETE", path, both)
      #expect(refused.status == 422)
      #expect(try refused.json["details"]?.list("causes").count == 2)
      // The query counts where there is no body.
      #expect(try await server.send("DELETE", "\(path)?dryRun=All").status == 200)
      #expect(try await server.send("DELETE", "\(path)?dryRun=All", [:]).status == 200)
      #expect(try await server.get(path).status == 404)
    }
  }
}
