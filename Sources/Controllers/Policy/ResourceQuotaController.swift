import JSONCore
import Objects
import Reconciling
import Values

/// Counts what a namespace uses of each quota; admission counts up, this counts anew after every change.
public struct ResourceQuotaController: Controller {
  public let name = "resourcequota-controller"

  public init() {}

  public var watches: [Watch] {
    [
      .each(.resourceQuotas),
      Watch(nil) { change, snapshot in
        // Most changes of an object change nothing that counts: only pods and claims are looked at for their contents.
        let resource = change.key.resource
        if change.object.namespace.isEmpty || resource == .events { return [] }
        if change.kind == .modified, resource != .pods, resource != .persistentVolumeClaims, resource != .services {
          return []
        }
        return snapshot.objects(.resourceQuotas, namespace: change.object.namespace).map(\.key)
      },
    ]
  }

  public var gathering: Duration { .milliseconds(50) }

  public func reconcile(_ key: Key, _ snapshot: Snapshot, _ now: Instant) -> Plan {
    guard let object = snapshot[key] else { return .nothing }
    let json = object.json
    let hard = json.at("spec", "hard") ?? .emptyObject
    let usage = QuotaUsage(snapshot, namespace: key.namespace, spec: json["spec"] ?? .emptyObject)
    var used = JSON.emptyObject
    for (name, _) in hard.object ?? Members() {
      used[name] = .string(usage[name].description)
    }
    var status = json["status"] ?? .emptyObject
    status["hard"] = hard
    status["used"] = used
    guard let action = Action.status(object, from: json["status"], to: status, isExact: true) else { return .nothing }
    return Plan([action])
  }
}

/// What a namespace uses, by the names that quotas give it.
struct QuotaUsage {
  private let snapshot: Snapshot
  private let namespace: String
  private let pods: [JSON]

  private static let counted: [String: GroupResource] = [
    "services": .services, "secrets": .secrets, "configmaps": .configMaps,
    "persistentvolumeclaims": .persistentVolumeClaims, "replicationcontrollers": .replicationControllers,
    "resourcequotas": .resourceQuotas,
  ]

  init(_ snapshot: Snapshot, namespace: String, spec: JSON) {
    self.snapshot = snapshot
    self.namespace = namespace
    pods = snapshot.objects(.pods, namespace: namespace).filter { !PodFacts($0).isTerminal }.map(\.json)
      .filter { Self.isInScope($0, spec) }
  }

  subscript(name: String) -> Quantity {
    if name == "pods" { return Quantity(Int64(pods.count)) }
    if let resource = Self.counted[name] { return count(resource) }
    if name.hasPrefix("count/") {
      let parts = name.dropFirst(6).split(separator: ".", maxSplits: 1).map { String($0) }
      if parts.first == "pods" && parts.count == 1 {
        return Quantity(Int64(snapshot.count(.pods, namespace: namespace)))
      }
      return count(GroupResource(parts.count > 1 ? parts[1] : "", parts.first ?? ""))
    }
    switch name {
    case "services.nodeports":
      return services { service in
        ["NodePort", "LoadBalancer"].contains(service["spec"]?.text("type") ?? "")
          ? (service["spec"]?.list("ports").count { $0["nodePort"] != nil } ?? 0) : 0
      }
    case "services.loadbalancers": return services { $0["spec"]?.text("type") == "LoadBalancer" ? 1 : 0 }
    case "requests.storage": return storage(nil)
    default: break
    }
    if let range = name.firstRange(of: ".storageclass.storage.k8s.io/") {
      let className = String(name[..<range.lowerBound])
      return name.hasSuffix("requests.storage") ? storage(className) : claims(className)
    }
    if name.hasPrefix("limits.") { return sum("limits", String(name.dropFirst(7))) }
    if name.hasPrefix("requests.") { return sum("requests", String(name.dropFirst(9))) }
    return sum("requests", name)
  }

  private func count(_ resource: GroupResource) -> Quantity {
    Quantity(Int64(snapshot.count(resource, namespace: namespace)))
  }

  private func services(_ measure: (JSON) -> Int) -> Quantity {
    Quantity(Int64(snapshot.objects(.services, namespace: namespace).reduce(0) { $0 + measure($1.json) }))
  }

  private func storage(_ className: String?) -> Quantity {
    snapshot.objects(.persistentVolumeClaims, namespace: namespace).map(\.json)
      .filter { className == nil || $0["spec"]?.text("storageClassName") == className }
      .reduce(Quantity.zero) { $0 + (Quantity($1.at("spec", "resources", "requests", "storage")) ?? .zero) }
  }

  private func claims(_ className: String) -> Quantity {
    let count = snapshot.objects(.persistentVolumeClaims, namespace: namespace)
      .count { $0.json["spec"]?.text("storageClassName") == className }
    return Quantity(Int64(count))
  }

  private func sum(_ list: String, _ resource: String) -> Quantity {
    pods.reduce(Quantity.zero) { $0 + Self.amount($1["spec"] ?? .emptyObject, list, resource) }
  }

  /// Containers together, or the largest init container beside the sidecars when that is more.
  static func amount(_ spec: JSON, _ list: String, _ resource: String) -> Quantity {
    func of(_ container: JSON) -> Quantity { Quantity(container.at("resources", list, resource)) ?? .zero }
    var together = spec.list("containers").reduce(Quantity.zero) { $0 + of($1) }
    var sidecars = Quantity.zero
    var peak = Quantity.zero
    for container in spec.list("initContainers") {
      if container.text("restartPolicy") == "Always" {
        sidecars += of(container)
        peak = max(peak, sidecars)
      } else {
        peak = max(peak, sidecars + of(container))
      }
    }
    together += sidecars
    return max(together, peak) + (Quantity(spec.at("overhead", resource)) ?? .zero)
  }

  /// The scopes of a quota, by which it counts some of the pods only.
  private static func isInScope(_ pod: JSON, _ spec: JSON) -> Bool {
    let listed = spec.list("scopes").compactMap(\.string).map { (scope: $0, expression: JSON?.none) }
    let selected = (spec["scopeSelector"]?.list("matchExpressions") ?? [])
      .map { (scope: $0.text("scopeName"), expression: Optional($0)) }
    return (listed + selected).allSatisfy { item in
      let hasDeadline = pod.at("spec", "activeDeadlineSeconds") != nil
      switch item.scope {
      case "Terminating": return hasDeadline
      case "NotTerminating": return !hasDeadline
      case "BestEffort": return pod["status"]?.text("qosClass") == "BestEffort"
      case "NotBestEffort": return pod["status"]?.text("qosClass") != "BestEffort"
      case "PriorityClass": return isOfClass(pod["spec"]?.text("priorityClassName") ?? "", item.expression)
      default: return true
      }
    }
  }

  private static func isOfClass(_ name: String, _ expression: JSON?) -> Bool {
    let values = expression?.list("values").compactMap(\.string) ?? []
    switch expression?.text("operator") {
    case "In": return values.contains(name)
    case "NotIn": return !values.contains(name)
    case "DoesNotExist": return name.isEmpty
    default: return !name.isEmpty
    }
  }
}
