import JSONCore
import Objects
import Reconciling
import Values

/// Gives cluster roles that are the sum of others the rules of those: `admin`, `edit` and `view` grow this way.
public struct ClusterRoleAggregation: Controller {
  public let name = "clusterrole-aggregation-controller"

  public init() {}

  /// Any role may be a part of any sum; there are few sums.
  public var watches: [Watch] {
    [
      Watch(.clusterRoles) { change, snapshot in
        let isSum = change.kind != .deleted && Self.isSum(change.object)
        return (isSum ? [change.object.key] : [])
          + snapshot.objects(.clusterRoles).filter { $0.key != change.object.key && Self.isSum($0) }.map(\.key)
      }
    ]
  }

  private static func isSum(_ role: Object) -> Bool { RawJSON(role.blob.bytes).member("aggregationRule") != nil }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let role = snapshot[key] else { return .nothing }
    let json = role.json
    guard let rule = json["aggregationRule"] else { return .nothing }
    var rules: [JSON] = []
    for selector in rule.list("clusterRoleSelectors").compactMap(Self.selector) {
      for part in snapshot.objects(.clusterRoles) where part.key != key && selector.matches(part.labels) {
        for rule in part.json.list("rules") where !rules.contains(rule) { rules.append(rule) }
      }
    }
    if rules == json.list("rules") { return .nothing }
    return Plan([.patch(key, ["rules": .array(rules)])])
  }

  /// nil for a selector that cannot be read, which selects nothing.
  private static func selector(_ json: JSON) -> LabelSelector? { try? LabelSelector(json: json) }
}

extension GroupResource {
  static let clusterRoles = GroupResource("rbac.authorization.k8s.io", "clusterroles")
}
