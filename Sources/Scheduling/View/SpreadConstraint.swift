import JSONCore
import Objects

/// How evenly the pods of a selector shall lie over the values of a node label.
struct SpreadConstraint: Sendable {
  let topologyKey: String
  let maxSkew: Int
  /// With fewer values than this the emptiest counts as empty.
  let minDomains: Int
  let isRequired: Bool
  let scope: Scope
  /// Whether the pod itself is one of those that are counted.
  let countsSelf: Bool
  let honorsAffinity: Bool
  let honorsTaints: Bool

  init?(_ json: JSON, namespace: String, labels: Labels) {
    guard let selector = Scope.selector(json, labels) else { return nil }
    topologyKey = json.text("topologyKey")
    maxSkew = max(1, json["maxSkew"]?.int ?? 1)
    minDomains = max(1, json["minDomains"]?.int ?? 1)
    isRequired = json.text("whenUnsatisfiable") != "ScheduleAnyway"
    honorsAffinity = json.text("nodeAffinityPolicy") != "Ignore"
    honorsTaints = json.text("nodeTaintsPolicy") == "Honor"
    scope = Scope(namespace: namespace, selector: selector)
    countsSelf = selector.matches(labels)
  }

  /// A cluster's default for the pods of one selector.
  init(_ rule: DefaultSpread, namespace: String, selector: LabelSelector, labels: Labels) {
    topologyKey = rule.topologyKey
    maxSkew = rule.maxSkew
    minDomains = 1
    isRequired = rule.isRequired
    honorsAffinity = true
    honorsTaints = false
    scope = Scope(namespace: namespace, selector: selector)
    countsSelf = selector.matches(labels)
  }
}

/// A spread that holds for pods without constraints of their own.
struct DefaultSpread: Sendable, Equatable {
  var topologyKey: String
  var maxSkew: Int
  var isRequired = false

  static let hostname = "kubernetes.io/hostname"
  static let zone = "topology.kubernetes.io/zone"

  /// Those of a stock scheduler.
  static let system = [DefaultSpread(topologyKey: hostname, maxSkew: 3), DefaultSpread(topologyKey: zone, maxSkew: 5)]
}
