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

  @Test func anyValueAnywhereIsDecodedOrRefused() {
    let values: [JSON] = [.null, true, 1, 1.5, "x", [1, .null, "y"], ["a": 1, "b": .null], [], .emptyObject]
    for schema in Catalog.builtIn.schemas {
      for field in schema.fields {
        for value in values {
          var unknown: [String] = []
          let body = JSON.object(Members([(field.name, value)]))
          do {
            let decoded = try schema.decode(body, unknown: &unknown)
            #expect(
              try schema.decode(decoded, unknown: &unknown) == decoded, "\(schema.name).\(field.name) \(value.text)")
            if !field.numbers.isEmpty {
              var coder = Transcoder(capacity: 0)
              coder.message(decoded.blob, schema)
            }
          } catch {
            #expect(!error.message.isEmpty)
          }
        }
      }
    }
  }

  @Test func timesMayLieFarAhead() throws {
    let text = #"{"metadata":{"deletionTimestamp":"9999-12-28T23:59:59Z"}}"#
    #expect(try decode(text).0.at("metadata", "deletionTimestamp") == "9999-12-28T23:59:59Z")
    #expect(message(#"{"metadata":{"deletionTimestamp":"2026-13-01T00:00:00Z"}}"#).hasPrefix("parsing time"))
  }

  @Test func customResourcesKeepWhatTheySay() throws {
    let part = ObjectSchema(fields: [
      Field(name: "size", type: .int64, defaultValue: 1), Field(name: "note", type: .string, isNullable: true),
    ])
    let open = ObjectSchema(fields: [], preservesUnknownFields: true)
    let schema = ObjectSchema(fields: [
      Field(name: "parts", type: .array(.object(part))), Field(name: "free", type: .object(open)),
    ])
    var unknown: [String] = []
    let json = try JSON.parse(
      #"{"parts":[{"note":null,"size":null,"x":1},{"size":"wrong"}],"free":{"z":1,"a":{"b":null}},"gone":1}"#)
    let decoded = try schema.decode(json, unknown: &unknown)
    #expect(decoded.text == #"{"free":{"a":{"b":null},"z":1},"parts":[{"note":null,"size":1},{"size":"wrong"}]}"#)
    #expect(unknown.sorted() == ["gone", "parts[0].x"])
  }
}
