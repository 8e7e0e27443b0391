import JSONCore
import Objects

/// Which pods a pod must, would like to, must not or would rather not be near.
public struct PodAffinity: Sendable {
  public let required: [Term]
  public let forbidden: [Term]
  public let preferred: [(weight: Int, term: Term)]
  /// With the weights of avoidance, as positive numbers.
  public let avoided: [(weight: Int, term: Term)]

  public struct Term: Sendable {
    public let topologyKey: String
    public let selector: LabelSelector
    /// nil: every namespace.
    public let namespaces: Set<String>?

    init?(_ json: JSON, namespace: String, labels: Labels) {
      topologyKey = json.text("topologyKey")
      guard let selector = Self.selector(json, labels) else { return nil }
      self.selector = selector
      let listed = json.list("namespaces").compactMap(\.string)
      // A namespace selector is read as "any namespace" when it is empty; others are not looked at here.
      if json["namespaceSelector"] != nil {
        namespaces = listed.isEmpty ? nil : Set(listed)
      } else {
        namespaces = listed.isEmpty ? [namespace] : Set(listed)
      }
    }

    static func selector(_ json: JSON, _ labels: Labels) -> LabelSelector? {
      guard var selector = json["labelSelector"] else { return .nothing }
      for key in json.list("matchLabelKeys").compactMap(\.string) {
        if let value = labels[key] { selector["matchLabels", default: .emptyObject][key] = .string(value) }
      }
      return try? LabelSelector(json: selector)
    }

    public func matches(_ labels: Labels, namespace: String) -> Bool {
      (namespaces?.contains(namespace) ?? true) && selector.matches(labels)
    }
  }

  public init(_ affinity: JSON?, namespace: String, labels: Labels) {
    func hard(_ kind: String) -> [Term] {
      (affinity?[kind]?.list("requiredDuringSchedulingIgnoredDuringExecution") ?? []).compactMap {
        Term($0, namespace: namespace, labels: labels)
      }
    }
    func soft(_ kind: String) -> [(weight: Int, term: Term)] {
      (affinity?[kind]?.list("preferredDuringSchedulingIgnoredDuringExecution") ?? []).compactMap { entry in
        Term(entry["podAffinityTerm"] ?? .emptyObject, namespace: namespace, labels: labels).map {
          (weight: entry["weight"]?.int ?? 0, term: $0)
        }
      }
    }
    required = hard("podAffinity")
    forbidden = hard("podAntiAffinity")
    preferred = soft("podAffinity")
    avoided = soft("podAntiAffinity")
  }
}

/// How evenly the pods of a selector shall lie over the values of a node label.
public struct SpreadConstraint: Sendable {
  public let topologyKey: String
  public let maxSkew: Int
  public let minDomains: Int
  public let isRequired: Bool
  public let selector: LabelSelector
  public let ignoresAffinity: Bool
  public let honorsTaints: Bool

  init?(_ json: JSON, labels: Labels) {
    guard let selector = PodAffinity.Term.selector(json, labels) else { return nil }
    topologyKey = json.text("topologyKey")
    maxSkew = max(1, json["maxSkew"]?.int ?? 1)
    minDomains = max(1, json["minDomains"]?.int ?? 1)
    isRequired = json.text("whenUnsatisfiable") != "ScheduleAnyway"
    ignoresAffinity = json.text("nodeAffinityPolicy") == "Ignore"
    honorsTaints = json.text("nodeTaintsPolicy") == "Honor"
    self.selector = selector
  }
}
