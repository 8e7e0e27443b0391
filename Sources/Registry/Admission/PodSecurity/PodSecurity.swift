import JSONCore
import Objects
import Validation

/// Holds pods to the security level of their namespace: refuses what it enforces, warns about what it only wants to know.
/// Templates of workloads are warned about alone, since their pods are judged when they are made.
enum PodSecurity {
  /// Subresources that cannot change what a pod may do.
  private static let ignored: Set<String> = [
    "exec", "attach", "binding", "eviction", "log", "portforward", "proxy", "status",
  ]
  /// When a namespace becomes stricter, this many of its pods are looked at.
  private static let podLimit = 3000

  static func validate(_ object: JSON, _ old: JSON?, _ context: inout WriteContext) throws(Status) {
    if context.resource == .namespaces {
      if context.subresource == nil { try validateNamespace(object, old, &context) }
    } else if context.resource == .pods {
      if let subresource = context.subresource, ignored.contains(subresource) { return }
      guard let policy = policy(of: context) else {
        context.notes?.add(enforcedNote, SecurityLevel().description)
        return
      }
      guard old.map({ isSignificant(object, $0) }) ?? true else { return }
      try evaluate(object, policy, &context, isEnforced: true)
    } else if context.subresource == nil, let path = Warnings.templatePaths[context.resource] {
      guard let policy = policy(of: context), policy.warn.name != .privileged || policy.audit.name != .privileged,
        let template = object.value(at: path[...]), template["spec"] != nil
      else { return }
      try evaluate(template, policy, &context, isEnforced: false)
    }
  }

  /// nil where everything goes.
  private static func policy(of context: WriteContext) -> SecurityPolicy? {
    guard let namespace = context.snapshot[Key(.namespaces, name: context.namespace)] else { return nil }
    var errors: [FieldError] = []
    let policy = SecurityPolicy(namespace.labels, errors: &errors)
    return policy == SecurityPolicy.open ? nil : policy
  }

  private static func evaluate(
    _ pod: JSON, _ policy: SecurityPolicy, _ context: inout WriteContext, isEnforced: Bool
  ) throws(Status) {
    let subject = SecuritySubject(pod)
    note(subject, policy, context, isEnforced: isEnforced)
    if isEnforced {
      let violations = SecurityChecks.violations(of: subject, policy.enforce)
      if !violations.isEmpty {
        throw context.forbidden(
          "violates PodSecurity \(Status.quoted(policy.enforce.description)): \(violations.details)")
      }
      if policy.warn == policy.enforce { return }
    }
    let violations = SecurityChecks.violations(of: subject, policy.warn)
    if violations.isEmpty { return }
    context.warnings.append(
      "would violate PodSecurity \(Status.quoted(policy.warn.description)): \(violations.details)")
  }

  /// What the audit log should say: the level that was enforced, and what another one would have found.
  private static func note(
    _ subject: SecuritySubject, _ policy: SecurityPolicy, _ context: WriteContext, isEnforced: Bool
  ) {
    guard let notes = context.notes else { return }
    if isEnforced { notes.add(enforcedNote, policy.enforce.description) }
    let violations = SecurityChecks.violations(of: subject, policy.audit)
    if violations.isEmpty { return }
    notes.add(
      violationsNote,
      "would violate PodSecurity \(Status.quoted(policy.audit.description)): \(violations.details)")
  }

  private static let enforcedNote = SecurityPolicy.prefix + "enforce-policy"
  private static let violationsNote = SecurityPolicy.prefix + "audit-violations"

  // MARK: - what changed

  /// Whether a change of a pod could change what it may do: images, and the profiles that old pods name in annotations.
  private static func isSignificant(_ pod: JSON, _ old: JSON) -> Bool {
    func annotation(_ object: JSON, _ key: String) -> JSON? { object.at("metadata", "annotations", key) }
    if annotation(pod, seccompPod) != annotation(old, seccompPod) { return true }
    func isSame(_ container: JSON, _ before: JSON) -> Bool {
      let key = seccompContainer + container.text("name")
      return container.text("image") == before.text("image") && annotation(pod, key) == annotation(old, key)
    }
    for list in ["containers", "initContainers"] {
      let now = pod["spec"]?.list(list) ?? []
      let before = old["spec"]?.list(list) ?? []
      guard now.count == before.count, zip(now, before).allSatisfy(isSame) else { return true }
    }
    let before = old["spec"]?.list("ephemeralContainers") ?? []
    return (pod["spec"]?.list("ephemeralContainers") ?? []).contains { container in
      guard let match = before.first(where: { $0.text("name") == container.text("name") }) else { return true }
      return !isSame(container, match)
    }
  }

  static let seccompPod = "seccomp.security.alpha.kubernetes.io/pod"
  static let seccompContainer = "container.seccomp.security.alpha.kubernetes.io/"

  // MARK: - namespaces

  private static func validateNamespace(_ object: JSON, _ old: JSON?, _ context: inout WriteContext) throws(Status) {
    var errors: [FieldError] = []
    let policy = SecurityPolicy(Labels(object["metadata"]?["labels"]), errors: &errors)
    var oldErrors: [FieldError] = []
    let oldPolicy = old.map { SecurityPolicy(Labels($0["metadata"]?["labels"]), errors: &oldErrors) }
    if !errors.isEmpty, old == nil || errors != oldErrors {
      throw .invalid(kind: "Namespace", group: "", name: context.name, errors)
    }
    guard let oldPolicy, policy.enforce != oldPolicy.enforce, policy.enforce.name != .privileged else { return }
    if policy.enforce.minor == oldPolicy.enforce.minor, policy.enforce.name <= oldPolicy.enforce.name { return }
    context.warnings += warnings(aboutPodsOf: context.name, policy.enforce, context.snapshot)
  }

  /// What is already there and would not be let in any more.
  private static func warnings(
    aboutPodsOf namespace: String, _ level: SecurityLevel, _ snapshot: Snapshot
  ) -> [String] {
    let pods = snapshot.objects(.pods, namespace: namespace)
    var found: [String: (first: String, count: Int)] = [:]
    for pod in pods.prefix(podLimit) {
      let violations = SecurityChecks.violations(of: SecuritySubject(pod.json), level)
      if violations.isEmpty { continue }
      // Pods come sorted by name, so the first one is the lowest.
      found[violations.reasons, default: (pod.name, 0)].count += 1
    }
    var result: [String] = []
    if pods.count > podLimit {
      result.append(
        "new PodSecurity enforce level only checked against the first \(podLimit) of \(pods.count) existing pods")
    }
    if found.isEmpty { return result }
    result.append(
      "existing pods in namespace \(Status.quoted(namespace)) violate the new PodSecurity enforce level "
        + Status.quoted(level.description))
    return result
      + found.map { reasons, pods in
        switch pods.count {
        case 1: "\(pods.first): \(reasons)"
        case 2: "\(pods.first) (and 1 other pod): \(reasons)"
        default: "\(pods.first) (and \(pods.count - 1) other pods): \(reasons)"
        }
      }.sorted()
  }
}

extension SecurityPolicy {
  /// What a namespace without labels asks for.
  static let open: SecurityPolicy = {
    var errors: [FieldError] = []
    return SecurityPolicy(Labels([]), errors: &errors)
  }()
}
