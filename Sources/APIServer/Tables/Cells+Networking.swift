import JSONCore
import Objects

extension Cells {
  static let networking: [String: Cell] = [
    "serviceExternalAddress": { row in JSON(externalAddress(row)) },
    "servicePorts": { row in
      let ports = row.spec.list("ports").map { port in
        let number = port["port"]?.int ?? 0
        let node = port["nodePort"]?.int ?? 0
        let shown = node > 0 ? "\(number):\(node)" : "\(number)"
        return "\(shown)/\(port.text("protocol"))"
      }
      return ports.isEmpty ? "<none>" : JSON(ports.joined(separator: ","))
    },
    "endpointAddresses": { row in
      var shown: [String] = []
      let subsets = row.object.list("subsets")
      for subset in subsets {
        let addresses = subset.list("addresses").map { $0.text("ip") }
        let ports = subset.list("ports")
        shown +=
          ports.isEmpty ? addresses : ports.flatMap { port in addresses.map { host($0, port["port"]?.int ?? 0) } }
      }
      // Nothing is said of endpoints that are there and not ready.
      return some(shown, none: subsets.isEmpty ? "<none>" : "")
    },
    "slicePorts": { row in
      let ports = row.object.list("ports").map { port in
        port["port"]?.int.map { "\($0)" } ?? port["name"]?.string ?? "*"
      }
      return ports == [""] ? "<unset>" : some(ports, none: "<unset>")
    },
    "sliceAddresses": { row in
      some(
        row.object.list("endpoints").flatMap { $0.list("addresses").compactMap(\.string) }, none: "<unset>")
    },
    "ingressClass": { row in text(row.spec["ingressClassName"]) },
    "ingressHosts": { row in
      let rules = row.spec.list("rules")
      let shown = rules.indices.filter { !rules[$0].text("host").isEmpty }.prefix(3)
      if shown.isEmpty { return "*" }
      let text = shown.map { rules[$0].text("host") }.joined(separator: ",")
      // Rules without a host count among those left out, as long as they come after the last one shown.
      let hasMore = shown.count == 3 && shown.last != rules.indices.last
      return JSON(hasMore ? "\(text) + \(rules.count - 3) more..." : text)
    },
    "ingressAddress": { row in JSON(loadBalancerAddresses(row).joined(separator: ",")) },
    "ingressPorts": { row in row.spec.list("tls").isEmpty ? "80" : "80, 443" },
    "ingressParameters": { row in
      guard let parameters = row.spec["parameters"] else { return "<none>" }
      let group = parameters["apiGroup"]?.string.map { "." + $0 } ?? ""
      return JSON("\(parameters.text("kind"))\(group)/\(parameters.text("name"))")
    },
    "policyPodSelector": { row in selector(row.spec["podSelector"]) },
    "serviceCIDRs": { row in JSON(row.spec.list("cidrs").compactMap(\.string).joined(separator: ",")) },
    "addressParent": { row in
      guard let parent = row.spec["parentRef"] else { return "<none>" }
      let type = GroupResource(parent.text("group"), parent.text("resource")).description.lowercased()
      let namespace = parent.text("namespace")
      return JSON("\(type)/\(namespace.isEmpty ? "" : namespace + "/")\(parent.text("name"))")
    },
  ]

  /// `1.2.3.4:80`, `[::1]:80`
  private static func host(_ address: String, _ port: Int) -> String {
    address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
  }

  private static func externalAddress(_ row: Row) -> String {
    let external = row.spec.list("externalIPs").compactMap(\.string)
    switch row.spec.text("type") {
    case "ExternalName": return row.spec.text("externalName")
    case "LoadBalancer":
      let all = loadBalancerAddresses(row) + external
      return all.isEmpty ? "<pending>" : all.joined(separator: ",")
    case "ClusterIP", "NodePort": return external.isEmpty ? "<none>" : external.joined(separator: ",")
    default: return "<unknown>"
    }
  }

  private static func loadBalancerAddresses(_ row: Row) -> [String] {
    let ingress = row.status["loadBalancer"]?.list("ingress") ?? []
    return Set(ingress.map { $0.text("ip").isEmpty ? $0.text("hostname") : $0.text("ip") }.filter { !$0.isEmpty })
      .sorted()
  }
}
