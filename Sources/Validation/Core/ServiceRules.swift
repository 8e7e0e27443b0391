import JSONCore
import Objects

/// Rules of `services`.
enum ServiceRules {
  static let rule = Rule(
    name: Names.label,
    object: { object, findings in spec(object["spec"] ?? .emptyObject, "spec", &findings) },
    update: { new, old, findings in
      let after = new["spec"] ?? .emptyObject
      let before = old["spec"] ?? .emptyObject
      guard before.text("type") != "ExternalName", after.text("type") != "ExternalName" else { return }
      let was = before.list("clusterIPs")
      let now = after.list("clusterIPs")
      if let first = was.first, first != now.first {
        findings.invalid("spec.clusterIPs[0]", after["clusterIPs"] ?? .array([]), "may not change once set")
      }
    })

  private static let types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]

  private static func spec(_ spec: JSON, _ path: Path, _ findings: inout Findings) {
    let type = spec.text("type")
    let isHeadless = spec.text("clusterIP") == "None"
    if spec.list("ports").isEmpty, !isHeadless, type != "ExternalName" { findings.required(path.child("ports")) }
    switch type {
    case "LoadBalancer", "NodePort":
      if isHeadless {
        findings.invalid(path.child("clusterIPs").index(0), "None", "may not be set to 'None' for \(type) services")
      }
    case "ExternalName": externalName(spec, path, &findings)
    default: break
    }
    ports(spec, path, type: type, isHeadless: isHeadless, &findings)
    findings.labels(spec["selector"], path.child("selector"))
    findings.oneOf(path.child("sessionAffinity"), spec.text("sessionAffinity"), ["ClientIP", "None"])
    affinity(spec, path, &findings)
    for (path, address) in findings.elements(spec["externalIPs"], path.child("externalIPs")) {
      nonSpecialIP(address.string ?? "", path, &findings)
    }
    findings.oneOf(path.child("type"), type, types)
    addresses(spec, path, &findings)
    loadBalancer(spec, path, type: type, &findings)
    traffic(spec, path, type: type, &findings)
  }

  private static func externalName(_ spec: JSON, _ path: Path, _ findings: inout Findings) {
    if !spec.list("clusterIPs").isEmpty {
      findings.forbidden(path.child("clusterIPs"), "may not be set for ExternalName services")
    }
    let name = spec.text("externalName")
    if name.isEmpty {
      findings.required(path.child("externalName"))
    } else {
      let trimmed = name.hasSuffix(".") ? String(name.dropLast()) : name
      findings.invalid(path.child("externalName"), name, messages: Names.subdomain(trimmed))
    }
  }

  private static func ports(
    _ spec: JSON, _ path: Path, type: String, isHeadless: Bool, _ findings: inout Findings
  ) {
    var names = Set<String>()
    var seen = Set<String>()
    let list = spec.list("ports")
    for (path, port) in findings.elements(spec["ports"], path.child("ports")) {
      let name = port.text("name")
      if name.isEmpty {
        if list.count > 1 { findings.required(path.child("name")) }
      } else {
        findings.invalid(path.child("name"), name, messages: Names.label(name))
        if !names.insert(name).inserted { findings.duplicate(path.child("name"), .string(name)) }
      }
      findings.inRange(path.child("port"), port["port"] ?? 0, 1...65535)
      findings.oneOf(path.child("protocol"), port.text("protocol"), ["SCTP", "TCP", "UDP"])
      findings.portOrName(port["targetPort"], path.child("targetPort"))
      if isHeadless, let target = port["targetPort"]?.int, target != 0, target != port["port"]?.int,
        type != "ExternalName"
      {
        findings.invalid(
          path.child("targetPort"), port["targetPort"], "must be equal to the value of 'port' when clusterIP = None")
      }
      if let number = port["nodePort"]?.int, number != 0, !["NodePort", "LoadBalancer"].contains(type) {
        findings.forbidden(path.child("nodePort"), "may not be used when `type` is '\(type)'")
      }
      if !seen.insert("\(port.text("protocol")) \(port["port"]?.int ?? 0)").inserted {
        // The stock server prints the Go value of the port.
        findings.add(
          FieldError(
            reason: .duplicate, field: path.description,
            message: "Duplicate value: {\"Name\":\"\",\"Protocol\":\(Status.quoted(port.text("protocol"))),"
              + "\"AppProtocol\":null,\"Port\":\(port["port"]?.int ?? 0),\"TargetPort\":0,\"NodePort\":0}"))
      }
    }
  }

  private static func affinity(_ spec: JSON, _ path: Path, _ findings: inout Findings) {
    let seconds = spec.at("sessionAffinityConfig", "clientIP", "timeoutSeconds")
    let place = path.child("sessionAffinityConfig")
    if spec.text("sessionAffinity") == "None", spec["sessionAffinityConfig"] != nil {
      findings.forbidden(place, "must not be set when session affinity is None")
    } else if let value = seconds?.int, !(1...86400).contains(value) {
      findings.invalid(
        place.child("clientIP").child("timeoutSeconds"), seconds, "must be greater than 0 and less than 86400")
    }
  }

  private static func addresses(_ spec: JSON, _ path: Path, _ findings: inout Findings) {
    for (path, address) in findings.elements(spec["clusterIPs"], path.child("clusterIPs")) {
      let text = address.string ?? ""
      if text == "None" || text.isEmpty { continue }
      findings.ipAddress(path, text)
    }
    if let policy = spec["ipFamilyPolicy"]?.string {
      findings.supported(
        path.child("ipFamilyPolicy"), policy, ["SingleStack", "PreferDualStack", "RequireDualStack"])
    }
    for (path, family) in findings.elements(spec["ipFamilies"], path.child("ipFamilies")) {
      findings.supported(path, family.string ?? "", ["IPv4", "IPv6"])
    }
  }

  private static func nonSpecialIP(_ text: String, _ path: Path, _ findings: inout Findings) {
    guard let address = IPAddress(text) else { return findings.ipAddress(path, text) }
    if address.isUnspecified { findings.invalid(path, .string(text), "may not be unspecified (0.0.0.0 or ::)") }
    if address.isLoopback {
      findings.invalid(path, .string(text), "may not be in the loopback range (127.0.0.0/8, ::1/128)")
    }
    if address.isLinkLocal {
      findings.invalid(path, .string(text), "may not be in the link-local range (169.254.0.0/16, fe80::/10)")
    }
    if address.isLinkLocalMulticast {
      findings.invalid(path, .string(text), "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")
    }
  }

  private static func loadBalancer(_ spec: JSON, _ path: Path, type: String, _ findings: inout Findings) {
    let ranges = path.child("LoadBalancerSourceRanges")
    if !spec.list("loadBalancerSourceRanges").isEmpty, type != "LoadBalancer" {
      findings.forbidden(ranges, "may only be used when `type` is 'LoadBalancer'")
    }
    for (path, range) in findings.elements(spec["loadBalancerSourceRanges"], ranges) {
      let text = range.string ?? ""
      if CIDR(text) == nil {
        findings.invalid(path, range, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")
      }
    }
    if spec["loadBalancerClass"] != nil, type != "LoadBalancer" {
      findings.forbidden(path.child("loadBalancerClass"), "may only be used when `type` is 'LoadBalancer'")
    }
    if spec["allocateLoadBalancerNodePorts"] != nil, type != "LoadBalancer" {
      findings.forbidden(
        path.child("allocateLoadBalancerNodePorts"), "may only be used when `type` is 'LoadBalancer'")
    }
  }

  private static func traffic(_ spec: JSON, _ path: Path, type: String, _ findings: inout Findings) {
    let isExternal = ["NodePort", "LoadBalancer"].contains(type) || !spec.list("externalIPs").isEmpty
    if let policy = spec["externalTrafficPolicy"]?.string, !policy.isEmpty {
      let place = path.child("externalTrafficPolicy")
      if !isExternal {
        findings.invalid(place, .string(policy), "may only be set for externally-accessible services")
      } else {
        findings.supported(place, policy, ["Cluster", "Local"])
      }
    }
    if let policy = spec["internalTrafficPolicy"]?.string {
      findings.supported(path.child("internalTrafficPolicy"), policy, ["Cluster", "Local"])
    }
    if let distribution = spec["trafficDistribution"]?.string {
      findings.supported(
        path.child("trafficDistribution"), distribution, ["PreferClose", "PreferSameZone", "PreferSameNode"])
    }
  }
}

