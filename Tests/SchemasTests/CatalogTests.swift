import JSONCore
import Objects
import Testing

@testable import Schemas

@Suite struct CatalogTests {
  let catalog = Catalog.builtIn

  @Test func knowsEveryGroupInDiscoveryOrder() throws {
    #expect(catalog.kinds.first?.name == "Binding")
    #expect(catalog.kinds.last?.group == "storage.k8s.io")
    #expect(catalog.kinds.count > 60)
  }

  @Test func findsKindsByNameAndResource() throws {
    let deployment = try #require(catalog.kind(group: "apps", version: "v1", resource: "deployments"))
    #expect(deployment.name == "Deployment")
    #expect(deployment.apiVersion == "apps/v1")
    #expect(deployment.listName == "DeploymentList")
    #expect(deployment.shortNames == ["deploy"])
    #expect(deployment.isNamespaced)
    #expect(deployment.verbs.count == 8)
    #expect(
      deployment.subresource("scale")?.kind == GroupVersionKind(group: "autoscaling", version: "v1", kind: "Scale"))
    #expect(catalog.kind(group: "apps", version: "v1", kind: "Deployment") === deployment)
    #expect(catalog.kind(GroupResource("apps", "deployments")) === deployment)
    let scaler = try #require(catalog.kind(GroupResource("autoscaling", "horizontalpodautoscalers")))
    #expect(scaler.version == "v2")
  }

  @Test func linksTypesAcrossFiles() throws {
    let pod = try #require(catalog.schema(named: "io.k8s.api.core.v1.PodSpec"))
    let containers = try #require(pod.field("containers"))
    #expect(containers.isRequired)
    #expect(containers.mergeKey == "name")
    #expect(containers.patchStrategy.merges)
    #expect(containers.listType == .map)
    #expect(containers.type.objectSchema?.goName == "Container")
    #expect(containers.numbers == [2])
    #expect(!containers.documentation.isEmpty)
    let properties = try #require(
      catalog.schema(named: "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"))
    #expect(properties.field("properties")?.type.objectSchema === properties)
  }

  @Test func everyFieldHasWords() {
    for schema in catalog.schemas {
      #expect(!schema.documentation.isEmpty, "\(schema.name)")
      for field in schema.fields { #expect(!field.documentation.isEmpty, "\(schema.name).\(field.name)") }
    }
  }

  @Test(arguments: [
    "v1 Status", "v1 PodList", "v1 List", "apps/v1 DeleteOptions", "v1 DeleteOptions", "policy/v1 Eviction",
    "v1 Binding",
    "authentication.k8s.io/v1 TokenRequest", "authentication.k8s.io/v1 TokenReview", "autoscaling/v1 Scale",
    "authorization.k8s.io/v1 SelfSubjectAccessReview", "meta.k8s.io/v1 PartialObjectMetadataList",
    "apps/v1 DeploymentList", "v1 Event", "events.k8s.io/v1 Event",
  ]) func knowsTheKindsOfBodies(text: String) throws {
    let words = text.split(separator: " ").map(String.init)
    let schema = try #require(catalog.schema(of: GroupVersionKind(apiVersion: words[0], kind: words[1])))
    #expect(schema.goName == words[1])
  }
}
