import JSONCore

extension ConditionalDefaults {
  @Sendable static func setService(_ service: inout JSON) {
    guard var spec = service["spec"] else { return }
    service["spec"] = nil
    setAffinity(&spec)
    let type = spec.text("type")
    if type != "ExternalName" { spec.setDefault("internalTrafficPolicy", "Cluster") }
    let isReachable =
      type == "NodePort" || type == "LoadBalancer" || (type == "ClusterIP" && spec["externalIPs"] != nil)
    if isReachable { spec.setDefault("externalTrafficPolicy", "Cluster") }
    if type == "LoadBalancer" {
      spec.setDefault("allocateLoadBalancerNodePorts", true)
      service["status"]?["loadBalancer"]?.modifyList("ingress") { ingress in
        if ingress["ip"] != nil { ingress.setDefault("ipMode", "VIP") }
      }
    }
    service["spec"] = spec
  }

  private static func setAffinity(_ spec: inout JSON) {
    switch spec.text("sessionAffinity") {
    case "None": spec["sessionAffinityConfig"] = nil
    case "ClientIP":
      spec.setDefault("sessionAffinityConfig", .emptyObject)
      spec["sessionAffinityConfig"]?["clientIP", default: .emptyObject].setDefault("timeoutSeconds", 10800)
    default: break
    }
  }

  /// A port leads to the port of the same number.
  @Sendable static func setServicePort(_ port: inout JSON) {
    if port["targetPort"] == 0 || port["targetPort"] == "" { port["targetPort"] = port["port"] }
  }
}
