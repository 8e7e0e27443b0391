import JSONCore
import Objects

/// Who embeds a pod's spec decides a few of its rules.
enum PodUse: Sendable {
  case pod
  /// In a template, with the restart policies that the workload allows.
  case template(restartPolicies: [String])
}

extension Findings {
  /// `spec` of a pod or of a pod template.
  /// - Parameter claims: volumes that the workload adds to each pod, from its claim templates.
  mutating func podSpec(_ spec: JSON?, _ path: Path, use: PodUse, claims: Set<String> = []) {
    let spec = spec ?? .emptyObject
    let volumes = self.volumes(spec["volumes"], path.child("volumes")).union(claims)
    containers(of: spec, path, volumes: volumes, use: use)
    restartPolicy(spec, path, use: use)
    dns(spec, path)
    podSecurityContext(spec, path.child("securityContext"))
    hostNetwork(spec, path)
    names(of: spec, path)
    labels(spec["nodeSelector"], path.child("nodeSelector"))
    affinity(spec["affinity"], path.child("affinity"))
    tolerations(spec["tolerations"], path.child("tolerations"))
    topologySpread(spec["topologySpreadConstraints"], path.child("topologySpreadConstraints"))
    hostAliases(spec["hostAliases"], path.child("hostAliases"))
    gates(of: spec, path)
    inRange(path.child("activeDeadlineSeconds"), spec["activeDeadlineSeconds"], 1...Int(Int32.max))
    if let os = spec["os"] {
      if os.text("name").isEmpty {
        required(path.child("os").child("name"), "cannot be empty")
      } else {
        oneOf(path.child("os"), os.text("name"), ["linux", "windows"])
      }
    }
    preemption(spec, path)
  }

  private mutating func restartPolicy(_ spec: JSON, _ path: Path, use: PodUse) {
    let path = path.child("restartPolicy")
    let value = spec.text("restartPolicy")
    switch use {
    case .pod: oneOf(path, value, ["Always", "OnFailure", "Never"])
    case .template(let allowed):
      oneOf(
        path, value, ["Always", "OnFailure", "Never"].contains(value) ? allowed : ["Always", "OnFailure", "Never"])
    }
  }

  /// All search paths together.
  private static let searchCharacters = 2048

