import Foundation
import JSONCore
import Testing

@testable import Schemas

@Suite struct OpenAPITests {
  static let api = OpenAPI(.builtIn, version: "v1.36.2")
  static let v2 = try! JSON.parse(api.v2())

  @Test func v2NamesEveryOperationOnce() throws {
    var seen: Set<String> = []
    for (_, item) in try #require(Self.v2["paths"]?.object) {
      for (_, operation) in try #require(item.object) {
        guard let id = operation["operationId"]?.string else { continue }
        #expect(seen.insert(id).inserted, "\(id) stands twice")
      }
    }
    for id in [
      "listAppsV1NamespacedDeployment", "createCoreV1NamespacedPod", "readCoreV1Node", "patchCoreV1NamespacedPodStatus",
      "deleteCoreV1CollectionNamespacedPod", "listCoreV1PodForAllNamespaces", "watchCoreV1NamespacedPodList",
      "connectCoreV1GetNamespacedPodExec", "connectCoreV1PostNodeProxyWithPath", "createCoreV1NamespacedPodBinding",
      "createCoreV1NamespacedPodEviction", "readAppsV1NamespacedDeploymentScale", "replaceCoreV1NamespaceFinalize",
      "createCoreV1NamespacedServiceAccountToken", "createAuthorizationV1NamespacedLocalSubjectAccessReview",
      "createRbacAuthorizationV1ClusterRole", "listFlowcontrolApiserverV1FlowSchema", "getAppsV1APIResources",
    ] {
      #expect(seen.contains(id), "\(id) is missing")
    }
  }

  @Test func everyReferenceLeadsSomewhere() throws {
    for document in [Self.v2] + (try Self.api.v3Paths.map { try JSON.parse(try #require(Self.api.v3($0))) }) {
      for reference in references(document) {
        let keys = reference.dropFirst(2).split(separator: "/").map(String.init)
        var value: JSON? = document
        for key in keys { value = value?[key] }
        #expect(value != nil, "\(reference) leads nowhere")
      }
    }
  }

  @Test func patchSaysWhatKubectlLooksFor() throws {
    let document = try JSON.parse(try #require(Self.api.v3("apis/apps/v1")))
    let patch = try #require(document.at("paths", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}", "patch"))
    #expect(patch["x-kubernetes-group-version-kind"] == ["group": "apps", "kind": "Deployment", "version": "v1"])
    #expect(patch["x-kubernetes-action"] == "patch")
    #expect(patch.list("parameters").contains { $0.text("name") == "fieldValidation" && $0.text("in") == "query" })
    #expect(patch.at("requestBody", "content", "application/strategic-merge-patch+json") != nil)
  }

  @Test func protobufHoldsTheSameDefinitions() throws {
    let reader = MessageReader(Self.api.v2Protobuf())
    #expect(reader.text(1) == "2.0")
    let names = try #require(reader.messages(9).first).messages(1).map { $0.text(1) ?? "" }
    #expect(Set(names) == Set(Self.v2["definitions"]?.object?.allKeys ?? []))
    #expect(names.count == Set(names).count)
    let paths = try #require(reader.messages(8).first).messages(2).map { $0.text(1) ?? "" }
    #expect(paths == Self.v2["paths"]?.object?.allKeys ?? [])
  }

  @Test func explainsFields() throws {
    let kind = try #require(Catalog.builtIn.kind(group: "apps", version: "v1", kind: "Deployment"))
    let explanation = try #require(Self.api.explain(kind, path: ["spec", "template", "spec", "containers"]))
    #expect(explanation.type == "[]Container")
    #expect(explanation.fields.contains { $0.name == "image" && $0.type == "string" && !$0.isRequired })
    #expect(explanation.fields.contains { $0.name == "name" && $0.isRequired })
    #expect(Self.api.explain(kind, path: ["spec", "nope"]) == nil)
  }

  @Test func findsFieldsByTheirWords() throws {
    for text in ["node selector", "nodeSelector", "NODESELECTOR"] {
      let best = try #require(Self.api.search(text, limit: 3).found.first)
      #expect(best.place.kind.kind == "Pod" && best.place.path == ["spec", "nodeSelector"], "\(text)")
      #expect(best.line.type == "map[string]string")
      #expect(best.others.contains { $0.kind.kind == "Deployment" && $0.path.last == "nodeSelector" })
    }
    let policy = try #require(Self.api.search("restartPolicy", limit: 50).found.first { $0.place.kind.kind == "Pod" })
    #expect(policy.place.path == ["spec", "restartPolicy"])
    #expect(policy.line.defaultValue == "Always" && policy.line.allowedValues == ["Always", "Never", "OnFailure"])
    let replicas = try #require(Self.api.search("deployment replicas", limit: 1).found.first)
    #expect(
      replicas.place.kind.kind == "Deployment" && replicas.place.path.last?.lowercased().hasSuffix("replicas") == true)
    #expect(Self.api.search("statefulset", limit: 1).found.first?.place.path == [])
    #expect(Self.api.search("spec", limit: 2).found.count == 2)
    #expect(Self.api.search("nothing of this kind", limit: 9).total == 0)
    #expect(Self.api.search("  ", limit: 9).total == 0)
  }

  @Test func allowedValuesAreForReaders() throws {
    let served = try JSON.parse(try #require(Self.api.v3("api/v1")))
    let policy = served.at("components", "schemas", "io.k8s.api.core.v1.PodSpec", "properties", "restartPolicy")
    #expect(policy?["enum"] == ["Always", "Never", "OnFailure"])
    for file in try Self.api.exported() {
      #expect(!String(decoding: file.bytes, as: UTF8.self).contains("\"enum\": ["))
    }
  }

  @Test func generatorsAreToldOfNulls() throws {
    let file = try #require(try Self.api.exported().first { $0.name == "openapi.json" })
    let schemas = try #require(try JSON.parse(file.bytes).at("components", "schemas"))
    func property(_ type: String, _ field: String) -> JSON? { schemas.at("io.k8s.api." + type, "properties", field) }
    let time = property("core.v1.Event", "eventTime")
    #expect(time?["nullable"] == true && time?["format"] == "date-time" && time?["$ref"] == nil)
    #expect(property("rbac.v1.Role", "rules")?["nullable"] == true)
    #expect(property("core.v1.PodSpec", "containers")?["nullable"] == nil)
    let served = try JSON.parse(try #require(Self.api.v3("apis/events.k8s.io/v1")))
    #expect(!served.text.contains("\"nullable\":"))
  }

  private func references(_ json: JSON) -> [String] {
    switch json {
    case .object(let members):
      members.flatMap { $0.key == "$ref" ? [$0.value.string].compactMap { $0 } : references($0.value) }
    case .array(let elements): elements.flatMap(references)
    default: []
    }
  }
}

/// Reads protobuf without a schema, for looking into what was written.
struct MessageReader {
  private var fields: [(number: Int, bytes: [UInt8])] = []

  init(_ bytes: [UInt8]) {
    var index = 0
    func varint() -> Int {
      var value = 0
      var shift = 0
      while index < bytes.count {
        let byte = bytes[index]
        index += 1
        value |= Int(byte & 0x7f) << shift
        shift += 7
        if byte < 0x80 { break }
      }
      return value
    }
    while index < bytes.count {
      let tag = varint()
      let value = varint()
      guard tag & 7 == 2 else { continue }
      fields.append((tag >> 3, Array(bytes[index..<index + value])))
      index += value
    }
  }

  func text(_ number: Int) -> String? {
    fields.first { $0.number == number }.map { String(decoding: $0.bytes, as: UTF8.self) }
  }

  func messages(_ number: Int) -> [MessageReader] {
    fields.filter { $0.number == number }.map { MessageReader($0.bytes) }
  }
}
