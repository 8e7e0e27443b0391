import JSONCore
import Objects
import Testing

@testable import Registry

@Suite struct AuthorizationTests {
  private let jane = Caller(name: "jane", groups: ["system:authenticated"])

  private func getPods(_ namespace: String = "default", _ verb: String = "get", _ subresource: String = "")
    -> Attributes
  {
    Attributes(caller: jane, verb: verb, group: "", resource: "pods", subresource: subresource, namespace: namespace)
  }

  private func grant(_ test: TestCluster, _ rules: JSON) async throws {
    try await test.create(
      "roles.rbac.authorization.k8s.io", "default", ["metadata": ["name": "r"], "rules": rules])
    try await test.create(
      "rolebindings.rbac.authorization.k8s.io", "default",
      [
        "metadata": ["name": "rb"],
        "subjects": [["kind": "User", "name": "jane", "apiGroup": "rbac.authorization.k8s.io"]],
        "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"],
      ])
  }

  @Test func rolesGrantAndAreTakenAway() async throws {
    let test = try await TestCluster()
    #expect(!test.cluster.authorize(getPods()).isAllowed)
    #expect(
      getPods().refusal.message
        == "pods is forbidden: User \"jane\" cannot get resource \"pods\" in API group \"\" in the namespace \"default\""
    )
    try await grant(test, [["apiGroups": [""], "resources": ["pods"], "verbs": ["get"]]])
    #expect(
      test.cluster.authorize(getPods())
        == Decision(
          isAllowed: true, reason: "RBAC: allowed by RoleBinding \"rb/default\" of Role \"r\" to User \"jane\""))
    #expect(!test.cluster.authorize(getPods("default", "list")).isAllowed)
    #expect(!test.cluster.authorize(getPods("default", "get", "log")).isAllowed)
    #expect(!test.cluster.authorize(getPods("other")).isAllowed)
    try await test.delete("rolebindings.rbac.authorization.k8s.io", "default", "rb")
    #expect(!test.cluster.authorize(getPods()).isAllowed)
  }

  @Test func nobodyGrantsMoreThanTheyHave() async throws {
    let test = try await TestCluster()
    try await grant(
      test,
      [
        ["apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles"], "verbs": ["create"]],
        ["apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]],
      ])
    let options = WriteOptions(caller: jane)
    func role(_ name: String, _ verb: JSON) -> JSON {
      ["metadata": ["name": .string(name)], "rules": [["apiGroups": [""], "resources": ["pods"], "verbs": [verb]]]]
    }
    let kind = test.kind("roles.rbac.authorization.k8s.io")
    _ = try await test.cluster.create(kind, namespace: "default", role("ok", "list"), options)
    let error = await #expect(throws: Status.self) {
      try await test.cluster.create(kind, namespace: "default", role("more", "delete"), options)
    }
    #expect(error?.code == 403)
    #expect(error?.message.hasSuffix("{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"delete\"]}") == true)
  }

  @Test func aFreshClusterKnowsTheStockRoles() async throws {
    let test = try await TestCluster(bootstraps: true)
    let version = Attributes(caller: jane, verb: "get", path: "/version")
    #expect(test.cluster.authorize(version).isAllowed)
    #expect(!test.cluster.authorize(getPods()).isAllowed)
    #expect(test.cluster.snapshot.count(.clusterRoles) == 70)
    #expect(try test.get("services", "default", "kubernetes").at("spec", "clusterIP") == "10.96.0.1")
    let before = test.cluster.snapshot.revision
    try await test.cluster.bootstrap()
    #expect(test.cluster.snapshot.revision == before)
  }

  @Test func whatIsMissingIsListedInShort() {
    let rules = [
      PolicyRule(verbs: ["list", "get"], groups: ["", "apps"], resources: ["pods"], names: ["a"]),
      PolicyRule(verbs: ["get"], paths: ["/x"]),
    ]
    #expect(
      PolicyRule.compacted(rules.flatMap(\.atoms)).map(\.shown).sorted() == [
        #"{APIGroups:[""], Resources:["pods"], ResourceNames:["a"], Verbs:["list" "get"]}"#,
        #"{APIGroups:["apps"], Resources:["pods"], ResourceNames:["a"], Verbs:["list" "get"]}"#,
        #"{NonResourceURLs:["/x"], Verbs:["get"]}"#,
      ])
  }
}
