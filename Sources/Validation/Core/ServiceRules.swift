import JSONCore
import Objects

/// Rules of `services`.
enum ServiceRules {
  static let rule = Rule(
    name: Names.label,
    object: { object, findings in
      hints(object, &findings)
      spec(object["spec"] ?? .emptyObject, "spec", &findings)
      sourceRanges(object, &findings)
    },
    update: { new, old, findings in
      ServiceChanges.judge(new["spec"] ?? .emptyObject, old["spec"] ?? .emptyObject, &findings)
    })

  /// Two annotations for one thing.
  private static func hints(_ service: JSON, _ findings: inout Findings) {
    let before = "service.kubernetes.io/topology-aware-hints"
    let now = "service.kubernetes.io/topology-mode"
    guard let annotations = service.at("metadata", "annotations"), let mode = annotations[now],
      let hints = annotations[before], mode != hints
    else { return }
    findings.invalid(
      Path("metadata.annotations").key(now), mode, "must match annotations[\(before)] when both are specified")
  }

  private static let types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]

  private static func spec(_ spec: JSON, _ path: Path, _ findings: inout Findings) {
    let type = spec.text("type")
    let isHeadless = isHeadless(spec)
    if spec.list("ports").isEmpty, !isHeadless, type != "ExternalName" { findings.required(path.child("ports")) }
    switch type {
    case "LoadBalancer", "NodePort":
      if isHeadless {
        findings.invalid(path.child("clusterIPs").index(0), "None", "may not be set to 'None' for \(type) services")
      }
    case "ExternalName": externalName(spec, path, &findings)
    default: break
    }
    ServicePortRules.ports(spec, path, &findings)
    findings.labels(spec["selector"], path.child("selector"))
    findings.oneOf(path.child("sessionAffinity"), spec.text("sessionAffinity"), ["ClientIP", "None"])
    affinity(spec, path, &findings)
    if type != "ExternalName" { ServiceAddressRules.addresses(spec, path, &findings) }
    for (path, address) in findings.elements(spec["externalIPs"], path.child("externalIPs")) {
      findings.ordinaryAddress(path, address.string ?? "")
    }
    findings.oneOf(path.child("type"), type, types)
    ServicePortRules.repetitions(spec, path, &findings)
    if spec["allocateLoadBalancerNodePorts"] != nil, type != "LoadBalancer" {
      findings.forbidden(
        path.child("allocateLoadBalancerNodePorts"), "may only be used when `type` is 'LoadBalancer'")
    }
    loadBalancerClass(spec, path, &findings)
    traffic(spec, path, &findings)
  }

  static func isHeadless(_ spec: JSON) -> Bool {
    spec.list("clusterIPs") == ["None"]
  }

  private static func externalName(_ spec: JSON, _ path: Path, _ findings: inout Findings) {
    for field in ["clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
      if spec[field] != nil, spec[field]?.array?.isEmpty != true {
        findings.forbidden(path.child(field), "may not be set for ExternalName services")
      }
    }
    let name = spec.text("externalName")
    let trimmed = name.hasSuffix(".") ? String(name.dropLast()) : name
    if trimmed.isEmpty {
      findings.required(path.child("externalName"))
    } else {
      findings.invalid(path.child("externalName"), trimmed, messages: Names.subdomain(trimmed))
    }
  }

  private static func affinity(_ spec: JSON, _ path: Path, _ findings: inout Findings) {
    let place = path.child("sessionAffinityConfig")
    let config = spec["sessionAffinityConfig"]
    switch spec.text("sessionAffinity") {
    case "None":
      if config != nil { findings.forbidden(place, "must not be set when session affinity is None") }
    case "ClientIP":
      let why = "when session affinity type is ClientIP"
      guard let config else { return findings.required(place, why) }
      guard let client = config["clientIP"] else { return findings.required(place.child("clientIP"), why) }
      let path = place.child("clientIP").child("timeoutSeconds")
      guard let seconds = client["timeoutSeconds"]?.int else { return findings.required(path, why) }
      if !(1...86400).contains(seconds) {
        findings.invalid(path, JSON(seconds), "must be greater than 0 and less than 86400")
      }
    default: break
    }
  }

  /// Who may reach a load balancer stands in the spec or, of old, in an annotation.
  private static func sourceRanges(_ service: JSON, _ findings: inout Findings) {
    let spec = service["spec"] ?? .emptyObject
    let annotation = "service.beta.kubernetes.io/load-balancer-source-ranges"
    let path: Path
    var ranges = spec.list("loadBalancerSourceRanges").compactMap(\.string)
    let isAnnotated = ranges.isEmpty
    if !ranges.isEmpty {
      path = "spec.LoadBalancerSourceRanges"
    } else if let text = service.at("metadata", "annotations", annotation)?.string {
      path = Path("metadata.annotations").key(annotation)
      ranges =
        text.allSatisfy(\.isWhitespace)
        ? [] : text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    } else {
      return
    }
    if spec.text("type") != "LoadBalancer" {
      findings.forbidden(path, "may only be used when `type` is 'LoadBalancer'")
    }
    for (index, range) in ranges.enumerated() {
      let text = String(range.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
      findings.addressBlock(isAnnotated ? path : path.index(index), text)
    }
  }

  private static func loadBalancerClass(_ spec: JSON, _ path: Path, _ findings: inout Findings) {
    guard let name = spec["loadBalancerClass"]?.string else { return }
    let path = path.child("loadBalancerClass")
    if spec.text("type") == "LoadBalancer" {
      findings.invalid(path, name, messages: Names.qualified(name))
    } else {
      findings.forbidden(path, "may only be used when `type` is 'LoadBalancer'")
    }
  }

  private static func traffic(_ spec: JSON, _ path: Path, _ findings: inout Findings) {
    let type = spec.text("type")
    let isExternal =
      ["NodePort", "LoadBalancer"].contains(type) || type == "ClusterIP" && !spec.list("externalIPs").isEmpty
    let policy = spec.text("externalTrafficPolicy")
    let place = path.child("externalTrafficPolicy")
    if isExternal {
      findings.oneOf(place, policy, ["Cluster", "Local"])
    } else if !policy.isEmpty {
      findings.invalid(place, .string(policy), "may only be set for externally-accessible services")
    }
    let checkPort = spec["healthCheckNodePort"]?.int ?? 0
    if type == "LoadBalancer", policy == "Local" {
      if checkPort == 0 {
        findings.required(path.child("healthCheckNodePort"))
      } else {
        findings.inRange(path.child("healthCheckNodePort"), JSON(checkPort), 1...65535)
      }
    } else if checkPort != 0 {
      findings.invalid(
        path.child("healthCheckNodePort"), JSON(checkPort),
        "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'")
    }
    if let policy = spec["internalTrafficPolicy"]?.string {
      findings.supported(path.child("internalTrafficPolicy"), policy, ["Cluster", "Local"])
    } else if ["ClusterIP", "NodePort", "LoadBalancer"].contains(type) {
      findings.required(path.child("internalTrafficPolicy"))
    }
    if let distribution = spec["trafficDistribution"]?.string {
      findings.supported(
        path.child("trafficDistribution"), distribution, ["PreferClose", "PreferSameZone", "PreferSameNode"])
    }
  }
}