  private mutating func dns(_ spec: JSON, _ path: Path) {
    let policy = spec.text("dnsPolicy")
    oneOf(path.child("dnsPolicy"), policy, ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"])
    let config = spec["dnsConfig"]
    let configPath = path.child("dnsConfig")
    if policy == "None" {
      guard let config else { return required(configPath, "must provide `dnsConfig` when `dnsPolicy` is None") }
      if config.list("nameservers").isEmpty {
        required(configPath.child("nameservers"), "must provide at least one DNS nameserver when `dnsPolicy` is None")
      }
    }
    guard let config else { return }
    if config.list("nameservers").count > 3 {
      invalid(configPath.child("nameservers"), config["nameservers"], "must not have more than 3 nameservers")
    }
    for (path, server) in elements(config["nameservers"], configPath.child("nameservers")) {
      ipAddress(path, server.string ?? "")
    }
    if config.list("searches").count > 32 {
      invalid(configPath.child("searches"), config["searches"], "must not have more than 32 search paths")
    }
    for (path, search) in elements(config["searches"], configPath.child("searches")) {
      let name = search.string ?? ""
      let trimmed = name.hasSuffix(".") ? String(name.dropLast()) : name
      // Resolvers take underscores, too.
      if name != "." { invalid(path, trimmed, messages: Names.subdomain(trimmed.filter { $0 != "_" })) }
    }
    let length = config.list("searches").compactMap(\.string).joined(separator: " ").utf8.count
    if length > Self.searchCharacters {
      invalid(
        configPath.child("searches"), config["searches"],
        "must not have more than \(Self.searchCharacters) characters (including spaces) in the search list")
    }
    for (path, option) in elements(config["options"], configPath.child("options")) where option.text("name").isEmpty {
      required(path, "must not be empty")
    }
  }

  private mutating func names(of spec: JSON, _ path: Path) {
    if let hostname = spec["hostname"]?.string, !hostname.isEmpty {
      invalid(path.child("hostname"), hostname, messages: Names.label(hostname))
    }
    if let subdomain = spec["subdomain"]?.string, !subdomain.isEmpty {
      invalid(path.child("subdomain"), subdomain, messages: Names.label(subdomain))
    }
    for field in ["serviceAccountName", "nodeName", "priorityClassName", "runtimeClassName"] {
      guard let name = spec[field]?.string, !name.isEmpty else { continue }
      invalid(path.child(field), name, messages: Names.subdomain(name))
    }
  }

  private mutating func hostAliases(_ aliases: JSON?, _ path: Path) {
    for (path, alias) in elements(aliases, path) {
      ipAddress(path.child("ip"), alias.text("ip"))
      for (path, name) in elements(alias["hostnames"], path.child("hostnames")) {
        invalid(path, name.string ?? "", messages: Names.subdomain(name.string ?? ""))
      }
    }
  }

  private mutating func gates(of spec: JSON, _ path: Path) {
    for (path, gate) in elements(spec["readinessGates"], path.child("readinessGates")) {
      invalid(
        path.child("conditionType"), gate.text("conditionType"), messages: Names.qualified(gate.text("conditionType")))
    }
    var seen = Set<String>()
    for (path, gate) in elements(spec["schedulingGates"], path.child("schedulingGates")) {
      let name = gate.text("name")
      invalid(path, name, messages: Names.qualified(name))
      if !seen.insert(name).inserted { duplicate(path, .string(name)) }
    }
  }

  /// Containers in the network of the node have the ports that they listen on.
  private mutating func hostNetwork(_ spec: JSON, _ path: Path) {
    guard spec["hostNetwork"]?.bool == true else { return }
    for (path, container) in elements(spec["containers"], path.child("containers")) {
      for (path, port) in elements(container["ports"], path.child("ports"))
      where port["hostPort"] != port["containerPort"] {
        invalid(
          path.child("containerPort"), port["containerPort"], "must match `hostPort` when `hostNetwork` is true")
      }
    }
  }

  private mutating func preemption(_ spec: JSON, _ path: Path) {
    guard let policy = spec["preemptionPolicy"]?.string else { return }
    if policy.isEmpty { return required(path.child("preemptionPolicy")) }
    supported(path.child("preemptionPolicy"), policy, ["PreemptLowerPriority", "Never"])
  }

  /// A path below a domain: `acme.io/foo`.
  mutating func domainPath(_ path: Path, _ text: String) {
    if text.isEmpty { return required(path) }
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
      return invalid(path, .string(text), "must be a domain-prefixed path (such as \"acme.io/foo\")")
    }
    invalid(path, parts[0], messages: Names.subdomain(parts[0]))
  }

  /// One IP address of either family.
  mutating func ipAddress(_ path: Path, _ text: String) {
    if let problem = IPAddress.problem(text) { invalid(path, .string(text), problem) }
  }

  /// A block of addresses of either family.
  mutating func addressBlock(_ path: Path, _ text: String) {
    if let problem = CIDR.problem(text) { invalid(path, .string(text), problem) }
  }

  /// An address that traffic can be sent to from elsewhere (`ValidateNonSpecialIP`).
  mutating func ordinaryAddress(_ path: Path, _ text: String) {
    guard let address = IPAddress(text), !address.isIPv4Mapped else { return ipAddress(path, text) }
    if address.isUnspecified { invalid(path, .string(text), "may not be unspecified (0.0.0.0 or ::)") }
    if address.isLoopback { invalid(path, .string(text), "may not be in the loopback range (127.0.0.0/8, ::1/128)") }
    if address.isLinkLocal {
      invalid(path, .string(text), "may not be in the link-local range (169.254.0.0/16, fe80::/10)")
    }
    if address.isLinkLocalMulticast {
      invalid(path, .string(text), "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")
    }
  }
}
