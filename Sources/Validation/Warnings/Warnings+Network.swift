import JSONCore
import Objects
import Values

extension Warnings {
  mutating func service(_ service: JSON) {
    let hints = "service.kubernetes.io/topology-aware-hints"
    if service.at("metadata", "annotations", hints) != nil {
      add("annotation \(hints) is deprecated, please use service.kubernetes.io/topology-mode instead")
    }
    let spec = service["spec"] ?? .emptyObject
    let path = Path("spec")
    for (path, address) in Self.elements(spec["clusterIPs"], path.child("clusterIPs")) {
      self.address(address.string ?? "", path)
    }
    let isExternalName = spec.text("type") == "ExternalName"
    let external = spec.list("externalIPs")
    let isHeadless = spec.text("type") == "ClusterIP" && spec.text("clusterIP") == "None"
    if isHeadless {
      if !spec.text("loadBalancerIP").isEmpty { add("spec.loadBalancerIP is ignored for headless services") }
      if !external.isEmpty { add("spec.externalIPs is ignored for headless services") }
      if spec.text("sessionAffinity") != "None" { add("spec.SessionAffinity is ignored for headless services") }
    }
    for (path, address) in Self.elements(spec["externalIPs"], path.child("externalIPs")) {
      self.address(address.string ?? "", path)
    }
    if !external.isEmpty, !isHeadless, !isExternalName {
      add("spec.externalIPs is deprecated and may no longer be implemented in some clusters")
    }
    address(spec.text("loadBalancerIP"), path.child("loadBalancerIP"))
    for (path, block) in Self.elements(spec["loadBalancerSourceRanges"], path.child("loadBalancerSourceRanges")) {
      self.block(block.string ?? "", path)
    }
    if isExternalName, !external.isEmpty { add("spec.externalIPs is ignored when spec.type is \"ExternalName\"") }
    if !isExternalName, !spec.text("externalName").isEmpty {
      add("spec.externalName is ignored when spec.type is not \"ExternalName\"")
    }
    if spec.text("trafficDistribution") == "PreferClose" {
      add("spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"")
    }
  }

  mutating func node(_ spec: JSON) {
    if spec["configSource"] != nil { add("spec.configSource: the feature is removed") }
    if !spec.text("externalID").isEmpty {
      add("spec.externalID: this field is deprecated, and is unused by Kubernetes")
    }
    for (path, block) in Self.elements(spec["podCIDRs"], "spec.podCIDRs") { self.block(block.string ?? "", path) }
  }

  mutating func networkPolicy(_ policy: JSON) {
    for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
      for (path, rule) in Self.elements(policy["spec"]?[direction], Path("spec").child(direction)) {
        for (path, peer) in Self.elements(rule[peers], path.child(peers)) {
          guard let block = peer["ipBlock"] else { continue }
          self.block(block.text("cidr"), path.child("ipBlock").child("cidr"))
          for (path, exception) in Self.elements(block["except"], path.child("ipBlock").child("except")) {
            self.block(exception.string ?? "", path)
          }
        }
      }
    }
  }

  mutating func endpointSlice(_ slice: JSON) {
    if slice.text("addressType") == "FQDN" { return add("spec.addressType: FQDN endpoints are deprecated") }
    for (path, endpoint) in Self.elements(slice["endpoints"], "endpoints") {
      for (path, address) in Self.elements(endpoint["addresses"], path.child("addresses")) {
        self.address(address.string ?? "", path)
      }
    }
  }

  /// One way to write an address is better than several.
  mutating func address(_ text: String, _ path: Path) {
    guard let address = IPAddress(text), address.isIPv6, address.description != text else { return }
    add(
      path,
      "IPv6 address \(Status.quoted(text)) should be in RFC 5952 canonical format "
        + "(\(Status.quoted(address.description)))")
  }

  mutating func block(_ text: String, _ path: Path) {
    guard let block = CIDR(text), block.address.isIPv6, block.description != text else { return }
    add(
      path,
      "IPv6 CIDR value \(Status.quoted(text)) should be in RFC 5952 canonical format "
        + "(\(Status.quoted(block.description)))")
  }

  /// A TLS secret should hold a certificate and its key, in PEM.
  mutating func certificate(_ secret: JSON) {
    guard secret.text("type") == "kubernetes.io/tls" else { return }
    for (key, what) in [("tls.crt", "certificate"), ("tls.key", "key")] {
      let bytes = Base64.decode(secret["data"]?.text(key) ?? "") ?? []
      if !String(decoding: bytes, as: UTF8.self).contains("-----BEGIN ") {
        return add("tls: failed to find any PEM data in \(what) input")
      }
    }
  }
}
