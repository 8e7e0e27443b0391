import JSONCore
import Objects
import Schemas
import Testing

@testable import Registry

/// Custom resources, from the moment that their definition is established.
@Suite struct CustomResourceTests {
  static let widgets = "widgets.example.com"
  static let definitions = "customresourcedefinitions.apiextensions.k8s.io"

  static func definition(_ properties: JSON, versions: [JSON]? = nil) -> JSON {
    let version: JSON = [
      "name": "v1", "served": true, "storage": true, "subresources": ["status": [:]],
      "schema": [
        "openAPIV3Schema": [
          "type": "object",
          "properties": [
            "spec": ["type": "object", "properties": properties],
            "status": ["type": "object", "properties": ["phase": ["type": "string"]]],
          ],
        ]
      ],
    ]
    return [
      "metadata": ["name": .string(widgets)],
      "spec": [
        "group": "example.com", "scope": "Namespaced", "names": ["plural": "widgets", "kind": "Widget"],
        "versions": .array(versions ?? [version]),
      ],
    ]
  }

  static func cluster(_ definition: JSON, webhooks: (any WebhookCaller)? = nil) async throws -> TestCluster {
    let test = try await TestCluster(webhooks: webhooks)
    try await test.create(definitions, "", definition)
    try await establish(test)
    return test
  }

  /// What the definition's controller does.
  static func establish(_ test: TestCluster) async throws {
    let status: JSON = [
      "acceptedNames": ["plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"],
      "conditions": [
        [
          "type": "Established", "status": "True", "lastTransitionTime": "2026-01-31T09:05:00Z",
          "reason": "InitialNamesAccepted", "message": "the initial names have been accepted",
        ]
      ],
    ]
    try await test.patch(definitions, "", widgets, "status", ["status": status])
  }

  static func widget(_ spec: JSON) -> JSON {
    ["apiVersion": "example.com/v1", "kind": "Widget", "metadata": ["name": "w"], "spec": spec]
  }

  @Test func aKindExistsFromTheMomentItIsEstablished() async throws {
    let test = try await TestCluster()
    let resource = GroupResource("example.com", "widgets")
    try await test.create(Self.definitions, "", Self.definition(["size": ["type": "integer"]]))
    #expect(test.cluster.catalog.kind(resource) == nil)
    try await Self.establish(test)
    #expect(test.cluster.catalog.kind(resource)?.name == "Widget")
    try await test.create(Self.widgets, "default", Self.widget(["size": 3]))
    #expect(try test.get(Self.widgets, "default", "w").at("spec", "size") == 3)
  }

  @Test func whatTheSchemaDoesNotKnowIsDroppedAndDefaultsAreSet() async throws {
    let test = try await Self.cluster(
      Self.definition([
        "color": ["type": "string", "default": "red"], "opt": ["type": "string", "nullable": true],
        "raw": ["type": "object", "x-kubernetes-preserve-unknown-fields": true],
      ]))
    let made = try await test.create(
      Self.widgets, "default", Self.widget(["bogus": 1, "color": .null, "opt": .null, "raw": ["any": [1, .null]]]))
    #expect(made["spec"] == ["color": "red", "opt": .null, "raw": ["any": [1, .null]]])
    #expect(made.at("metadata", "generation") == 1)
  }

