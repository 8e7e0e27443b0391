import JSONCore
import Objects
import Testing

@testable import Registry

/// Policies of admission, in force.
@Suite struct PolicyTests {
  static let rules: JSON = [
    "resourceRules": [
      [
        "apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"],
        "resources": ["deployments", "deployments/scale"],
      ]
    ]
  ]

  private func cluster(_ spec: JSON, binding: JSON = [:]) async throws -> TestCluster {
    let test = try await TestCluster(bootstraps: true)
    var spec = spec
    if spec["matchConstraints"] == nil { spec["matchConstraints"] = Self.rules }
    var binding = binding
    binding["policyName"] = "p"
    if binding["validationActions"] == nil { binding["validationActions"] = ["Deny"] }
    let group = "admissionregistration.k8s.io"
    try await test.create(
      "validatingadmissionpolicies.\(group)", "", ["metadata": ["name": "p"], "spec": spec])
    try await test.create(
      "validatingadmissionpolicybindings.\(group)", "", ["metadata": ["name": "b"], "spec": binding])
    return test
  }

  private func refusal(_ test: TestCluster, _ body: JSON) async -> Status? {
    do {
      try await test.create("deployments.apps", "default", body)
      return nil
    } catch {
      return error
    }
  }

  @Test func aValidationRefusesInItsOwnWords() async throws {
    let test = try await cluster([
      "variables": [
        ["name": "wanted", "expression": "object.spec.replicas"],
        ["name": "odd", "expression": "variables.wanted / 0"],
      ],
      "validations": [
        [
          "expression": "variables.wanted > 1",
          "messageExpression": "'wants more than 1, got ' + string(variables.wanted)",
          "reason": "Forbidden",
        ]
      ],
    ])
    let status = try #require(await refusal(test, TestCluster.deployment("web")))
    #expect(status.code == 403 && status.reason == "Forbidden")
    #expect(
      status.message
        == "deployments.apps \"web\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: "
        + "wants more than 1, got 1")
    var two = TestCluster.deployment("web")
    two["spec"]?["replicas"] = 2
    #expect(await refusal(test, two) == nil)
    // The scale is seen as what it is: it has a spec with replicas, too.
    let kind = test.kind("deployments.apps")
    await #expect(throws: Status.self) {
      try await test.cluster.patch(
        kind, namespace: "default", name: "web", subresource: "scale", Patch(.merge, ["spec": ["replicas": 1]]),
        test.options)
    }
  }

  @Test func whatCannotBeJudgedIsRefusedOrLetThrough() async throws {
    let validations: JSON = [["expression": "object.spec.nothing == 1"]]
    let strict = try await cluster(["validations": validations])
    let status = try #require(await refusal(strict, TestCluster.deployment("web")))
    #expect(status.code == 422)
    #expect(
      status.message.hasSuffix("expression 'object.spec.nothing == 1' resulted in error: no such key: nothing"))
    let lenient = try await cluster(["validations": validations, "failurePolicy": "Ignore"])
    #expect(await refusal(lenient, TestCluster.deployment("web")) == nil)
  }

  @Test func conditionsAndSelectorsDecideWhoIsJudged() async throws {
    let never: JSON = [["expression": "false", "message": "no"]]
    let condition = try await cluster([
      "validations": never, "matchConditions": [["name": "x", "expression": "request.name != 'web'"]],
    ])
    #expect(await refusal(condition, TestCluster.deployment("web")) == nil)
    #expect(await refusal(condition, TestCluster.deployment("other")) != nil)
    let labelled = try await cluster(
      ["validations": never],
      binding: ["matchResources": ["objectSelector": ["matchLabels": ["judged": "yes"]]]])
    #expect(await refusal(labelled, TestCluster.deployment("web")) == nil)
    var marked = TestCluster.deployment("marked")
    marked["metadata"]?["labels"] = ["judged": "yes"]
    #expect(await refusal(labelled, marked) != nil)
    let place = try await cluster([
      "validations": never,
      "matchConstraints": [
        "resourceRules": Self.rules["resourceRules"] ?? .null,
        "namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": "elsewhere"]],
      ],
    ])
    #expect(await refusal(place, TestCluster.deployment("web")) == nil)
  }

  @Test func parametersComeFromOtherObjects() async throws {
    let test = try await cluster(
      [
        "paramKind": ["apiVersion": "v1", "kind": "ConfigMap"],
        "validations": [["expression": "object.spec.replicas <= int(params.data.max)", "message": "too many"]],
      ],
      binding: ["paramRef": ["name": "limits", "parameterNotFoundAction": "Deny"]])
    let missing = try #require(await refusal(test, TestCluster.deployment("web")))
    #expect(missing.message.contains("no params found for policy binding with `Deny` parameterNotFoundAction"))
    try await test.create("configmaps", "default", ["metadata": ["name": "limits"], "data": ["max": "3"]])
    #expect(await refusal(test, TestCluster.deployment("web")) == nil)
    var many = TestCluster.deployment("many")
    many["spec"]?["replicas"] = 4
    #expect(await refusal(test, many)?.message.hasSuffix("too many") == true)
  }

  @Test func warningsLetPass() async throws {
    let test = try await cluster(
      ["validations": [["expression": "false", "message": "better not"]]], binding: ["validationActions": ["Warn"]])
    let written = try await test.cluster.create(
      test.kind("deployments.apps"), namespace: "default", TestCluster.deployment("web"), test.options)
    #expect(
      written.warnings == ["Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': better not"])
  }

  @Test func theAuthorizerKnowsTheRoles() async throws {
    let test = try await cluster([
      "validations": [
        ["expression": "authorizer.group('').resource('pods').namespace('default').check('delete').allowed()"],
        ["expression": "!authorizer.serviceAccount('default', 'default').requestResource.check('delete').allowed()"],
      ]
    ])
    #expect(await refusal(test, TestCluster.deployment("web")) == nil)
  }

  @Test func deletionsAreJudgedByWhatWouldGo() async throws {
    let test = try await cluster([
      "matchConstraints": [
        "resourceRules": [
          ["apiGroups": [""], "apiVersions": ["*"], "operations": ["DELETE"], "resources": ["configmaps"]]
        ]
      ],
      "validations": [["expression": "object == null && !has(oldObject.data.keep)", "message": "kept"]],
    ])
    try await test.create("configmaps", "default", ["metadata": ["name": "a"], "data": ["keep": "yes"]])
    try await test.create("configmaps", "default", ["metadata": ["name": "b"], "data": ["x": "y"]])
    try await test.delete("configmaps", "default", "b")
    await #expect(throws: Status.self) { try await test.delete("configmaps", "default", "a") }
  }

  @Test func expressionsThatCannotBeReadAreRefusedWithTheirPolicy() async throws {
    let error = await #expect(throws: Status.self) {
      try await cluster(["validations": [["expression": "params.x == 1"], ["expression": "1"]]])
    }
    #expect(error?.message.contains("undeclared reference to 'params'") == true)
    #expect(error?.message.contains("must evaluate to bool") == true)
  }
}
