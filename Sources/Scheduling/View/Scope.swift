import JSONCore
import Objects

/// Which pods a term means. It matches a pod when all of its parts do; nearly all scopes have one part.
struct Scope: Hashable, Sendable {
  struct Part: Hashable, Sendable {
    /// Sorted.
    var namespaces: [String]
    /// Also the namespaces with these labels.
    var namespaceSelector: LabelSelector?
    var selector: LabelSelector

    /// - Parameter labels: those of the namespace; nil when it is not known.
    func includes(namespace: String, _ labels: Labels?) -> Bool {
      if namespaces.contains(namespace) { return true }
      guard let namespaceSelector else { return false }
      return namespaceSelector.isEmpty || labels.map(namespaceSelector.matches) ?? false
    }
  }

  var parts: [Part]

  init(_ part: Part) { parts = [part] }

  /// The pods that are in all of `scopes`.
  init(all scopes: [Scope]) {
    parts = []
    for part in scopes.flatMap(\.parts) where !parts.contains(part) { parts.append(part) }
  }

  init(namespace: String, selector: LabelSelector) {
    self.init(Part(namespaces: [namespace], namespaceSelector: nil, selector: selector))
  }

  /// Of a term of pod affinity: without namespaces of its own it means the namespace of its pod.
  init?(term: JSON, namespace: String, labels: Labels) {
    guard let selector = Self.selector(term, labels) else { return nil }
    var namespaces = term.list("namespaces").compactMap(\.string).sorted()
    let among = term["namespaceSelector"]
    if namespaces.isEmpty, among == nil || among?.isNull == true { namespaces = [namespace] }
    var namespaceSelector: LabelSelector?
    if let among, !among.isNull {
      guard let parsed = try? LabelSelector(json: among) else { return nil }
      namespaceSelector = parsed
    }
    self.init(Part(namespaces: namespaces, namespaceSelector: namespaceSelector, selector: selector))
  }

  var dependsOnNamespaceLabels: Bool { parts.contains { $0.namespaceSelector?.isEmpty == false } }

  func matches(_ labels: Labels, namespace: String, _ namespaceLabels: Labels?) -> Bool {
    parts.allSatisfy { $0.selector.matches(labels) && $0.includes(namespace: namespace, namespaceLabels) }
  }

  /// The label selector of a term, narrowed by the values that the pod itself has of `matchLabelKeys` and
  /// `mismatchLabelKeys`. The API server may have written them into the selector already, which changes nothing.
  static func selector(_ term: JSON, _ labels: Labels) -> LabelSelector? {
    guard let json = term["labelSelector"], !json.isNull else { return .nothing }
    guard let selector = try? LabelSelector(json: json) else { return nil }
    var requirements = selector.requirements
    for (field, condition) in [("matchLabelKeys", LabelRequirement.Operator.isIn), ("mismatchLabelKeys", .notIn)] {
      for key in term.list(field).compactMap(\.string) {
        guard let value = labels[key], let extra = try? LabelRequirement(key, condition, [value]) else { continue }
        if !requirements.contains(extra) { requirements.append(extra) }
      }
    }
    return requirements.count == selector.requirements.count ? selector : LabelSelector(requirements: requirements)
  }
}
