import Expressions
import JSONCore
import Objects

/// The expressions of an admission policy or a webhook, read and checked: what validation judges, the server asks, and the
/// controller of their types warns of.
package struct PolicyExpressions: Sendable {
  package struct Item: Sendable {
    /// Where it stands, in the object.
    package let path: Path
    package let text: String
    package let outcome: Result<Program, CompileError>

    package var fault: CompileError? {
      if case .failure(let error) = outcome { error } else { nil }
    }
  }

  package struct Named: Sendable {
    package let name: String
    package let expression: Item
  }

  package struct Validation: Sendable {
    package let expression: Item
    /// What to say when it does not hold; nil where the policy says it in plain words, or not at all.
    package let message: Item?
  }

  package struct Mutation: Sendable {
    /// A list of operations (RFC 6902) rather than a part of the object.
    package let isPatch: Bool
    package let expression: Item
  }

  package private(set) var matchConditions: [Named] = []
  package private(set) var variables: [Named] = []
  package private(set) var validations: [Validation] = []
  package private(set) var auditAnnotations: [Named] = []
  package private(set) var mutations: [Mutation] = []

  /// The variables that could be read.
  package var definitions: Definitions {
    Definitions(
      variables.compactMap { variable in
        guard case .success(let program) = variable.expression.outcome else { return nil }
        return (variable.name, program)
      })
  }

  /// Every expression, in the order of the object.
  package var all: [Item] {
    matchConditions.map(\.expression) + variables.map(\.expression)
      + validations.flatMap { [$0.expression] + ($0.message.map { [$0] } ?? []) }
      + auditAnnotations.map(\.expression) + mutations.map(\.expression)
  }
}

extension PolicyExpressions {
  /// Those of a policy.
  /// - Parameters:
  ///   - spec: of the policy.
  ///   - object: what the objects are known to be.
  package init(policy spec: JSON, object: ValueType = .dynamic, params: ValueType = .dynamic) {
    let path = Path("spec")
    let params: ValueType? = spec["paramKind"] == nil ? nil : params
    func types(_ known: [String: ValueType]?, hasAuthorizer: Bool = true, isMutation: Bool = false) -> [String:
      ValueType]
    {
      AdmissionVariables.types(
        object: object, params: params, hasAuthorizer: hasAuthorizer, definitions: known, isMutation: isMutation)
    }
    readConditions(spec, path, types(nil))
    var known: [String: ValueType] = [:]
    for (index, variable) in spec.list("variables").enumerated() {
      let place = path.child("variables").index(index).child("expression")
      let item = Item(variable.text("expression"), place, types(known))
      variables.append(Named(name: variable.text("name"), expression: item))
      known[variable.text("name")] = if case .success(let program) = item.outcome { program.type } else { .dynamic }
    }
    for (index, validation) in spec.list("validations").enumerated() {
      let place = path.child("validations").index(index)
      let message = validation.text("messageExpression")
      validations.append(
        Validation(
          expression: Item(validation.text("expression"), place.child("expression"), types(known), yields: [.bool]),
          message: message.isEmpty
            ? nil
            : Item(
              message, place.child("messageExpression"), types(known, hasAuthorizer: false), yields: [.string])))
    }
    for (index, note) in spec.list("auditAnnotations").enumerated() {
      let place = path.child("auditAnnotations").index(index).child("valueExpression")
      let item = Item(note.text("valueExpression"), place, types(known), yields: [.string, .null])
      auditAnnotations.append(Named(name: note.text("key"), expression: item))
    }
    for (index, mutation) in spec.list("mutations").enumerated() {
      let isPatch = mutation["jsonPatch"] != nil
      let field = isPatch ? "jsonPatch" : "applyConfiguration"
      let place = path.child("mutations").index(index).child(field).child("expression")
      let item = Item(mutation[field]?.text("expression") ?? "", place, types(known, isMutation: true))
      mutations.append(Mutation(isPatch: isPatch, expression: item))
    }
  }

  /// Those of a webhook: it has conditions alone.
  package init(webhook: JSON, at path: Path) {
    readConditions(webhook, path, AdmissionVariables.types(params: nil))
  }

  private mutating func readConditions(_ spec: JSON, _ path: Path, _ types: [String: ValueType]) {
    for (index, condition) in spec.list("matchConditions").enumerated() {
      let place = path.child("matchConditions").index(index).child("expression")
      let item = Item(condition.text("expression"), place, types, yields: [.bool])
      matchConditions.append(Named(name: condition.text("name"), expression: item))
    }
  }
}

extension PolicyExpressions.Item {
  /// - Parameter yields: the types that the expression may come to; none for any.
  fileprivate init(_ text: String, _ path: Path, _ types: [String: ValueType], yields: [ValueType] = []) {
    self.text = text
    self.path = path
    outcome = Result { () throws(CompileError) in
      let program = try Program(text, variables: types)
      guard yields.isEmpty || yields.contains(where: { program.type.fits($0) }) else {
        let names = yields.map(\.name)
        let wanted = names.count == 1 ? names[0] : "one of [\(names.joined(separator: " "))]"
        throw CompileError(notYielding: wanted)
      }
      return program
    }
  }

  /// What a policy with such an expression is refused with.
  package var complaint: String? { fault.map { $0.complaint(in: text) } }
}
