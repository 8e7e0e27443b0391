import JSONCore
import Objects
import Schemas
import Synchronization

/// All that extends admission in one state of the cluster, read once.
final class AdmissionExtensions: Sendable {
  let validatingPolicies: [ValidatingPolicy]

  /// nil where nothing does.
  fileprivate init?(_ snapshot: Snapshot) {
    validatingPolicies = ValidatingPolicy.all(snapshot)
    if validatingPolicies.isEmpty { return nil }
  }

  /// The resources that say what extends admission: nothing of it is asked about their own objects, or nobody could mend them.
  static let resources: [GroupResource] = [
    .validatingPolicies, .validatingPolicyBindings, .mutatingPolicies, .mutatingPolicyBindings, .mutatingWebhooks,
    .validatingWebhooks,
  ]
}

/// The extensions as a function of the snapshot: read anew when a configuration has changed, and only then.
final class ExtensionTable: Sendable {
  private struct State {
    var sources: [ObjectSlice] = []
    var extensions: AdmissionExtensions?
  }

  private let state = Mutex(State())

  func extensions(of snapshot: Snapshot) -> AdmissionExtensions? {
    let known = state.withLock { state in
      for (index, resource) in AdmissionExtensions.resources.enumerated() {
        let source = snapshot.objects(resource)
        if state.sources.isEmpty ? !source.isEmpty : !state.sources[index].isSame(as: source) { return State?.none }
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
