import JSONCore
import Objects
import Synchronization
import Testing
import Values

@testable import Registry

/// Policies and webhooks that change what is written.
@Suite struct MutationTests {
  static let group = "admissionregistration.k8s.io"

  static func rules(_ resource: String, _ operations: JSON = ["CREATE"]) -> JSON {
    [["apiGroups": [""], "apiVersions": ["v1"], "operations": operations, "resources": [.string(resource)]]]
  }

  private func policy(_ test: TestCluster, _ name: String, _ mutations: JSON, again: Bool = false) async throws {
    try await test.create(
      "mutatingadmissionpolicies.\(Self.group)", "",
      [
        "metadata": ["name": .string(name)],
        "spec": [
          "matchConstraints": ["resourceRules": Self.rules("pods")], "mutations": mutations,
          "reinvocationPolicy": again ? "IfNeeded" : "Never",
        ],
      ])
    try await test.create(
      "mutatingadmissionpolicybindings.\(Self.group)", "",
      ["metadata": ["name": .string(name)], "spec": ["policyName": .string(name)]])
  }

  @Test func partsAreMergedByTheirKeysAndPatchesApplied() async throws {
    let test = try await TestCluster(bootstraps: true)
    try await policy(
      test, "a",
      [
        [
          "patchType": "ApplyConfiguration",
          "applyConfiguration": [
            "expression": """
            Object{spec: Object.spec{initContainers: [
              Object.spec.initContainers{name: "first", image: "busybox"}], terminationGracePeriodSeconds: 5}}
            """
          ],
        ],
        [
          "patchType": "JSONPatch",
          "jsonPatch": [
            "expression": """
            [JSONPatch{op: "add", path: "/metadata/labels", value: {"count": string(size(object.spec.initContainers))}},
             JSONPatch{op: "add", path: "/metadata/annotations/" + jsonpatch.escapeKey("a/b"), value: "c"}]
            """
          ],
        ],
      ])
    var pod = TestCluster.pod("web")
    pod["metadata"]?["annotations"] = ["x": "y"]
    let made = try await test.create("pods", "default", pod)
    #expect(made.at("spec", "initContainers")?[0]?["terminationMessagePolicy"] == "File")
    #expect(made.at("spec", "terminationGracePeriodSeconds") == 5)
    #expect(made.at("spec", "containers")?[0]?["name"] == "c")
    #expect(made.at("metadata", "labels") == ["count": "1"])
    #expect(made.at("metadata", "annotations") == ["a/b": "c", "x": "y"])
  }

  @Test func earlierOnesSeeWhatLaterOnesDid() async throws {
    let test = try await TestCluster(bootstraps: true)
    func label(_ name: String, _ value: String) -> JSON {
      [
        [
          "patchType": "JSONPatch",
          "jsonPatch": [
            "expression": .string("[JSONPatch{op: 'add', path: '/metadata/labels/\(name)', value: \(value)}]")
          ],
        ]
      ]
    }
    try await policy(test, "a", label("seen", "string(size(object.metadata.labels))"), again: true)
    try await policy(test, "b", label("other", "'x'"))
    let made = try await test.create("pods", "default", TestCluster.pod("web", labels: ["app": "web"]))
    #expect(made.at("metadata", "labels") == ["app": "web", "other": "x", "seen": "3"])
  }

  /// Answers as a closure says, and remembers what it was asked.
  final class Caller: WebhookCaller {
    let asked = Mutex<[(url: String, review: JSON)]>([])
    let respond: @Sendable (String, JSON) -> JSON?

    init(_ respond: @escaping @Sendable (_ path: String, _ request: JSON) -> JSON?) { self.respond = respond }

    func answer(_ call: WebhookCall) async throws(WebhookFailure) -> WebhookReply {
      guard let review = try? JSON.parse(call.body), let request = review["request"] else {
        throw WebhookFailure("not a review")
      }
      asked.withLock { $0.append((call.url, review)) }
      guard var response = respond(call.url, request) else {
        throw WebhookFailure("dial tcp 127.0.0.1:1: connect: connection refused")
      }
      if response["uid"] == nil { response["uid"] = request["uid"] }
      let reply: JSON = [
        "apiVersion": review["apiVersion"] ?? "", "kind": "AdmissionReview", "response": response,
      ]
      return WebhookReply(status: 200, body: Array(reply.text.utf8))
    }
  }

  static func hook(_ name: String, _ more: JSON = [:]) -> JSON {
    var hook: JSON = [
      "name": .string(name), "rules": rules("configmaps", ["*"]), "sideEffects": "None",
      "admissionReviewVersions": ["v1"],
      "clientConfig": ["url": .string("https://127.0.0.1:1/\(name)")],
    ]
    for (key, value) in more.object ?? Members() { hook[key] = value }
    return hook
  }

