import JSONCore
import Testing

@Suite struct AccessTests {
  @Test func strangersMayLittle() async throws {
    try await withServer { server in
      #expect(try await server.send("GET", "/version", token: nil).status == 200)
      #expect(try await server.send("GET", "/livez", token: nil).text == "ok")
      let list = try await server.send("GET", "/api/v1/pods", token: nil)
      #expect(list.status == 403)
      #expect(
        try list.json["message"]
          == #"pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" at the cluster scope"#
      )
      #expect(try await server.send("GET", "/metrics", token: nil).status == 403)
      #expect(try await server.send("GET", "/version", token: "wrong").status == 401)
    }
  }

  @Test func impersonationTakesTheOthersRights() async throws {
    try await withServer { server in
      let jane = ["Impersonate-User": "jane", "Impersonate-Group": "devs", "Impersonate-Extra-team": "x"]
      let who = try await server.send(
        "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews",
        ["apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"], headers: jane)
      #expect(who.status == 201)
      let user = try who.json.at("status", "userInfo")
      #expect(user?["username"] == "jane")
      #expect(user?["groups"] == ["devs", "system:authenticated"])
      #expect(user?["extra"] == ["team": ["x"]])
      #expect(try await server.get("/api/v1/namespaces/default/pods/x", headers: jane).status == 403)
    }
  }

  @Test func accountTokensWorkWhileTheirAccountLives() async throws {
    try await withServer { server in
      let accounts = "/api/v1/namespaces/default/serviceaccounts"
      _ = try await server.send("POST", accounts, ["metadata": ["name": "robot"]])
      let request = try await server.send(
        "POST", "\(accounts)/robot/token",
        ["apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": [:]])
      #expect(request.status == 201)
      let token = try #require(try request.json.at("status", "token")?.string)
      let denied = try await server.send("GET", "/api/v1/namespaces/default/secrets", token: token)
      #expect(denied.status == 403)
      #expect(try denied.json.text("message").contains("system:serviceaccount:default:robot"))
      let review = try await server.send(
        "POST", "/apis/authentication.k8s.io/v1/tokenreviews", ["spec": ["token": .string(token)]])
      #expect(try review.json.at("status", "authenticated") == true)
      #expect(try await server.send("GET", "/version", token: token).status == 200)
      // Meant for somebody else: he may ask whose it is, but it opens nothing here.
      #expect(try await server.send("GET", "/version", token: token + ":vault").status == 401)
      _ = try await server.send("DELETE", "\(accounts)/robot")
      #expect(try await server.send("GET", "/version", token: token).status == 401)
    }
  }

  @Test func anOldWatchOfOneNameShowsNoOther() async throws {
    try await withServer { server in
      try await server.makeConfigMap("mine")
      try await server.makeConfigMap("other")
      let path = "/api/v1/watch/namespaces/default/configmaps/mine"
      let watched = try await server.get("\(path)?fieldSelector=metadata.name=other&timeoutSeconds=1")
      #expect(!watched.text.contains("other"))
      #expect(try await server.get("\(path)?timeoutSeconds=1").text.contains("mine"))
      #expect(try await server.send("DELETE", path).status == 405)
      #expect(try await server.get("/api/v1/namespaces/default/configmaps/other").status == 200)
    }
  }

  @Test func reviewsAnswerWhatIsAllowed() async throws {
    try await withServer { server in
      let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
      let body: JSON = ["spec": ["resourceAttributes": ["verb": "delete", "resource": "nodes"]]]
      #expect(try await server.send("POST", path, body).json.at("status", "allowed") == true)
      let jane = try await server.send("POST", path, body, headers: ["Impersonate-User": "jane"])
      #expect(try jane.json.at("status", "allowed") == false)
      #expect(try await server.send("POST", path, ["spec": [:]]).status == 422)
    }
  }

  /// The fields that a refused review is told of.
  private func refusal(_ server: TestServer, _ path: String, _ body: JSON) async throws -> [String] {
    let reply = try await server.send("POST", "/apis/authorization.k8s.io/v1/\(path)", body)
    #expect(reply.status == 422)
    return try reply.json["details"]?.list("causes").map { $0.text("field") } ?? []
  }

  @Test func badReviewsAreRefused() async throws {
    try await withServer { server in
      let pods: JSON = ["verb": "get", "resource": "pods"]
      let local = "namespaces/default/localsubjectaccessreviews"
      let aPath: JSON = ["spec": ["user": "a", "nonResourceAttributes": ["path": "/", "verb": "get"]]]
      let ofPath = try await refusal(server, local, aPath)
      #expect(ofPath == ["spec.nonResourceAttributes"])
      let named: JSON = ["metadata": ["name": "x"], "spec": ["user": "a", "resourceAttributes": pods]]
      let ofNamed = try await refusal(server, "subjectaccessreviews", named)
      #expect(ofNamed == ["metadata"])
      var wanted = pods
      wanted["labelSelector"] = [:]
      let ofNothing = try await refusal(
        server, "selfsubjectaccessreviews", ["spec": ["resourceAttributes": wanted]])
      #expect(ofNothing == ["spec.resourceAttributes.labelSelector.requirements"])
      let path = "/apis/authorization.k8s.io/v1"
      #expect(try await server.send("POST", "\(path)/selfsubjectrulesreviews", ["spec": [:]]).status == 400)
      let elsewhere: JSON = ["metadata": ["namespace": "x"], "spec": ["user": "a", "resourceAttributes": pods]]
      #expect(try await server.send("POST", "\(path)/\(local)", elsewhere).status == 400)
    }
  }
}
