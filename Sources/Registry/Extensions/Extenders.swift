import Objects
import Schemas

/// Those of the extensions that may have a say in an operation on the objects of a kind.
final class Extenders: Sendable {
  /// One who may change the object, in the order in which they are asked.
  enum Mutator: Sendable {
    case policy(MutatingPolicy)
    case webhook(Webhook)

    var isReinvoked: Bool {
      switch self {
      case .policy(let policy): policy.isReinvoked
      case .webhook(let webhook): webhook.isReinvoked
      }
    }
  }

  let mutators: [Mutator]
  let policies: [ValidatingPolicy]
  let webhooks: [Webhook]
  /// The kinds that have the same objects, that of the request first.
  let equivalents: [Kind]

  /// nil where nobody has.
  init?(_ all: AdmissionExtensions, _ kinds: [Kind], _ operation: WriteContext.Operation) {
    func concerned(_ rules: MatchRules) -> Bool { rules.mayConcern(kinds, operation) }
    let policies = operation == .delete ? [] : all.mutatingPolicies.filter { concerned($0.scope.match) }
    mutators =
      policies.map(Mutator.policy)
      + all.mutatingWebhooks.filter { concerned($0.match) }.map(Mutator.webhook)
    self.policies = all.validatingPolicies.filter { concerned($0.scope.match) }
    webhooks = all.validatingWebhooks.filter { concerned($0.match) }
    equivalents = kinds
    if mutators.isEmpty, self.policies.isEmpty, webhooks.isEmpty { return nil }
  }
}
