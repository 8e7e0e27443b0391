import Expressions
import JSONCore
import Objects
import Schemas
import Validation

/// What the expressions of one policy see of one request, and the budget that they share.
struct PolicyFacts {
  private(set) var values: [String: Value]
  private var definitions: Definitions
  private var budget = Self.budget

  /// In steps of the evaluator; the stock server reckons in units of about the same size.
  private static let budget = 10_000_000

  init(
    _ request: AdmissionRequest, as kind: Kind, params: JSON?, namespace: JSON?, _ definitions: Definitions,
    authorizer: AccessCheck
  ) {
    self.definitions = definitions
    values = [
      "object": Value(request.object ?? .null), "oldObject": Value(request.old ?? .null),
      "request": Value(request.json(as: kind), AdmissionVariables.request), "params": Value(params ?? .null),
      "namespaceObject": Value(namespace ?? .null, AdmissionVariables.namespace), "authorizer": .access(authorizer),
    ]
  }

  /// - Throws: in the words that the client is told.
  mutating func value(_ item: PolicyExpressions.Item) throws(PolicyFault) -> Value {
    switch item.outcome {
    case .failure(let error): throw PolicyFault("compilation error: \(error.complaint(in: item.text))")
    case .success(let program):
      guard budget > 0 else { throw Self.exhausted }
      do throws(EvaluationError) {
        return try program.value(values, &definitions, budget: &budget)
      } catch {
        if budget < 0 { throw Self.exhausted }
        throw PolicyFault("expression '\(item.text)' resulted in error: \(error.message)")
      }
    }
  }

  private static let exhausted = PolicyFault(
    "validation failed due to running out of cost budget, no further validation rules will be run")

  /// Whether the conditions hold that a request has to fulfil to be judged at all.
  /// - Throws: when none is false, but one has no value.
  mutating func fulfil(_ conditions: [PolicyExpressions.Named]) throws(PolicyFault) -> Bool {
    var faults: [String] = []
    for condition in conditions {
      do throws(PolicyFault) {
        if case .bool(false) = try value(condition.expression) { return false }
      } catch {
        faults.append(error.message)
      }
    }
    if faults.isEmpty { return true }
    throw PolicyFault(faults.count == 1 ? faults[0] : "[\(faults.joined(separator: ", "))]")
  }

  /// The object that later expressions see.
  mutating func replaceObject(_ object: JSON) { values["object"] = Value(object) }
}
