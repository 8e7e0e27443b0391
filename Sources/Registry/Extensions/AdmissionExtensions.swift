import Objects
import Schemas
import Synchronization

/// All that extends admission in one state of the cluster, read once.
final class AdmissionExtensions: Sendable {
  let mutatingPolicies: [MutatingPolicy]
  let mutatingWebhooks: [Webhook]
  let validatingPolicies: [ValidatingPolicy]
  let validatingWebhooks: [Webhook]

  private struct Slot: Hashable {
    let kind: Kind
    let operation: WriteContext.Operation
  }

  private let known = Mutex<[Slot: Extenders?]>([:])
  /// Kinds come and go with their definitions.
  private static let knownLimit = 4096

  /// nil where nothing does.
  init?(_ snapshot: Snapshot) {
    mutatingPolicies = MutatingPolicy.all(snapshot)
    mutatingWebhooks = Webhook.all(snapshot, .mutatingWebhooks)
    validatingPolicies = ValidatingPolicy.all(snapshot)
    validatingWebhooks = Webhook.all(snapshot, .validatingWebhooks)
    let isEmpty = [
      mutatingPolicies.isEmpty, mutatingWebhooks.isEmpty, validatingPolicies.isEmpty, validatingWebhooks.isEmpty,
    ]
    if isEmpty.allSatisfy({ $0 }) { return nil }
  }

  /// The resources that say what extends admission: nothing of it is asked about their own objects, or nobody could mend them.
  static let resources: [GroupResource] = [
    .validatingPolicies, .validatingPolicyBindings, .mutatingPolicies, .mutatingPolicyBindings, .mutatingWebhooks,
    .validatingWebhooks,
  ]

  /// Those who may have a say; nil where nobody has.
  func extenders(
    of kind: Kind, _ operation: WriteContext.Operation, _ equivalents: () -> [Kind]
  ) -> Extenders? {
    let slot = Slot(kind: kind, operation: operation)
    if let known = known.withLock({ $0[slot] }) { return known }
    let isExempt = Self.resources.contains(kind.resource)
    let found = isExempt ? nil : Extenders(self, equivalents(), operation)
    known.withLock { known in
      if known.count >= Self.knownLimit { known = [:] }
      known[slot] = .some(found)
    }
    return found
  }
}

/// The extensions as a function of the snapshot: read anew when a configuration has changed, and only then.
final class ExtensionTable: Sendable {
  private struct State {
    var sources: [ObjectSlice] = []
    var extensions: AdmissionExtensions?
  }

  private let state = Mutex(State())

  func extensions(of snapshot: Snapshot) -> AdmissionExtensions? {
    let known = state.withLock { state -> State? in
      for (index, resource) in AdmissionExtensions.resources.enumerated() {
        let source = snapshot.objects(resource)
        if state.sources.isEmpty ? !source.isEmpty : !state.sources[index].isSame(as: source) { return nil }
      }
      return state
    }
    if let known { return known.extensions }
    let extensions = AdmissionExtensions(snapshot)
    state.withLock { state in
      state = State(sources: AdmissionExtensions.resources.map { snapshot.objects($0) }, extensions: extensions)
    }
    return extensions
  }
}

extension GroupResource {
  private static let admission = "admissionregistration.k8s.io"
  static let validatingPolicies = GroupResource(admission, "validatingadmissionpolicies")
  static let validatingPolicyBindings = GroupResource(admission, "validatingadmissionpolicybindings")
  static let mutatingPolicies = GroupResource(admission, "mutatingadmissionpolicies")
  static let mutatingPolicyBindings = GroupResource(admission, "mutatingadmissionpolicybindings")
  static let mutatingWebhooks = GroupResource(admission, "mutatingwebhookconfigurations")
  static let validatingWebhooks = GroupResource(admission, "validatingwebhookconfigurations")
}
