import JSONCore
import Objects
import Storage

/// Services: their addresses and node ports, given out from the snapshot and checked again at the commit.
enum ServiceRule: KindRule {
  static func prepareCreate(_ service: inout JSON, _ context: inout WriteContext) throws(Status) {
    try complete(&service, old: nil, &context)
  }

  static func prepareUpdate(_ service: inout JSON, old: JSON, _ context: inout WriteContext) throws(Status) {
    guard context.subresource == nil else { return }
    keepAllocations(&service, old: old)
    dropTypeDependents(&service, old: old)
    try complete(&service, old: old, &context)
    if type(service) != "LoadBalancer", type(old) == "LoadBalancer" { service["status"] = ["loadBalancer": [:]] }
  }

  /// The addresses that a service holds, without "None".
  static func addresses(of service: JSON) -> [String] {
    let spec = service["spec"] ?? .emptyObject
    let list = spec.list("clusterIPs").compactMap(\.string)
    return (list.isEmpty ? [spec.text("clusterIP")] : list).filter { !$0.isEmpty && $0 != "None" }
  }

  static func type(_ service: JSON) -> String {
    let text = service["spec"]?.text("type") ?? ""
    return text.isEmpty ? "ClusterIP" : text
  }

  static func isExternal(_ service: JSON) -> Bool { type(service) == "ExternalName" }

  static func usesNodePorts(_ service: JSON) -> Bool {
    switch type(service) {
    case "NodePort": true
    case "LoadBalancer": service.at("spec", "allocateLoadBalancerNodePorts")?.bool ?? true
    default: false
    }
  }

  private static func complete(_ service: inout JSON, old: JSON?, _ context: inout WriteContext) throws(Status) {
    if isExternal(service) {
      dropAddresses(&service, old: old, &context)
    } else {
      try checkFamilies(service, context)
      chooseFamilies(&service)
      try ServiceAddresses.allocate(&service, old: old, &context)
    }
    try ServicePorts.allocate(&service, old: old, &context)
    try ServicePorts.allocateHealthCheck(&service, old: old, &context)
  }

  /// What only the former type had use for goes with it, unless the client changed it.
  private static func dropTypeDependents(_ service: inout JSON, old: JSON) {
    let stored = old["spec"] ?? .emptyObject
    func drop(_ fields: String..., unless isNeeded: (JSON) -> Bool) {
      guard isNeeded(old), !isNeeded(service) else { return }
      for field in fields where service["spec"]?[field] == stored[field] { service["spec"]?[field] = nil }
    }
    drop("externalTrafficPolicy") { isReachable($0) }
    drop("allocateLoadBalancerNodePorts", "loadBalancerClass") {
      type($0) == "LoadBalancer"
    }
    drop("healthCheckNodePort") {
      type($0) == "LoadBalancer" && $0["spec"]?.text("externalTrafficPolicy") == "Local"
    }
  }

  private static func dropAddresses(_ service: inout JSON, old: JSON?, _ context: inout WriteContext) {
    guard let old, !isExternal(old) else { return }
    context.releases += addresses(of: old).map { Write(Key(.addresses, name: $0), .delete(expected: nil)) }
    service["spec", default: .emptyObject].edit { spec in
      for field in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"] {
        spec[field] = nil
      }
    }
  }

  /// A cluster of one family has no addresses of the other.
  private static func checkFamilies(_ service: JSON, _ context: WriteContext) throws(Status) {
    let spec = service["spec"] ?? .emptyObject
    let isOpen = spec.text("clusterIP") == "None" && (spec["selector"]?.object ?? Members()).isEmpty
    if isOpen { return }
    var errors: [FieldError] = []
    for (index, family) in spec.list("ipFamilies").enumerated() where family == "IPv6" {
      errors.append(.invalid(Path("spec.ipFamilies").index(index), family, "not configured on this cluster"))
    }
    if spec.text("ipFamilyPolicy") == "RequireDualStack" {
      errors.append(
        .invalid("spec.ipFamilyPolicy", "RequireDualStack", "this cluster is not configured for dual-stack services"))
    }
    if !errors.isEmpty {
      throw .invalid(kind: context.kind.name, group: context.kind.group, name: context.name, errors)
    }
  }

  /// One family, IPv4; a headless service without selector may have addresses of either.
  private static func chooseFamilies(_ service: inout JSON) {
    service["spec", default: .emptyObject].edit { spec in
      let isOpen = spec.text("clusterIP") == "None" && (spec["selector"]?.object ?? Members()).isEmpty
      if spec.text("ipFamilyPolicy").isEmpty {
        spec["ipFamilyPolicy"] = isOpen && spec.list("ipFamilies").isEmpty ? "RequireDualStack" : "SingleStack"
      }
      if spec.list("ipFamilies").isEmpty {
        spec["ipFamilies"] = isOpen && spec.text("ipFamilyPolicy") == "RequireDualStack" ? ["IPv4", "IPv6"] : ["IPv4"]
      }
    }
  }

  /// Whether traffic from outside of the cluster comes in.
  private static func isReachable(_ service: JSON) -> Bool {
    switch type(service) {
    case "NodePort", "LoadBalancer": true
    case "ClusterIP": !(service["spec"]?.list("externalIPs") ?? []).isEmpty
    default: false
    }
  }

  /// What a client left out of an update stays as it was given out before.
  private static func keepAllocations(_ service: inout JSON, old: JSON) {
    let stored = old["spec"] ?? .emptyObject
    if !isExternal(service) && !isExternal(old) {
      service["spec", default: .emptyObject].edit { spec in
        if spec.text("clusterIP").isEmpty { spec["clusterIP"] = stored["clusterIP"] }
        if spec.list("clusterIPs").isEmpty, spec["clusterIP"] == stored["clusterIP"] {
          spec["clusterIPs"] = stored["clusterIPs"]
        }
        for field in ["ipFamilies", "ipFamilyPolicy"] where spec[field] == nil { spec[field] = stored[field] }
      }
    }
    let keepsPorts = usesNodePorts(service) && usesNodePorts(old)
    let dropsPorts = !usesNodePorts(service) && usesNodePorts(old)
    guard keepsPorts || dropsPorts else { return }
    let known = stored.list("ports")
    let ports = (service["spec"]?.list("ports") ?? []).map { port -> JSON in
      guard
        let match = known.first(where: { $0["port"] == port["port"] && $0.text("protocol") == port.text("protocol") })
      else { return port }
      var result = port
      let given = port["nodePort"]?.int ?? 0
      if keepsPorts, given == 0 { result["nodePort"] = match["nodePort"] }
      if dropsPorts, port["nodePort"] == match["nodePort"] { result["nodePort"] = nil }
      return result
    }
    if !ports.isEmpty { service["spec", default: .emptyObject]["ports"] = .array(ports) }
  }
}
