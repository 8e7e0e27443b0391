import HTTPServer
import JSONCore
import Objects
import Registry
import Schemas
import Values

/// `metrics.k8s.io`: what pods and nodes use, measured when it is asked for. Nothing of it is stored, so it can be read and
/// listed, and not watched.
extension ResourceRoutes {
  func measure(_ call: Call, _ kind: Kind, _ usage: any UsageSource) throws(Status) -> Answer {
    let isList = call.target.verb == "list"
    let representation = try call.representation(isList ? .list : .object, canProtobuf: false)
    let encoding = Encoding(representation, kind, call, cluster)
    let records = UsageRecords(kind: kind, source: usage, snapshot: cluster.snapshot, now: cluster.now)
    let options = try call.listOptions()
    // All pods of a large cluster take a while to sum up.
    return later(call, kind) { (routes) async throws(Status) in
      try await routes.aside { () throws(Status) in
        try routes.measured(records, encoding, call, options: isList ? options : nil)
      }
    }
  }

  /// - Parameter options: of a list; nil for one object.
  private func measured(
    _ records: UsageRecords, _ encoding: Encoding, _ call: Call, options: ListOptions?
  ) throws(Status) -> Response {
    let target = call.target
    if let options {
      let found = records.all(namespace: target.namespace.isEmpty ? nil : target.namespace, options)
      return try shown(ObjectList(objects: found, revision: records.snapshot.revision), encoding, call)
    }
    guard let record = records.one(namespace: target.namespace, name: target.name) else {
      throw .notFound(
        records.kind.resource, target.namespace.isEmpty ? target.name : "\(target.namespace)/\(target.name)")
    }
    return try shown(record, encoding, call)
  }
}

/// Measurements as objects of the API.
struct UsageRecords: Sendable {
  static let group = "metrics.k8s.io"

  let kind: Kind
  let source: any UsageSource
  let snapshot: Snapshot
  let now: Instant

  private var measured: GroupResource { GroupResource("", kind.resource.resource) }

  /// nil when there is no such thing, or no sample of it.
  func one(namespace: String, name: String) -> Object? {
    guard let object = snapshot[Key(measured, namespace: namespace, name: name)] else { return nil }
    return records(of: [object]).first
  }

  func all(namespace: String?, _ options: ListOptions) -> [Object] {
    var objects = snapshot.objects(measured, namespace: namespace, matching: options.labels)
    if let fields = options.fields {
      objects = objects.filter { object in
        fields.matches { ["metadata.name": object.name, "metadata.namespace": object.namespace][$0] ?? nil }
      }
    }
    return records(of: objects)
  }

  private func records(of objects: [Object]) -> [Object] {
    if kind.isNamespaced {
      return source.usage(of: objects, in: snapshot, at: now).compactMap { sample in
        guard let object = snapshot[sample.pod] else { return nil }
        let containers = sample.containers.map { container -> JSON in
          ["name": .string(container.name), "usage": container.usage.json]
        }
        return record(of: object, ["containers": .array(containers)], sample.time, sample.window)
      }
    }
    return source.usage(ofNodes: objects, in: snapshot, at: now).compactMap { sample in
      guard let object = snapshot[Key(measured, name: sample.node)] else { return nil }
      return record(of: object, ["usage": sample.usage.json], sample.time, sample.window)
    }
  }

  private func record(of object: Object, _ content: JSON, _ time: Instant, _ window: Duration) -> Object {
    var json = content
    var metadata: JSON = ["name": .string(object.name), "creationTimestamp": .string(now.rfc3339)]
    if !object.namespace.isEmpty { metadata["namespace"] = .string(object.namespace) }
    if !object.labels.pairs.isEmpty {
      metadata["labels"] = .object(Members(object.labels.pairs.map { ($0.key, .string($0.value)) }))
    }
    json["apiVersion"] = .string(kind.apiVersion)
    json["kind"] = .string(kind.name)
    json["metadata"] = metadata
    json["timestamp"] = .string(time.rfc3339)
    json["window"] = .string("\(window.components.seconds)s")
    return Object(
      key: Key(kind.resource, namespace: object.namespace, name: object.name), revision: object.revision,
      blob: json.blob)
  }
}

extension Usage {
  /// As a metrics server writes it: fine for CPU, in Ki for memory.
  fileprivate var json: JSON {
    ["cpu": .string(cpu.description), "memory": .string("\(memory.value / 1024)Ki")]
  }
}