  @Test func valuesAreJudgedByTheSchema() async throws {
    let test = try await Self.cluster(Self.definition(["size": ["type": "integer", "maximum": 3]]))
    let error = await #expect(throws: Status.self) {
      try await test.create(Self.widgets, "default", Self.widget(["size": 4]))
    }
    #expect(
      error?.message
        == "Widget.example.com \"w\" is invalid: spec.size: Invalid value: 4: spec.size in body should be less than or "
        + "equal to 3")
  }

  @Test func aStatusIsWrittenByItsSubresourceAlone() async throws {
    let test = try await Self.cluster(Self.definition(["size": ["type": "integer"]]))
    var body = Self.widget(["size": 1])
    body["status"] = ["phase": "X"]
    let made = try await test.create(Self.widgets, "default", body)
    #expect(made["status"] == nil)
    let written = try await test.patch(
      Self.widgets, "default", "w", "status", ["status": ["phase": "Y"], "spec": ["size": 2]])
    #expect(written.at("status", "phase") == "Y")
    #expect(written.at("spec", "size") == 1)
    #expect(written.at("metadata", "generation") == 1)
  }

  @Test func aNewDefaultCountsForWhatIsStoredAlready() async throws {
    let test = try await Self.cluster(Self.definition(["size": ["type": "integer"]]))
    try await test.create(Self.widgets, "default", Self.widget(["size": 1]))
    let changed = Self.definition(["size": ["type": "integer"], "color": ["type": "string", "default": "red"]])
    try await test.patch(Self.definitions, "", Self.widgets, ["spec": changed["spec"] ?? .null])
    #expect(try test.get(Self.widgets, "default", "w").at("spec", "color") == "red")
  }

  @Test func everyServedVersionShowsTheSameObjects() async throws {
    let schema: JSON = [
      "openAPIV3Schema": ["type": "object", "x-kubernetes-preserve-unknown-fields": true]
    ]
    let test = try await Self.cluster(
      Self.definition(
        [:],
        versions: [
          ["name": "v1", "served": true, "storage": true, "schema": schema],
          ["name": "v1beta1", "served": true, "storage": false, "deprecated": true, "schema": schema],
        ]))
    try await test.create(Self.widgets, "default", Self.widget(["size": 1]))
    let old = try #require(test.cluster.catalog.kind(group: "example.com", version: "v1beta1", kind: "Widget"))
    #expect(old.custom?.deprecation == "example.com/v1beta1 Widget is deprecated; use example.com/v1 Widget")
    let shown = try test.cluster.get(old, namespace: "default", name: "w").json
    #expect(shown.text("apiVersion") == "example.com/v1beta1")
    #expect(shown.at("spec", "size") == 1)
  }

  @Test func aDefinitionThatIsBeingDeletedTakesNothingNew() async throws {
    let test = try await Self.cluster(Self.definition(["size": ["type": "integer"]]))
    let kind = test.kind(Self.definitions)
    let deleted = try await test.cluster.delete(kind, namespace: "", name: Self.widgets, test.deletion)
    #expect(!deleted.isGone)
    let finalizers = deleted.object.json.at("metadata", "finalizers")
    #expect(finalizers == ["customresourcecleanup.apiextensions.k8s.io"])
    let error = await #expect(throws: Status.self) {
      try await test.create(Self.widgets, "default", Self.widget([:]))
    }
    #expect(error?.code == 405)
  }

  static func version(_ name: String, isStorage: Bool) -> JSON {
    [
      "name": .string(name), "served": true, "storage": .bool(isStorage),
      "schema": ["openAPIV3Schema": ["type": "object", "x-kubernetes-preserve-unknown-fields": true]],
    ]
  }

  static func kind(_ test: TestCluster, _ version: String) throws -> Kind {
    try #require(test.cluster.catalog.kind(group: "example.com", version: version, kind: "Widget"))
  }

  @Test func listsShowWhatGetsShow() async throws {
    let versions = [Self.version("v1", isStorage: false), Self.version("v2", isStorage: true)]
    let test = try await Self.cluster(Self.definition([:], versions: versions))
    var body = Self.widget(["size": 1])
    body["apiVersion"] = "example.com/v2"
    try await test.create(Self.widgets, "default", body)
    for version in ["v1", "v2"] {
      let list = try await test.cluster.list(try Self.kind(test, version), namespace: nil, ListOptions())
      #expect(list.objects.map { $0.json.text("apiVersion") } == ["example.com/\(version)"])
    }
  }

  @Test func aNewDefaultIsInListsToo() async throws {
    let test = try await Self.cluster(Self.definition(["size": ["type": "integer"]]))
    try await test.create(Self.widgets, "default", Self.widget(["size": 1]))
    let changed = Self.definition(["size": ["type": "integer"], "color": ["type": "string", "default": "red"]])
    try await test.patch(Self.definitions, "", Self.widgets, ["spec": changed["spec"] ?? .null])
    let list = try await test.cluster.list(test.kind(Self.widgets), namespace: "default", ListOptions())
    #expect(list.objects.first?.json.at("spec", "color") == "red")
  }

  @Test func anUpdateIsReadByTheDefinitionOfToday() async throws {
    let test = try await Self.cluster(Self.definition(["size": ["type": "integer"], "old": ["type": "integer"]]))
    var body = try await test.create(Self.widgets, "default", Self.widget(["size": 1, "old": 2]))
    let changed = Self.definition(["size": ["type": "integer"], "color": ["type": "string", "default": "red"]])
    try await test.patch(Self.definitions, "", Self.widgets, ["spec": changed["spec"] ?? .null])
    body["metadata", default: .emptyObject]["labels"] = ["a": "b"]
    try await test.update(Self.widgets, "default", "w", body)
    let stored = try test.get(Self.widgets, "default", "w")
    #expect(stored["spec"] == ["size": 1, "color": "red"])
    #expect(stored.at("metadata", "labels", "a") == "b")
  }

  @Test func versionsThatOnlyAWebhookConvertsAreRefused() async throws {
    let versions = [Self.version("v1", isStorage: false), Self.version("v2", isStorage: true)]
    var definition = Self.definition([:], versions: versions)
    definition["spec", default: .emptyObject]["conversion"] = [
      "strategy": "Webhook",
      "webhook": ["conversionReviewVersions": ["v1"], "clientConfig": ["url": "https://example.com/convert"]],
    ]
    let test = try await Self.cluster(definition)
    var body = Self.widget(["size": 1])
    body["apiVersion"] = "example.com/v2"
    try await test.create(Self.widgets, "default", body)
    let v1 = try Self.kind(test, "v1")
    let error = #expect(throws: Status.self) { try test.cluster.get(v1, namespace: "default", name: "w") }
    #expect(error?.code == 500)
    let later = await #expect(throws: Status.self) {
      try await test.cluster.getLater(v1, namespace: "default", name: "w")
    }
    #expect(
      later?.message
        == "conversion webhook for example.com/v2, Kind=Widget failed: this server has nobody to call webhooks")
    await #expect(throws: Status.self) { try await test.cluster.list(v1, namespace: nil, ListOptions()) }
    let creation = await #expect(throws: Status.self) {
      try await test.cluster.create(v1, namespace: "default", Self.widget(["size": 2]), test.options)
    }
    #expect(creation?.code == 500)
    #expect(try test.get(Self.widgets, "default", "w").at("spec", "size") == 1)
    #expect(try await test.delete(Self.widgets, "default", "w").isGone)
  }

  @Test func noDefinitionTakesOverWhatIsBuiltIn() async throws {
    let test = try await TestCluster(bootstraps: true)
    let name = "clusterrolebindings.rbac.authorization.k8s.io"
    let resource = GroupResource("rbac.authorization.k8s.io", "clusterrolebindings")
    let definition: JSON = [
      "metadata": ["name": .string(name), "annotations": ["api-approved.kubernetes.io": "unapproved"]],
      "spec": [
        "group": "rbac.authorization.k8s.io", "scope": "Cluster",
        "names": ["plural": "clusterrolebindings", "kind": "ClusterRoleBinding"],
        "versions": .array([Self.version("v2", isStorage: true)]),
      ],
    ]
    try await test.create(Self.definitions, "", definition)
    let names: JSON = ["plural": "clusterrolebindings", "kind": "ClusterRoleBinding"]
    try await test.patch(
      Self.definitions, "", name, "status",
      [
        "status": [
          "acceptedNames": names,
          "conditions": [
            [
              "type": "Established", "status": "True", "lastTransitionTime": "2026-01-31T09:05:00Z",
              "reason": "InitialNamesAccepted", "message": "the initial names have been accepted",
            ]
          ],
        ]
      ])
    #expect(test.cluster.catalog.kind(resource)?.version == "v1")
    #expect(test.cluster.catalog.kind(group: resource.group, version: "v2", resource: resource.resource) == nil)
  }

  @Test func whatWasPreparedUnderAnotherDefinitionIsNotStored() async throws {
    let test = try await Self.cluster(Self.definition(["size": ["type": "integer"]]))
    let kind = test.kind(Self.widgets)
    // What the status says of the definition makes no difference.
    try await test.patch(
      Self.definitions, "", Self.widgets, "status", ["status": ["acceptedNames": ["shortNames": ["wg"]]]])
    #expect(test.cluster.standing(of: kind) == .unchanged)
    _ = try await test.cluster.create(kind, namespace: "default", Self.widget(["size": 1]), test.options)
    _ = try await test.cluster.delete(kind, namespace: "default", name: "w", test.deletion)

    let changed = Self.definition(["size": ["type": "integer"], "color": ["type": "string", "default": "red"]])
    try await test.patch(Self.definitions, "", Self.widgets, ["spec": changed["spec"] ?? .null])
    #expect(test.cluster.standing(of: kind) == .changed)
    let late = await #expect(throws: Status.self) {
      try await test.cluster.create(kind, namespace: "default", Self.widget(["size": 1]), test.options)
    }
    #expect(late?.code == 409)

    try await test.delete(Self.definitions, "", Self.widgets)
    let terminating = await #expect(throws: Status.self) {
      try await test.cluster.create(kind, namespace: "default", Self.widget(["size": 1]), test.options)
    }
    #expect(terminating?.code == 405)

    try await test.patch(Self.definitions, "", Self.widgets, ["metadata": ["finalizers": .null]])
    #expect(test.cluster.standing(of: kind) == .gone)
    let orphan = await #expect(throws: Status.self) {
      try await test.cluster.create(kind, namespace: "default", Self.widget(["size": 1]), test.options)
    }
    #expect(orphan?.code == 404)
    #expect(test.cluster.snapshot.count(kind.resource) == 0)
  }
}
