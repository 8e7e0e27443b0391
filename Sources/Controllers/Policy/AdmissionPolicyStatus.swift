import Expressions
import JSONCore
import Objects
import Reconciling
import Schemas
import Validation
import Values

/// Says of each ValidatingAdmissionPolicy what its expressions would do wrong with the kinds that it names: the server reads
/// them without knowing what the object is.
public struct AdmissionPolicyStatus: Controller {
  public let name = "validatingadmissionpolicy-status-controller"

  public init() {}

  public var watches: [Watch] { [.each(.admissionPolicies)] }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key] else { return .nothing }
    let json = object.json
    var status = json["status"] ?? .emptyObject
    if status["observedGeneration"]?.int ?? 0 >= json.generation { return .nothing }
    status["observedGeneration"] = JSON(json.generation)
    let warnings = Self.warnings(json["spec"] ?? .emptyObject, Self.kinds(snapshot))
    status["typeChecking"] = warnings.isEmpty ? .emptyObject : ["expressionWarnings": .array(warnings)]
    return Plan(Action.status(object, from: json["status"], to: status).map { [$0] } ?? [])
  }

  /// The built-in kinds, and those of the definitions.
  private static func kinds(_ snapshot: Snapshot) -> [Kind] {
    let base = Catalog.builtIn
    return base.kinds
      + snapshot.objects(.customResourceDefinitions).flatMap { Kind.custom($0.json, revision: $0.revision, base: base) }
  }

  /// More kinds than this are not checked.
  private static let mostKinds = 10

  static func warnings(_ spec: JSON, _ kinds: [Kind]) -> [JSON] {
    let named = kinds.filter { kind in
      (spec["matchConstraints"]?.list("resourceRules") ?? []).contains { Self.names($0, kind) }
    }.prefix(mostKinds)
    let params = spec["paramKind"].flatMap { wanted in
      let identity = GroupVersionKind(apiVersion: wanted.text("apiVersion"), kind: wanted.text("kind"))
      return kinds.first { $0.groupVersionKind == identity }
    }
    var found: [(path: Path, text: String)] = []
    for kind in named {
      let expressions = PolicyExpressions(
        policy: spec, object: kind.valueType, params: params?.valueType ?? .dynamic)
      for validation in expressions.validations {
        for item in [validation.expression] + (validation.message.map { [$0] } ?? []) {
          guard let fault = item.fault else { continue }
          let group = kind.group.isEmpty ? "/\(kind.version)" : "\(kind.group)/\(kind.version)"
          found.append((item.path, "\(group), Kind=\(kind.name): \(fault.description(in: item.text))\n"))
        }
      }
    }
    var order: [Path] = []
    var texts: [Path: String] = [:]
    for (path, text) in found {
      if texts[path] == nil { order.append(path) }
      texts[path, default: ""] += text
    }
    return order.map { ["fieldRef": .string($0.description), "warning": .string(texts[$0] ?? "")] }
  }

  /// Rules with wildcards name nothing that could be checked.
  private static func names(_ rule: JSON, _ kind: Kind) -> Bool {
    func has(_ field: String, _ value: String) -> Bool { rule.list(field).contains(.string(value)) }
    return has("apiGroups", kind.group) && has("apiVersions", kind.version) && has("resources", kind.resource.resource)
  }
}

extension GroupResource {
  static let admissionPolicies = GroupResource("admissionregistration.k8s.io", "validatingadmissionpolicies")
}
