import EventLoops
import Foundation
import JSONCore
import Objects
import Registry
import Testing

@testable import APIServer

@Suite struct AuditTests {
  private static let policy = """
    apiVersion: audit.k8s.io/v1
    kind: Policy
    omitStages: [RequestReceived]
    omitManagedFields: true
    rules:
      - {level: None, users: [nobody]}
      - {level: None, nonResourceURLs: [/healthz*, /version]}
      - {level: RequestResponse, verbs: [create], resources: [{group: "", resources: [configmaps]}]}
      - {level: Request, namespaces: [kube-system], resources: [{group: "", resources: ["pods/*"]}]}
      - {level: Metadata, resources: [{group: apps}], userGroups: [devs]}
      - {level: Metadata, resources: [{group: "", resources: [secrets], resourceNames: [s]}]}
      - {level: None, resources: [{group: ""}]}
      - level: Metadata
        omitStages: [ResponseComplete]
    """

  struct Case: Sendable, CustomTestStringConvertible {
    var verb: String
    var path: String
    var user = "jane"
    var groups: [String] = []
    var level: AuditPolicy.Level

    var testDescription: String { "\(verb) \(path)" }
  }

  static let cases = [
    Case(verb: "get", path: "/version", level: .none),
    Case(verb: "get", path: "/healthz/etcd", level: .none),
    Case(verb: "get", path: "/metrics", level: .metadata),
    Case(verb: "get", path: "/metrics", user: "nobody", level: .none),
    Case(verb: "create", path: "/api/v1/namespaces/default/configmaps", level: .requestResponse),
    Case(verb: "get", path: "/api/v1/namespaces/default/configmaps/a", level: .none),
    Case(verb: "create", path: "/api/v1/namespaces/kube-system/pods/p/binding", level: .request),
    Case(verb: "create", path: "/api/v1/namespaces/default/pods/p/binding", level: .none),
    Case(verb: "list", path: "/apis/apps/v1/deployments", groups: ["devs"], level: .metadata),
    Case(verb: "get", path: "/api/v1/namespaces/default/secrets/s", level: .metadata),
    Case(verb: "get", path: "/api/v1/namespaces/default/secrets/t", level: .none),
  ]

  @Test(arguments: cases) func theFirstRuleThatFitsDecides(_ item: Case) throws {
    let policy = try AuditPolicy(yaml: Array(Self.policy.utf8))
    let decision = policy.decide(
      Target(verb: item.verb, path: Array(item.path.utf8)[...]), Caller(name: item.user, groups: item.groups))
    #expect(decision.level == item.level)
  }

  @Test func refusesPoliciesThatCannotBeMeant() {
    for text in [
      "kind: Policy", "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: []",
      "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Everything}]",
      "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None, omitStages: [Later]}]",
    ] {
      #expect(throws: Status.self) { try AuditPolicy(yaml: Array(text.utf8)) }
    }
  }

  @Test func writesDownWhoDidWhat() async throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("audit-\(UUID().uuidString).log").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let audit = Audit(
      policy: try AuditPolicy(yaml: Array(Self.policy.utf8)), log: try AuditLog(path: path), clock: SystemClock())
    try await withServer(audit: audit) { server in
      let made = try await server.makeConfigMap("a")
      let repeated = try await server.makeConfigMap("a")
      _ = try await server.get("/version")
      await audit.log.flush()
      let events = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
        try JSON.parse(Array($0.utf8))
      }
      #expect(events.count == 2)
      let first = try #require(events.first)
      #expect(first["auditID"]?.string == made.header("audit-id"))
      #expect(first.text("stage") == "ResponseComplete")
      #expect(first.text("level") == "RequestResponse")
      #expect(first.text("requestURI") == "/api/v1/namespaces/default/configmaps")
      #expect(first["user"]?.text("username") == Authentication.administrator.name)
      #expect(
        first["objectRef"] == ["resource": "configmaps", "namespace": "default", "name": "a", "apiVersion": "v1"])
      #expect(first["responseStatus"]?["code"] == 201)
      #expect(first.at("requestObject", "data", "k") == "v")
      #expect(first.at("responseObject", "metadata", "name") == "a")
      #expect(first.at("responseObject", "metadata", "managedFields") == nil)
      #expect(first.at("annotations", "authorization.k8s.io/decision") == "allow")
      let second = try #require(events.last)
      #expect(second["auditID"]?.string == repeated.header("audit-id"))
      #expect(second["responseStatus"]?.text("reason") == "AlreadyExists")
      #expect(audit.log.counts.written == 2)
    }
  }
}
