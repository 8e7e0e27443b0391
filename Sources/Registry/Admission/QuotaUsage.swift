import JSONCore
import Objects

/// What objects cost in the terms of a ResourceQuota.
enum QuotaUsage {
  static let computeNames: Set<String> = [
    "cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory",
  ]

  /// The plain names under which objects of the core group are counted, beside `count/<resource>`.
  private static let counted: [GroupResource: String] = [
    .pods: "pods", .services: "services", .claims: "persistentvolumeclaims", .quotas: "resourcequotas",
    GroupResource("", "secrets"): "secrets", GroupResource("", "configmaps"): "configmaps",
    GroupResource("", "replicationcontrollers"): "replicationcontrollers",
  ]

  /// What one object takes, by the names that quotas use.
  static func charge(_ object: JSON, _ resource: GroupResource) -> [String: Quantity] {
    let one = Quantity(1)
    var result = ["count/\(resource)": one]
    switch resource {
    case .pods:
      // Pods that have ended take nothing but their object.
      if PodRule.isTerminal(object) { return result }
      result["pods"] = one
      chargePod(object, &result)
    case .services: chargeService(object, &result)
    case .claims: chargeClaim(object, &result)
    default: if let name = counted[resource] { result[name] = one }
    }
    return result
  }

  private static func chargePod(_ pod: JSON, _ result: inout [String: Quantity]) {
    let resources = PodResources(pod)
    for (name, amount) in resources.requests.amounts {
      result["requests.\(name)"] = amount
      if ["cpu", "memory", "ephemeral-storage"].contains(name) { result[name] = amount }
    }
    for (name, amount) in resources.limits.amounts { result["limits.\(name)"] = amount }
  }

  private static func chargeService(_ service: JSON, _ result: inout [String: Quantity]) {
    result["services"] = Quantity(1)
    let ports = Int64((service["spec"]?.list("ports") ?? []).count)
    switch ServiceRule.type(service) {
    case "NodePort": result["services.nodeports"] = Quantity(ports)
    case "LoadBalancer":
      result["services.loadbalancers"] = Quantity(1)
      if ServiceRule.usesNodePorts(service) { result["services.nodeports"] = Quantity(ports) }
    default: break
    }
  }

  private static func chargeClaim(_ claim: JSON, _ result: inout [String: Quantity]) {
    let one = Quantity(1)
    let storage = Quantity(claim.at("spec", "resources", "requests", "storage")) ?? .zero
    result["persistentvolumeclaims"] = one
    result["requests.storage"] = storage
    if let name = claim.at("spec", "storageClassName")?.string, !name.isEmpty {
      result["\(name).storageclass.storage.k8s.io/requests.storage"] = storage
      result["\(name).storageclass.storage.k8s.io/persistentvolumeclaims"] = one
    }
  }

  /// Whether a container says what it takes of a limited resource.
  static func states(_ container: JSON, _ limit: String) -> Bool {
    let (list, name) =
      limit.hasPrefix("limits.")
      ? ("limits", String(limit.dropFirst(7)))
      : ("requests", limit.hasPrefix("requests.") ? String(limit.dropFirst(9)) : limit)
    return container.at("resources", list, name) != nil
  }

  /// The resources whose objects weigh on one of the named amounts.
  static func resources(of names: Set<String>, in snapshot: Snapshot) -> [GroupResource] {
    snapshot.resources.filter { concerns($0, names) }
  }

  /// Whether counting is enough, without a look into the objects.
  static func isPlainCount(_ resource: GroupResource, _ quota: JSON) -> Bool {
    resource != .pods && resource != .services && resource != .claims && !QuotaScopes.hasScopes(quota)
  }

  static func count(_ number: Int, of resource: GroupResource) -> [String: Quantity] {
    var result = ["count/\(resource)": Quantity(Int64(number))]
    if let name = counted[resource] { result[name] = Quantity(Int64(number)) }
    return result
  }

  private static func concerns(_ resource: GroupResource, _ names: Set<String>) -> Bool {
    if names.contains("count/\(resource)") || counted[resource].map(names.contains) == true { return true }
    switch resource {
    case .pods:
      return names.contains { name in
        name.hasPrefix("requests.") && name != "requests.storage" || name.hasPrefix("limits.")
          || ["cpu", "memory", "ephemeral-storage"].contains(name)
      }
    case .services: return names.contains { $0.hasPrefix("services.") }
    case .claims: return names.contains { $0 == "requests.storage" || $0.contains(".storageclass.") }
    default: return false
    }
  }
}

/// Which objects a quota with scopes is about.
enum QuotaScopes {
  static func hasScopes(_ quota: JSON) -> Bool {
    !(quota["spec"]?.list("scopes") ?? []).isEmpty
      || !(quota.at("spec", "scopeSelector", "matchExpressions")?.array ?? []).isEmpty
  }

  static func cover(_ quota: JSON, _ object: JSON, _ resource: GroupResource) -> Bool {
    guard hasScopes(quota) else { return true }
    // Every scope but those of storage is about pods.
    let scopes = (quota["spec"]?.list("scopes") ?? []).compactMap(\.string)
    let expressions = quota.at("spec", "scopeSelector", "matchExpressions")?.array ?? []
    guard resource == .pods else {
      return resource == .claims && scopes.isEmpty
        && expressions.allSatisfy {
          $0.text("scopeName") == "VolumeAttributesClass" && matches($0, volumeClass(object))
        }
    }
    return scopes.allSatisfy { holds($0, object) }
      && expressions.allSatisfy { expression in
        expression.text("scopeName") == "PriorityClass"
          ? matches(expression, object["spec"]?["priorityClassName"]?.string)
          : holds(expression.text("scopeName"), object)
      }
  }

  private static func volumeClass(_ claim: JSON) -> String? {
    claim.at("spec", "volumeAttributesClassName")?.string
  }

  private static func holds(_ scope: String, _ pod: JSON) -> Bool {
    let hasDeadline = pod.at("spec", "activeDeadlineSeconds")?.int != nil
    let isBestEffort = QualityOfService(pod) == .bestEffort
    switch scope {
    case "Terminating": return hasDeadline
    case "NotTerminating": return !hasDeadline
    case "BestEffort": return isBestEffort
    case "NotBestEffort": return !isBestEffort
    case "PriorityClass": return pod.at("spec", "priorityClassName") != nil
    case "CrossNamespacePodAffinity": return reachesOut(pod)
    default: return false
    }
  }

  private static func reachesOut(_ pod: JSON) -> Bool {
    let affinity = pod.at("spec", "affinity") ?? .emptyObject
    let terms = ["podAffinity", "podAntiAffinity"].flatMap { kind -> [JSON] in
      let group = affinity[kind] ?? .emptyObject
      return group.list("requiredDuringSchedulingIgnoredDuringExecution")
        + group.list("preferredDuringSchedulingIgnoredDuringExecution").map { $0["podAffinityTerm"] ?? .emptyObject }
    }
    return terms.contains { !$0.list("namespaces").isEmpty || $0["namespaceSelector"] != nil }
  }

  private static func matches(_ expression: JSON, _ value: String?) -> Bool {
    let values = expression.list("values").compactMap(\.string)
    switch expression.text("operator") {
    case "In": return value.map(values.contains) ?? false
    case "NotIn": return !(value.map(values.contains) ?? false)
    case "Exists": return value != nil
    case "DoesNotExist": return value == nil
    default: return false
    }
  }
}
