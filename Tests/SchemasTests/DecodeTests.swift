import JSONCore
import Testing

@testable import Schemas

@Suite struct DecodeTests {
  let deployment = Catalog.builtIn.kind(group: "apps", version: "v1", resource: "deployments")!
  let pod = Catalog.builtIn.kind(group: "", version: "v1", resource: "pods")!

  private func decode(_ text: String, _ kind: Kind? = nil) throws -> (JSON, [String]) {
    var unknown: [String] = []
    let json = try (kind ?? deployment).decode(try JSON.parse(text), unknown: &unknown)
    return (json, unknown)
  }

  private func message(_ text: String, _ kind: Kind? = nil) -> String {
    do {
      _ = try decode(text, kind)
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test func dropsUnknownFieldsAndTellsTheirPaths() throws {
    let (json, unknown) = try decode(
      #"{"spec":{"replica":2,"template":{"spec":{"containers":[{"name":"c","image":"i:1","imagee":"x"}]}}},"bogus":1}"#)
    #expect(Set(unknown) == ["bogus", "spec.replica", "spec.template.spec.containers[0].imagee"])
    #expect(json["bogus"] == nil)
    #expect(json.at("spec", "replica") == nil)
  }

  @Test func dropsNullsAndEmptyValues() throws {
    let (json, _) = try decode(
      #"{"metadata":{"name":"x","labels":{},"finalizers":[],"annotations":null,"namespace":""},"spec":{"replicas":0}}"#)
    #expect(json["metadata"] == ["name": "x"])
    #expect(json.at("spec", "replicas") == 0)
  }

  @Test func namesWrongTypesAsGoDoes() {
    #expect(
      message(#"{"spec":{"replicas":"x"}}"#)
        == "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32")
    #expect(
      message(#"{"spec":{"template":{"spec":{"containers":{}}}}}"#)
        == "json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container"
    )
    #expect(
      message(#"{"metadata":{"labels":{"a":1}}}"#)
        == "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string")
    #expect(
      message(#"{"spec":{"replicas":1.5}}"#)
        == "json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32")
  }

  @Test func normalisesTimes() throws {
    let (json, _) = try decode(#"{"metadata":{"creationTimestamp":"2026-01-02T03:04:05.678+01:00"}}"#)
    #expect(json.at("metadata", "creationTimestamp") == "2026-01-02T02:04:05Z")
  }

  @Test func normalisesQuantities() throws {
    let (json, _) = try decode(
      #"{"spec":{"containers":[{"resources":{"requests":{"cpu":1500,"memory":"1024Mi","x/y":"1e3"}}}]}}"#, pod)
    let requests = json.at("spec", "containers")?[0]?.at("resources", "requests")
    #expect(requests == ["cpu": "1500", "memory": "1Gi", "x/y": "1e3"])
    #expect(message(#"{"spec":{"overhead":{"cpu":"a"}}}"#, pod).hasPrefix("quantities must match"))
  }

  @Test func recursesThroughJSONSchemas() throws {
    let kind = Catalog.builtIn.kind(
      group: "apiextensions.k8s.io", version: "v1", resource: "customresourcedefinitions")!
    let (json, unknown) = try decode(
      #"{"spec":{"versions":[{"name":"v1","schema":{"openAPIV3Schema":{"type":"object","properties":{"a":{"items":{"type":"x","b":1}}}}}}]}}"#,
      kind)
    #expect(unknown == ["spec.versions[0].schema.openAPIV3Schema.properties.a.items.b"])
    #expect(json["spec"] != nil)
  }
}
