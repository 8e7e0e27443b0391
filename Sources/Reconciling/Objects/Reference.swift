import JSONCore
import Objects

/// Who an object is, as owner references and events write it.
public struct Reference: Sendable, Equatable {
  public var apiVersion: String
  public var kind: String
  public var namespace: String
  public var name: String
  public var uid: String
  public var revision: Int64

  public init(_ object: Object, _ json: JSON) {
    apiVersion = json.text("apiVersion")
    kind = json.text("kind")
    namespace = object.namespace
    name = object.name
    uid = object.uid
    revision = object.revision
  }

  /// From an object that is at hand as JSON only.
  public init(_ json: JSON, key: Key, uid: String) {
    apiVersion = json.text("apiVersion")
    kind = json.text("kind")
    namespace = key.namespace
    name = key.name
    self.uid = uid
    revision = Int64(json["metadata"]?.text("resourceVersion") ?? "") ?? 0
  }

  /// As the controller in `metadata.ownerReferences`.
  public var asController: JSON {
    [
      "apiVersion": .string(apiVersion), "kind": .string(kind), "name": .string(name), "uid": .string(uid),
      "controller": true, "blockOwnerDeletion": true,
    ]
  }

  /// As `involvedObject` of an event.
  public var asInvolved: JSON {
    var result: JSON = [
      "apiVersion": .string(apiVersion), "kind": .string(kind), "name": .string(name), "uid": .string(uid),
      "resourceVersion": .string(String(revision)),
    ]
    if !namespace.isEmpty { result["namespace"] = .string(namespace) }
    return result
  }
}

extension JSON {
  /// The owner reference with `controller: true`.
  public var controllerReference: JSON? {
    at("metadata", "ownerReferences")?.array?.first { $0["controller"]?.bool == true }
  }

  public var isBeingDeleted: Bool { at("metadata", "deletionTimestamp") != nil }

  public var generation: Int { at("metadata", "generation")?.int ?? 0 }

  public var finalizers: [String] { self["metadata"]?.list("finalizers").compactMap(\.string) ?? [] }

  public func annotation(_ key: String) -> String? { at("metadata", "annotations")?[key]?.string }

  /// A count that a controller keeps in an annotation, where anybody can write: 0 when it is none, and never beyond the
  /// range of an `int32`, so that it can be added to.
  public func count(inAnnotation key: String) -> Int {
    min(max(0, annotation(key).flatMap { Int($0) } ?? 0), Int(Int32.max))
  }

  public func label(_ key: String) -> String? { at("metadata", "labels")?[key]?.string }
}
