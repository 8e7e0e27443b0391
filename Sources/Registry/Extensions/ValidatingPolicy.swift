import Expressions
import JSONCore
import Objects
import Schemas
import Validation

/// A ValidatingAdmissionPolicy in force.
struct ValidatingPolicy: Sendable {
  let scope: PolicyScope
  let expressions: PolicyExpressions
  private let validations: [(message: String, reason: String)]

  private init(_ json: JSON, _ bindings: [PolicyBinding]) {
    let spec = json["spec"] ?? .emptyObject
    scope = PolicyScope(json, bindings)
    expressions = PolicyExpressions(policy: spec)
    validations = spec.list("validations").map { ($0.text("message"), $0.text("reason")) }
  }

  /// Those that a binding puts into force, by name.
  static func all(_ snapshot: Snapshot) -> [ValidatingPolicy] {
    let policies = snapshot.objects(.validatingPolicies)
    if policies.isEmpty { return [] }
    let bindings = PolicyBinding.all(snapshot, .validatingPolicyBindings)
    return policies.compactMap { policy in bindings[policy.name].map { ValidatingPolicy(policy.json, $0) } }
  }

  /// What a policy says of one request: what is wrong with it, and what the audit log should know.
  struct Verdict {
    struct Fault {
      let message: String
      /// Of the Status; "" for that of invalid objects.
      var reason = ""
      /// The number of the validation.
      var index = 0
    }

    var faults: [Fault] = []
    /// What is refused whatever the binding's actions are.
    var errors: [Fault] = []
    var notes: [(key: String, value: String)] = []
  }

  func judge(_ facts: inout PolicyFacts) -> Verdict {
    do throws(PolicyFault) {
      guard try facts.fulfil(expressions.matchConditions) else { return Verdict() }
    } catch {
      return Verdict(faults: scope.isStrict ? [Verdict.Fault(message: error.message)] : [])
    }
    var verdict = Verdict()
    for (index, validation) in expressions.validations.enumerated() {
      if let fault = fault(validation, index, &facts) { verdict.faults.append(fault) }
    }
    for note in expressions.auditAnnotations {
      do throws(PolicyFault) {
        switch try facts.value(note.expression) {
        case .string(let text):
          let value = text.trimmed
          if !value.isEmpty { verdict.notes.append((note.name, String(value.prefix(Self.longestNote)))) }
        default: break
        }
      } catch {
        if scope.isStrict { verdict.errors.append(Verdict.Fault(message: error.message)) }
      }
    }
    return verdict
  }

  private func fault(
    _ validation: PolicyExpressions.Validation, _ index: Int, _ facts: inout PolicyFacts
  ) -> Verdict.Fault? {
    do throws(PolicyFault) {
      if case .bool(true) = try facts.value(validation.expression) { return nil }
    } catch {
      return scope.isStrict ? Verdict.Fault(message: error.message, index: index) : nil
    }
    let (message, reason) = validations[index]
    var words = composed(validation.message, &facts)
    if words.isEmpty { words = message.trimmed }
    if words.isEmpty { words = "failed expression: \(validation.expression.text.trimmed)" }
    return Verdict.Fault(message: words, reason: reason, index: index)
  }

  /// What the expression of a message says; "" when that is not fit for a message.
  private func composed(_ item: PolicyExpressions.Item?, _ facts: inout PolicyFacts) -> String {
    guard let item else { return "" }
    do throws(PolicyFault) {
      guard case .string(let text) = try facts.value(item) else { return "" }
      let words = text.trimmed
      return words.utf8.count > Self.longestMessage || words.contains("\n") ? "" : words
    } catch {
      // The plain message, or the expression itself, serve as well.
      return ""
    }
  }

  /// In bytes.
  private static let longestMessage = 5 << 10
  private static let longestNote = 10 << 10
}

extension String {
  /// Without space at the ends.
  var trimmed: String {
    var rest = Substring(self)
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}
