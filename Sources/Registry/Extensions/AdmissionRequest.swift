import JSONCore
import Objects
import Schemas

/// What a write asks of those who extend admission (`AdmissionRequest` of admission.k8s.io).
struct AdmissionRequest: Sendable {
  let operation: WriteContext.Operation
  /// What the path of the request names.
  let kind: Kind
  /// What the object is: `Scale` for the scale of a deployment.
  let objectKind: GroupVersionKind
  /// "" for the object itself.
  let subresource: String
  let namespace: String
  let name: String
  /// nil in a deletion.
  var object: JSON?
  /// nil in a creation.
  var old: JSON?
  /// `CreateOptions`, `UpdateOptions`, …
  let options: JSON
  let caller: Caller
  let isDryRun: Bool

  /// The labels that namespace selectors look at; nil for objects that are in no namespace.
  func namespaceLabels(_ snapshot: Snapshot) -> Labels? {
    if kind.resource == .namespaces {
      if let object, subresource.isEmpty { return Labels(object.at("metadata", "labels")) }
      return snapshot[Key(.namespaces, name: name)]?.labels ?? old.map { Labels($0.at("metadata", "labels")) }
    }
    guard kind.isNamespaced else { return nil }
    return snapshot[Key(.namespaces, name: namespace)]?.labels ?? Labels([])
  }

  /// The request without the objects.
  /// - Parameter seen: the kind that it is seen as, by a rule for another version.
  func json(as seen: Kind) -> JSON {
    let version = GroupVersionKind(group: seen.group, version: seen.version, kind: objectKind.kind)
    let shown = objectKind.group == kind.group ? version : objectKind
    var result: JSON = [
      "kind": Self.identity(shown), "resource": Self.resource(seen), "requestKind": Self.identity(objectKind),
      "requestResource": Self.resource(kind), "operation": .string(operation.rawValue), "userInfo": Self.user(caller),
      "options": options, "dryRun": .bool(isDryRun),
    ]
    if !name.isEmpty { result["name"] = .string(name) }
    if !namespace.isEmpty { result["namespace"] = .string(namespace) }
    if !subresource.isEmpty {
      result["subResource"] = .string(subresource)
      result["requestSubResource"] = .string(subresource)
    }
    return result
  }

  private static func identity(_ kind: GroupVersionKind) -> JSON {
    ["group": .string(kind.group), "version": .string(kind.version), "kind": .string(kind.kind)]
  }

  private static func resource(_ kind: Kind) -> JSON {
    [
      "group": .string(kind.group), "version": .string(kind.version), "resource": .string(kind.resource.resource),
    ]
  }

  private static func user(_ caller: Caller) -> JSON {
    var result: JSON = ["username": .string(caller.name)]
    if !caller.uid.isEmpty { result["uid"] = .string(caller.uid) }
    if !caller.groups.isEmpty { result["groups"] = JSON(caller.groups) }
    if !caller.extra.isEmpty {
      result["extra"] = .object(Members(caller.extra.map { ($0.key, JSON($0.value)) }))
    }
    return result
  }
}

extension WriteContext {
  /// The write as those see it who extend admission.
  func request(_ object: JSON?, old: JSON?) throws(Status) -> AdmissionRequest {
    var (object, old) = (object, old)
    if let view {
      if let shown = object { object = try view(shown) }
      if let shown = old { old = try view(shown) }
    }
    return AdmissionRequest(
      operation: operation, kind: kind, objectKind: objectKind, subresource: seenSubresource ?? "",
      namespace: kind.resource == .namespaces ? name : kind.isNamespaced ? namespace : "", name: name, object: object,
      old: old, options: optionsJSON, caller: caller, isDryRun: isDryRun)
  }

  /// Only the scale is stored as the object that it is the scale of.
  private var seenSubresource: String? { view != nil && operation == .update ? "scale" : subresource }

  private var objectKind: GroupVersionKind {
    seenSubresource.flatMap { kind.subresource($0)?.kind } ?? kind.groupVersionKind
  }

  private static let optionKinds: [Operation: String] = [
    .create: "CreateOptions", .update: "UpdateOptions", .delete: "DeleteOptions",
  ]

  private var optionsJSON: JSON {
    // A connection has none.
    guard let kind = Self.optionKinds[operation] else { return .null }
    var result: JSON = ["apiVersion": "meta.k8s.io/v1", "kind": .string(kind)]
    if !fieldManager.isEmpty, operation != .delete { result["fieldManager"] = .string(fieldManager) }
    if isDryRun { result["dryRun"] = ["All"] }
    return result
  }
}