/// Rules of `endpoints`.
enum EndpointsRules {
  static let endpoints = Rule(object: { object, findings in
    for (path, subset) in findings.elements(object["subsets"], "subsets") {
      if subset.list("addresses").isEmpty, subset.list("notReadyAddresses").isEmpty {
        findings.required(path, "must specify `addresses` or `notReadyAddresses`")
      }
      for field in ["addresses", "notReadyAddresses"] {
        for (path, address) in findings.elements(subset[field], path.child(field)) {
          EndpointsRules.address(address.text("ip"), path.child("ip"), &findings)
          if !address.text("hostname").isEmpty {
            findings.invalid(
              path.child("hostname"), address.text("hostname"), messages: Names.label(address.text("hostname")))
          }
        }
      }
      for (path, port) in findings.elements(subset["ports"], path.child("ports")) {
        if port.text("name").isEmpty {
          if subset.list("ports").count > 1 { findings.required(path.child("name")) }
        } else {
          findings.invalid(path.child("name"), port.text("name"), messages: Names.label(port.text("name")))
        }
        findings.inRange(path.child("port"), port["port"] ?? 0, 1...65535)
        findings.oneOf(path.child("protocol"), port.text("protocol"), ["SCTP", "TCP", "UDP"])
      }
    }
  })

  static func address(_ text: String, _ path: Path, _ findings: inout Findings) {
    guard let address = IPAddress(text) else { return findings.ipAddress(path, text) }
    if address.isUnspecified { findings.invalid(path, .string(text), "may not be unspecified (0.0.0.0 or ::)") }
    if address.isLoopback {
      findings.invalid(path, .string(text), "may not be in the loopback range (127.0.0.0/8, ::1/128)")
    }
    if address.isLinkLocal {
      findings.invalid(path, .string(text), "may not be in the link-local range (169.254.0.0/16, fe80::/10)")
    }
    if address.isLinkLocalMulticast {
      findings.invalid(path, .string(text), "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")
    }
  }
}