  static func cluster(_ caller: Caller, mutating: [JSON] = [], validating: [JSON] = []) async throws -> TestCluster {
    let test = try await TestCluster(bootstraps: true, webhooks: caller)
    for (kind, hooks) in [("mutating", mutating), ("validating", validating)] where !hooks.isEmpty {
      try await test.create(
        "\(kind)webhookconfigurations.\(group)", "", ["metadata": ["name": "w"], "webhooks": .array(hooks)])
    }
    return test
  }

  static func map(_ name: String, _ data: JSON = ["a": "b"]) -> JSON {
    ["metadata": ["name": .string(name)], "data": data]
  }

  @Test func patchesOfWebhooksAreApplied() async throws {
    let caller = Caller { url, request in
      let patch: JSON = [
        ["op": "add", "path": .string("/data/\(url.contains("one") ? "one" : "two")"), "value": "yes"]
      ]
      return [
        "allowed": true, "patchType": "JSONPatch", "patch": .string(Base64.encode(Array(patch.text.utf8))),
        "warnings": ["mind"], "auditAnnotations": ["k": "v"],
      ]
    }
    let hooks = [Self.hook("one.example.com", ["reinvocationPolicy": "IfNeeded"]), Self.hook("two.example.com")]
    let test = try await Self.cluster(caller, mutating: hooks)
    let written = try await test.cluster.create(
      test.kind("configmaps"), namespace: "default", Self.map("m"), test.options)
    #expect(written.object.json["data"] == ["a": "b", "one": "yes", "two": "yes"])
    #expect(written.warnings == ["mind", "mind", "mind"])
    let asked = caller.asked.withLock { $0 }
    #expect(asked.map(\.url) == ["one", "two", "one"].map { "https://127.0.0.1:1/\($0).example.com?timeout=10s" })
    let request = try #require(asked.first?.review["request"])
    #expect(request["operation"] == "CREATE" && request["name"] == "m" && request["namespace"] == "default")
    #expect(request["resource"] == ["group": "", "resource": "configmaps", "version": "v1"])
    #expect(request["oldObject"] == .null && request.at("object", "data") == ["a": "b"])
    #expect(asked[2].review.at("request", "object", "data") == ["a": "b", "one": "yes", "two": "yes"])
  }

  @Test func refusalsAndFailuresAreToldInTheStockWords() async throws {
    let caller = Caller { url, request in
      if url.contains("absent") { return nil }
      return request.text("operation") == "DELETE" || request["name"] == "bad"
        ? ["allowed": false, "status": ["message": "no", "code": 403, "reason": "Forbidden"]] : ["allowed": true]
    }
    let open = Self.hook("absent.example.com", ["failurePolicy": "Ignore"])
    let test = try await Self.cluster(caller, validating: [open, Self.hook("judge.example.com")])
    try await test.create("configmaps", "default", Self.map("good"))
    for operation in ["create", "delete"] {
      let error = await #expect(throws: Status.self) {
        if operation == "create" {
          try await test.create("configmaps", "default", Self.map("bad"))
        } else {
          try await test.delete("configmaps", "default", "good")
        }
      }
      #expect(error?.message == "admission webhook \"judge.example.com\" denied the request: no" && error?.code == 403)
    }
    let strict = try await Self.cluster(caller, validating: [Self.hook("absent.example.com")])
    let error = await #expect(throws: Status.self) {
      try await strict.create("configmaps", "default", Self.map("good"))
    }
    #expect(
      error?.message
        == "Internal error occurred: failed calling webhook \"absent.example.com\": failed to call webhook: Post "
        + "\"https://127.0.0.1:1/absent.example.com?timeout=10s\": dial tcp 127.0.0.1:1: connect: connection refused")
  }

  @Test func configurationsThemselvesAreNobodysToRefuse() async throws {
    let caller = Caller { _, _ in ["allowed": false] }
    let rules: JSON = [["apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*/*"]]]
    let test = try await Self.cluster(caller, validating: [Self.hook("all.example.com", ["rules": rules])])
    try await test.delete("validatingwebhookconfigurations.\(Self.group)", "", "w")
    try await test.create("configmaps", "default", Self.map("free"))
  }

  @Test func dryRunsAskNobodyWhoHasEffectsElsewhere() async throws {
    let caller = Caller { _, _ in ["allowed": true] }
    let test = try await Self.cluster(
      caller, validating: [Self.hook("x.example.com", ["sideEffects": "NoneOnDryRun"])])
    var options = test.options
    options.isDryRun = true
    _ = try await test.cluster.create(test.kind("configmaps"), namespace: "default", Self.map("m"), options)
    #expect(caller.asked.withLock { $0.first?.review.at("request", "dryRun") } == true)
  }
}
