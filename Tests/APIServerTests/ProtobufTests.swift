import JSONCore
import Objects
import Testing

@testable import Schemas

/// What client-go does unless it is told otherwise: bodies in protobuf, and protobuf asked for before JSON.
@Suite struct ProtobufTests {
  private static let type = "application/vnd.kubernetes.protobuf"
  private static let usual = ["Accept": "\(type),application/json", "Content-Type": type]
  private let maps = "/api/v1/namespaces/default/configmaps"

  @Test func everyVerbSpeaksIt() async throws {
    try await withServer { server in
      let made = try await send(server, "POST", maps, try configMap("a"), 201)
      #expect(made.at("metadata", "name") == "a" && made["kind"] == "ConfigMap")
      #expect(try await send(server, "GET", "\(maps)/a", nil, 200) == made)
      var changed = made
      changed["data"] = ["k": "changed"]
      #expect(try await send(server, "PUT", "\(maps)/a", changed, 200)["data"] == ["k": "changed"])
      let list = try await send(server, "GET", maps, nil, 200)
      #expect(list["kind"] == "ConfigMapList" && list.list("items").count == 1)
      #expect(list.at("metadata", "resourceVersion")?.string?.isEmpty == false)
      for (type, body) in [
        ("merge-patch+json", #"{"data":{"m":"1"}}"#), ("strategic-merge-patch+json", #"{"data":{"s":"1"}}"#),
        ("json-patch+json", #"[{"op":"add","path":"/data/j","value":"1"}]"#),
        ("apply-patch+yaml", #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"y":"1"}}"#),
      ] {
        let reply = try await server.send(
          "PATCH", "\(maps)/a?fieldManager=test", raw: Array(body.utf8),
          headers: ["Accept": Self.usual["Accept"]!, "Content-Type": "application/\(type)"])
        #expect(try decoded(reply, 200)["kind"] == "ConfigMap")
      }
      let options: JSON = ["apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"]
      let deleted = try await send(server, "DELETE", "\(maps)/a", options, 200)
      #expect(deleted["kind"] == "Status" && deleted["status"] == "Success")
      _ = try await send(server, "POST", maps, try configMap("b"), 201)
      let gone = try await send(server, "DELETE", maps, options, 200)
      #expect(gone["kind"] == "ConfigMapList" && gone.list("items").count == 1)
    }
  }

  @Test func errorsSpeakIt() async throws {
    try await withServer { server in
      func reason(_ method: String, _ path: String, _ body: JSON?, _ code: Int) async throws -> JSON? {
        let status = try await send(server, method, path, body, code)
        #expect(status["kind"] == "Status" && status["code"] == .int(Int64(code)))
        return status["reason"]
      }
      #expect(try await reason("GET", "\(maps)/none", nil, 404) == "NotFound")
      _ = try await send(server, "POST", maps, try configMap("a"), 201)
      #expect(try await reason("POST", maps, try configMap("a"), 409) == "AlreadyExists")
      #expect(try await reason("POST", maps, try configMap("Not A Name"), 422) == "Invalid")
      #expect(try await reason("GET", "\(maps)?limit=x", nil, 400) == "BadRequest")
      #expect(try await reason("POST", "\(maps)/a", try configMap("a"), 405) == "MethodNotAllowed")
      #expect(try await reason("GET", "/api/v1/nothings", nil, 404) == "NotFound")
      let stranger = try await server.send("GET", maps, headers: Self.usual, token: nil)
      #expect(try decoded(stranger, 403)["reason"] == "Forbidden")
      let wrong = try await server.send("GET", maps, headers: Self.usual, token: "wrong")
      #expect(try decoded(wrong, 401)["reason"] == "Unauthorized")
      let yaml = try await server.get("\(maps)/none", headers: ["Accept": "application/yaml"])
      #expect(yaml.header("content-type") == "application/yaml" && yaml.text.contains("reason: NotFound"))
    }
  }

  @Test func subresourcesAndReviewsSpeakIt() async throws {
    try await withServer { server in
      let deployments = "/apis/apps/v1/namespaces/default/deployments"
      let labels: JSON = ["app": "d"]
      let template: JSON = [
        "metadata": ["labels": labels], "spec": ["containers": [["name": "c", "image": "i"]]],
      ]
      _ = try await send(
        server, "POST", deployments,
        [
          "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "d"],
          "spec": ["replicas": 2, "selector": ["matchLabels": labels], "template": template],
        ], 201)
      var scale = try await send(server, "GET", "\(deployments)/d/scale", nil, 200)
      #expect(scale["kind"] == "Scale" && scale.at("spec", "replicas") == 2)
      scale["spec"] = ["replicas": 3]
      #expect(try await send(server, "PUT", "\(deployments)/d/scale", scale, 200).at("spec", "replicas") == 3)
      var whole = try await send(server, "GET", "\(deployments)/d", nil, 200)
      whole["status"] = ["observedGeneration": 7]
      let status = try await send(server, "PUT", "\(deployments)/d/status", whole, 200)
      #expect(status.at("status", "observedGeneration") == 7)

      let pods = "/api/v1/namespaces/default/pods"
      _ = try await send(
        server, "POST", "/api/v1/namespaces/default/serviceaccounts",
        ["apiVersion": "v1", "kind": "ServiceAccount", "metadata": ["name": "robot"]], 201)
      for name in ["p", "q"] {
        var pod = template
        pod["apiVersion"] = "v1"
        pod["kind"] = "Pod"
        pod["metadata"] = ["name": .string(name)]
        _ = try await send(server, "POST", pods, pod, 201)
      }
      let binding: JSON = [
        "apiVersion": "v1", "kind": "Binding", "metadata": ["name": "p"], "target": ["kind": "Node", "name": "n"],
      ]
      #expect(try await send(server, "POST", "\(pods)/p/binding", binding, 201)["status"] == "Success")
      let eviction: JSON = ["apiVersion": "policy/v1", "kind": "Eviction", "metadata": ["name": "q"]]
      #expect(try await send(server, "POST", "\(pods)/q/eviction", eviction, 201)["status"] == "Success")
      let token = try await send(
        server, "POST", "/api/v1/namespaces/default/serviceaccounts/robot/token",
        ["apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": ["audiences": ["x"]]], 201)
      #expect(token["kind"] == "TokenRequest" && token.at("status", "token") != nil)
      let review = try await send(
        server, "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        [
          "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
          "spec": ["resourceAttributes": ["verb": "get", "resource": "pods"]],
        ], 201)
      #expect(review.at("status", "allowed") == true)
    }
  }

  @Test func watchesSpeakIt() async throws {
    try await withServer { server in
      _ = try await send(server, "POST", maps, try configMap("a"), 201)
      let initial =
        "watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
      for (form, kind) in [
        ("", "ConfigMap"), (";as=PartialObjectMetadata;g=meta.k8s.io;v=v1", "PartialObjectMetadata"),
      ] {
        let reply = try await server.get(
          "\(maps)?\(initial)", headers: ["Accept": "\(Self.type)\(form),application/json"])
        #expect(reply.header("content-type") == "\(Self.type);stream=watch")
        let events = try events(reply.body)
        #expect(events.prefix(2).map(\.type) == ["ADDED", "BOOKMARK"])
        #expect(events.allSatisfy { $0.object.text("kind") == kind })
        #expect(events[0].object.at("metadata", "name") == "a")
        #expect(events[1].object.at("metadata", "annotations", "k8s.io/initial-events-end") == "true")
      }
    }
  }

  @Test func metadataAndDiscoverySpeakIt() async throws {
    try await withServer { server in
      _ = try await send(server, "POST", maps, try configMap("a"), 201)
      for (path, shape) in [("\(maps)/a", "PartialObjectMetadata"), (maps, "PartialObjectMetadataList")] {
        let accept = "\(Self.type);as=\(shape);g=meta.k8s.io;v=v1,application/json;as=\(shape);g=meta.k8s.io;v=v1"
        let json = try decoded(try await server.get(path, headers: ["Accept": accept]), 200)
        #expect(json["kind"] == .string(shape) && json["data"] == nil)
      }
      for (path, kind) in [
        ("/api", "APIVersions"), ("/api/v1", "APIResourceList"), ("/apis", "APIGroupList"), ("/apis/apps", "APIGroup"),
        ("/apis/apps/v1", "APIResourceList"),
      ] {
        let json = try decoded(try await server.get(path, headers: ["Accept": Self.type]), 200)
        #expect(json["kind"] == .string(kind))
      }
      let table = "\(Self.type);as=Table;g=meta.k8s.io;v=v1,application/json;as=Table;g=meta.k8s.io;v=v1"
      let reply = try await server.get(maps, headers: ["Accept": table])
      #expect(reply.header("content-type") == "application/json")
      #expect(try reply.json["kind"] == "Table")
    }
  }

  // MARK: - helpers

  private func configMap(_ name: String) throws -> JSON {
    ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name)], "data": ["k": "v"]]
  }

  /// Sends a body as protobuf and reads the answer, which must be protobuf.
  private func send(
    _ server: TestServer, _ method: String, _ path: String, _ body: JSON?, _ code: Int
  ) async throws -> JSON {
    var raw: [UInt8]?
    if let body {
      let kind = GroupVersionKind(apiVersion: body.text("apiVersion"), kind: body.text("kind"))
      let blob = ProtobufCodec.encode(body.blob, as: kind, schema: try #require(Catalog.builtIn.schema(of: kind)))
      raw = withExtendedLifetime(blob) { Array(blob.bytes) }
    }
    return try decoded(try await server.send(method, path, raw: raw, headers: Self.usual), code, "\(method) \(path)")
  }

  private func decoded(_ reply: Reply, _ code: Int, _ what: String = "") throws -> JSON {
    #expect(reply.header("content-type") == Self.type, "\(what): \(reply.text)")
    let json = try object(reply.body)
    #expect(reply.status == code, "\(what): \(json.text)")
    return json
  }

  private func object(_ bytes: [UInt8]) throws -> JSON {
    try bytes.withUnsafeBufferPointer { try ProtobufCodec.decode($0, catalog: .builtIn) }.json
  }

  /// The frames of a watch.
  private func events(_ bytes: [UInt8]) throws -> [(type: String, object: JSON)] {
    var result: [(type: String, object: JSON)] = []
    var rest = bytes[...]
    while rest.count > 4 {
      let size = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
      result.append(try event(Array(rest.dropFirst(4).prefix(size))))
      rest = rest.dropFirst(4 + size)
    }
    #expect(rest.isEmpty)
    return result
  }

  private func event(_ bytes: [UInt8]) throws -> (type: String, object: JSON) {
    try bytes.withUnsafeBufferPointer { bytes in
      var event = (type: "", object: JSON.null)
      var reader = ProtobufReader(bytes)
      while let tag = try reader.tag() {
        guard tag.number == 2 else {
          event.type = try reader.string()
          continue
        }
        var extensionReader = ProtobufReader(try reader.delimited())
        _ = try extensionReader.tag()
        event.object = try object(Array(try extensionReader.delimited()))
      }
      return event
    }
  }
}
