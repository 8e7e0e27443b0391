import JSONCore
import Objects
import Schemas

/// What policies of both sorts have: whom they concern, and the kind of their parameters.
struct PolicyScope: Sendable {
  let name: String
  let match: MatchRules
  /// What cannot be judged is refused rather than let through (`failurePolicy: Fail`).
  let isStrict: Bool
  /// nil where the policy has no parameters.
  let paramKind: GroupVersionKind?
  let bindings: [PolicyBinding]

  init(_ policy: JSON, _ bindings: [PolicyBinding]) {
    let spec = policy["spec"] ?? .emptyObject
    name = policy.name
    match = MatchRules(spec["matchConstraints"] ?? .emptyObject)
    isStrict = spec.text("failurePolicy") != "Ignore"
    paramKind = spec["paramKind"].map { GroupVersionKind(apiVersion: $0.text("apiVersion"), kind: $0.text("kind")) }
    self.bindings = bindings
  }
}

/// Puts a policy into force for some of the requests that it could judge.
struct PolicyBinding: Sendable {
  let name: String
  let policy: String
  let match: MatchRules
  let parameters: ParameterReference?
  /// `Deny`, `Warn`, `Audit`.
  let actions: [String]

  init(_ json: JSON) {
    let spec = json["spec"] ?? .emptyObject
    name = json.name
    policy = spec.text("policyName")
    match = MatchRules(spec["matchResources"] ?? .emptyObject, isBinding: true)
    parameters = spec["paramRef"].map(ParameterReference.init)
    actions = spec.list("validationActions").compactMap(\.string)
  }

  /// By the names of their policies.
  static func all(_ snapshot: Snapshot, _ resource: GroupResource) -> [String: [PolicyBinding]] {
    Dictionary(grouping: snapshot.objects(resource).map { PolicyBinding($0.json) }, by: \.policy)
  }
}

/// Which objects are the parameters of a policy.
struct ParameterReference: Sendable {
  let name: String
  let namespace: String
  let selector: LabelSelector?
  let deniesWithout: Bool

  init(_ json: JSON) {
    name = json.text("name")
    namespace = json.text("namespace")
    selector = json["selector"].map { json in
      do { return try LabelSelector(json: json) } catch { return .nothing }
    }
    deniesWithout = json.text("parameterNotFoundAction") == "Deny"
  }
}

/// Why a policy cannot be asked: its configuration is wrong.
struct PolicyFault: Error {
  let message: String

  init(_ message: String) { self.message = message }
}

extension Cluster {
  /// The kind of a policy's parameters, as it is at present.
  func paramKind(_ scope: PolicyScope) throws(PolicyFault) -> Kind? {
    guard let wanted = scope.paramKind else { return nil }
    if let kind = catalog.kind(group: wanted.group, version: wanted.version, kind: wanted.kind) { return kind }
    let place = wanted.group.isEmpty ? "/\(wanted.version)" : "\(wanted.group)/\(wanted.version)"
    throw PolicyFault("failed to find resource referenced by paramKind: '\(place), Kind=\(wanted.kind)'")
  }

  /// The parameters of a policy, one evaluation each; a nil among them is one without.
  func parameters(
    _ kind: Kind?, _ reference: ParameterReference?, _ namespace: String, _ snapshot: Snapshot
  ) throws(PolicyFault) -> [JSON?] {
    guard let kind, let reference else { return [nil] }
    var place: String?
    if kind.isNamespaced {
      place = reference.namespace.isEmpty ? namespace : reference.namespace
      if place == "" {
        throw PolicyFault("cannot use namespaced paramRef in policy binding that matches cluster-scoped resources")
      }
    } else if !reference.namespace.isEmpty {
      throw PolicyFault("paramRef.namespace must not be provided for a cluster-scoped `paramKind`")
    }
    var found: [Object]
    if let selector = reference.selector {
      found = snapshot.objects(kind.storedResource, namespace: place, matching: selector)
    } else {
      found = snapshot[key(kind, place ?? "", reference.name)].map { [$0] } ?? []
    }
    if found.isEmpty, reference.deniesWithout {
      throw PolicyFault("no params found for policy binding with `Deny` parameterNotFoundAction")
    }
    var result: [JSON?] = []
    for object in found {
      do { result.append(try presented(object.json, as: kind)) } catch { throw PolicyFault(error.message) }
    }
    return result
  }
}
