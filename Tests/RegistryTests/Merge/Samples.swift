import JSONCore
import Schemas
import Testing
import Values

@testable import Registry

/// Objects and short ways to write them to managed fields.
enum Samples {
  static func schema(_ name: String) throws -> ObjectSchema {
    try #require(Catalog.builtIn.schema(named: "io.k8s.api." + name))
  }

  static func writer(_ manager: String, _ apiVersion: String = "v1", at seconds: Int64 = 1_000_000) -> FieldWriter {
    FieldWriter(manager: manager, apiVersion: apiVersion, time: Instant(seconds: seconds))
  }

  static func configMap(_ data: JSON) -> JSON {
    ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "cm"], "data": data]
  }

  static func deployment(_ containers: JSON, replicas: Int = 0) -> JSON {
    [
      "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "web"],
      "spec": [
        "replicas": JSON(replicas), "selector": ["matchLabels": ["app": "web"]],
        "template": ["metadata": ["labels": ["app": "web"]], "spec": ["containers": containers]],
      ],
    ]
  }

  static func decoded(_ object: JSON, _ schema: ObjectSchema) throws -> JSON {
    var unknown: [String] = []
    return try schema.decode(object, unknown: &unknown)
  }
}

/// One object that managers write to, as the server would store it.
struct Scene {
  var live: JSON?
  let kind: GroupVersionKind
  let schema: ObjectSchema
  var clock: Int64 = 1_000_000

  init(_ group: String, _ version: String, _ kind: String, _ schema: String) throws {
    self.kind = GroupVersionKind(group: group, version: version, kind: kind)
    self.schema = try Samples.schema(schema)
  }

  mutating func apply(_ manager: String, _ configuration: JSON, force: Bool = false) throws {
    clock += 1
    let writer = Samples.writer(manager, kind.apiVersion, at: clock)
    let applied = try ManagedFields.apply(configuration, to: live, kind, by: writer, force: force, schema)
    live = try Samples.decoded(applied.object, schema)
  }

  mutating func update(_ manager: String, subresource: String = "", _ new: JSON) throws {
    clock += 1
    var writer = Samples.writer(manager, kind.apiVersion, at: clock)
    writer.subresource = subresource
    let object = try Samples.decoded(new, schema)
    live = ManagedFields.recorded(old: live, new: object, by: writer, schema)
  }

  /// `manager Operation: fields` of each entry.
  var owners: [String] {
    (ManagedFields(of: live).json?.array ?? []).map {
      "\($0.text("manager")) \($0.text("operation")): \($0["fieldsV1"]?.text ?? "")"
    }
  }
}
