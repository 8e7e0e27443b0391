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
    case deviceClaims: chargeDevices(object, &result)
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

  private static let deviceClaims = GroupResource("resource.k8s.io", "resourceclaims")
  /// What a claim counts for that asks for all devices of a kind: the most that it could get.
  private static let allDevices: Int64 = 32

  /// Devices by their class; of alternatives the dearest counts for each class.
  private static func chargeDevices(_ claim: JSON, _ result: inout [String: Quantity]) {
    var counts: [String: Int64] = [:]
    for request in claim.at("spec", "devices")?.list("requests") ?? [] {
      var most: [String: Int64] = [:]
      for wish in request["exactly"].map({ [$0] }) ?? request.list("firstAvailable") {
        let name = wish.text("deviceClassName")
        let count = wish.text("allocationMode") == "All" ? allDevices : Int64(wish["count"]?.int ?? 1)
        most[name] = max(most[name] ?? 0, count)
      }
      for (name, count) in most { counts[name] = (counts[name] ?? 0).addingReportingOverflow(count).partialValue }
    }
    for (name, count) in counts { result[name + deviceSuffix] = Quantity(count) }
  }

  private static let deviceSuffix = ".deviceclass.resource.k8s.io/devices"

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
    ![.pods, .services, .claims, deviceClaims].contains(resource) && !QuotaScopes.hasScopes(quota)
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
    case deviceClaims: return names.contains { $0.hasSuffix(deviceSuffix) }
    default: return false
    }
  }
}
