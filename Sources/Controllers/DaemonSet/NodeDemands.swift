import JSONCore
import Objects
import Reconciling

/// What a DaemonSet looks at in a node.
struct NodeFacts: Equatable {
  let name: String
  let labels: Labels
  let taints: [JSON]

  init(_ object: Object) {
    name = object.name
    labels = object.labels
    taints = object.spec?.member("taints")?.decoded()?.array ?? []
  }
}

/// What the template of a DaemonSet asks of a node.
struct NodeDemands {
  private let nodeName: String
  private let selector: [String: String]
  /// nil: no terms, so every node will do.
  private let terms: [JSON]?
  private let tolerations: [JSON]

  init(_ spec: JSON) {
    nodeName = spec.text("nodeName")
    selector = spec.strings("nodeSelector")
    terms = spec.at("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")?
      .list("nodeSelectorTerms")
    tolerations = spec.list("tolerations") + Self.tolerations(spec)
  }

  /// What every pod of a DaemonSet tolerates.
  static func tolerations(_ spec: JSON) -> [JSON] {
    var keys = [
      ("not-ready", "NoExecute"), ("unreachable", "NoExecute"), ("disk-pressure", "NoSchedule"),
      ("memory-pressure", "NoSchedule"), ("pid-pressure", "NoSchedule"), ("unschedulable", "NoSchedule"),
    ]
    if spec["hostNetwork"]?.bool == true { keys.append(("network-unavailable", "NoSchedule")) }
    return keys.map { key, effect in
      ["key": .string("node.kubernetes.io/" + key), "operator": "Exists", "effect": .string(effect)]
    }
  }

  /// Whether a pod is to be made on a node, and whether one that is there may stay.
  func judge(_ node: NodeFacts) -> (runs: Bool, stays: Bool) {
    guard nodeName.isEmpty || nodeName == node.name,
      selector.allSatisfy({ node.labels[$0.key] == $0.value }),
      terms?.contains(where: { Self.matches($0, node) }) ?? true
    else { return (false, false) }
    let untolerated = node.taints.filter { taint in
      taint.text("effect") != "PreferNoSchedule"
        && !tolerations.contains { TaintEvictionController.tolerates($0, taint) }
    }
    return (untolerated.isEmpty, !untolerated.contains { $0.text("effect") == "NoExecute" })
  }

  private static func matches(_ term: JSON, _ node: NodeFacts) -> Bool {
    let expressions = term.list("matchExpressions")
    let fields = term.list("matchFields")
    if expressions.isEmpty && fields.isEmpty { return false }
    return expressions.allSatisfy { holds($0, node.labels[$0.text("key")]) }
      && fields.allSatisfy { $0.text("key") == "metadata.name" && holds($0, node.name) }
  }

  private static func holds(_ expression: JSON, _ value: String?) -> Bool {
    let values = expression.list("values").compactMap(\.string)
    switch expression.text("operator") {
    case "In": return value.map { values.contains($0) } ?? false
    case "NotIn": return value.map { !values.contains($0) } ?? true
    case "Exists": return value != nil
    case "DoesNotExist": return value == nil
    case "Gt", "Lt":
      guard let left = value.flatMap({ Int($0) }), let right = values.first.flatMap({ Int($0) }) else { return false }
      return expression.text("operator") == "Gt" ? left > right : left < right
    default: return false
    }
  }
}
