import Expressions
import JSONCore
import Objects
import Schemas
import Validation

/// A MutatingAdmissionPolicy in force.
struct MutatingPolicy: Sendable {
  let scope: PolicyScope
  let expressions: PolicyExpressions
  /// Whether it runs once more when others change the object after it.
  let isReinvoked: Bool

  private init(_ json: JSON, _ bindings: [PolicyBinding]) {
    let spec = json["spec"] ?? .emptyObject
    scope = PolicyScope(json, bindings)
    expressions = PolicyExpressions(policy: spec)
    isReinvoked = spec.text("reinvocationPolicy") == "IfNeeded"
  }

  /// Those that a binding puts into force, by name.
  static func all(_ snapshot: Snapshot) -> [MutatingPolicy] {
    let policies = snapshot.objects(.mutatingPolicies)
    if policies.isEmpty { return [] }
    let bindings = PolicyBinding.all(snapshot, .mutatingPolicyBindings)
    return policies.compactMap { policy in bindings[policy.name].map { MutatingPolicy(policy.json, $0) } }
  }

  /// The object after all mutations, each of which sees what the ones before it made.
  /// - Throws: for the first that cannot be made.
  func mutated(_ object: JSON, _ facts: inout PolicyFacts, _ schema: ObjectSchema) throws(PolicyFault) -> JSON {
    guard try facts.fulfil(expressions.matchConditions) else { return object }
    var object = object
    for mutation in expressions.mutations {
      let value = try facts.value(mutation.expression)
      object = mutation.isPatch ? try Self.patched(object, value) : try Self.merged(object, value, schema)
      facts.replaceObject(object)
    }
    return object
  }

  private static func patched(_ object: JSON, _ value: Value) throws(PolicyFault) -> JSON {
    guard case .list(let operations) = value else {
      throw PolicyFault("unexpected evaluation result type: must be a list of JSONPatch")
    }
    return try patched(object, .array(operations.compactMap(\.json)))
  }

  static func patched(_ object: JSON, _ operations: JSON) throws(PolicyFault) -> JSON {
    do throws(JSONPatchError) {
      return try JSONPatch(operations).applied(to: object)
    } catch {
      switch error {
      case .malformed(let why), .failed(let why): throw PolicyFault(why)
      case .tooManyOperations(let count): throw PolicyFault("too many operations: \(count)")
      }
    }
  }

  /// What belongs to the server, or says what the object is.
  private static let foreign = [
    "name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "generation", "managedFields",
    "resourceVersion", "selfLink",
  ]

  private static func merged(_ object: JSON, _ value: Value, _ schema: ObjectSchema) throws(PolicyFault) -> JSON {
    guard case .map = value, var applied = value.json else {
      throw PolicyFault("unexpected evaluation result type: must be Object")
    }
    for field in ["apiVersion", "kind"] where applied[field] != nil {
      throw PolicyFault("error applying patch: \(field) may not be set")
    }
    if let metadata = applied["metadata"]?.object, let field = foreign.first(where: { metadata[$0] != nil }) {
      throw PolicyFault("error applying patch: metadata.\(field) may not be set")
    }
    for field in ["apiVersion", "kind"] { applied[field] = object[field] }
    if let problem = AppliedCheck.problem(in: applied, schema) { throw PolicyFault("error applying patch: \(problem)") }
    return object.merged(with: applied, schema)
  }
}
