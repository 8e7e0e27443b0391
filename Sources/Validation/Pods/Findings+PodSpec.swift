import JSONCore
import Objects

/// Who embeds a pod's spec decides a few of its rules.
enum PodUse: Sendable {
  case pod
  case template
}

extension Findings {
  /// `spec` of a pod or of a pod template.
  /// - Parameter podName: of a real pod; claims are named after it.
  mutating func podSpec(_ spec: JSON?, _ path: Path, use: PodUse, podName: String = "") {
    let spec = spec ?? .emptyObject
    let volumes = self.volumes(spec["volumes"], path.child("volumes"), use: use, podName: podName)
    resourceClaims(spec["resourceClaims"], path.child("resourceClaims"))
    containers(of: spec, path, volumes: volumes, use: use)
    if let resources = spec["resources"] { podResources(resources, spec, path.child("resources")) }
    oneOf(path.child("restartPolicy"), spec.text("restartPolicy"), ["Always", "OnFailure", "Never"])
    dns(spec, path)
    podSecurityContext(spec, path.child("securityContext"))
    host(spec, path, use: use)
    names(of: spec, path)
    labels(spec["nodeSelector"], path.child("nodeSelector"))
    affinity(spec["affinity"], path.child("affinity"))
    tolerations(spec["tolerations"], path.child("tolerations"))
    topologySpread(spec["topologySpreadConstraints"], path.child("topologySpreadConstraints"))
    hostAliases(spec["hostAliases"], path.child("hostAliases"))
    gates(of: spec, path)
    inRange(path.child("activeDeadlineSeconds"), spec["activeDeadlineSeconds"], 1...Int(Int32.max))
    if let overhead = spec["overhead"] { resources(["limits": overhead], path.child("overhead"), claims: []) }
    windowsHostProcess(spec, path)
    operatingSystem(spec, path)
    if let policy = spec["preemptionPolicy"]?.string {
      oneOf(path.child("preemptionPolicy"), policy, ["PreemptLowerPriority", "Never"])
    }
  }

  /// All search paths together.
  private static let searchCharacters = 2048

  private mutating func dns(_ spec: JSON, _ path: Path) {
    let policy = spec.text("dnsPolicy")
    oneOf(path.child("dnsPolicy"), policy, ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"])
    let config = spec["dnsConfig"]
    let path = path.child("dnsConfig")
    if policy == "None" {
      guard let config else { return required(path, "must provide `dnsConfig` when `dnsPolicy` is None") }
      if config.list("nameservers").isEmpty {
        return required(
          path.child("nameservers"), "must provide at least one DNS nameserver when `dnsPolicy` is None")
      }
    }
    guard let config else { return }
    if config.list("nameservers").count > 3 {
      invalid(path.child("nameservers"), config["nameservers"], "must not have more than 3 nameservers")
    }
    for (path, server) in elements(config["nameservers"], path.child("nameservers")) {
      ipAddress(path, server.string ?? "")
    }
    if config.list("searches").count > 32 {
      invalid(path.child("searches"), config["searches"], "must not have more than 32 search paths")
    }
    let length = config.list("searches").compactMap(\.string).joined(separator: " ").utf8.count
    if length > Self.searchCharacters {
      invalid(
        path.child("searches"), config["searches"],
        "must not have more than \(Self.searchCharacters) characters (including spaces) in the search list")
    }
    for (path, search) in elements(config["searches"], path.child("searches")) {
      let name = search.string ?? ""
      let trimmed = name.hasSuffix(".") ? String(name.dropLast()) : name
      if name != "." { invalid(path, trimmed, messages: Names.searchDomain(trimmed)) }
    }
    for (path, option) in elements(config["options"], path.child("options")) where option.text("name").isEmpty {
      required(path, "must not be empty")
    }
  }

  private mutating func names(of spec: JSON, _ path: Path) {
    for field in ["hostname", "subdomain"] {
      guard let name = spec[field]?.string, !name.isEmpty else { continue }
      invalid(path.child(field), name, messages: Names.label(name))
    }
    for field in ["serviceAccountName", "nodeName", "priorityClassName"] {
      guard let name = spec[field]?.string, !name.isEmpty else { continue }
      invalid(path.child(field), name, messages: Names.subdomain(name))
    }
    if let name = spec["runtimeClassName"]?.string {
      invalid(path.child("runtimeClassName"), name, messages: Names.subdomain(name))
    }
    guard let name = spec["hostnameOverride"]?.string else { return }
    let path = path.child("hostnameOverride")
    if spec["setHostnameAsFQDN"]?.bool == true {
      forbidden(path, "may not be specified when setHostnameAsFQDN is true")
    }
    if spec["hostNetwork"]?.bool == true { forbidden(path, "may not be specified when hostNetwork is true") }
    if name.utf8.count > 64 { add(.tooLong(path, limit: 64)) }
    invalid(path, name, messages: Names.subdomain(name))
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

  /// What a pod may share with its node.
  private mutating func host(_ spec: JSON, _ path: Path, use: PodUse) {
    if spec["hostNetwork"]?.bool == true {
      for (path, container) in elements(spec["containers"], path.child("containers")) {
        for (path, port) in elements(container["ports"], path.child("ports")) {
          let hostPort = port["hostPort"]?.int ?? 0
          // A template's ports get theirs when its pods are made.
          if case .template = use, hostPort == 0 { continue }
          if hostPort == port["containerPort"]?.int ?? 0 { continue }
          invalid(
            path.child("hostPort"), JSON(hostPort), "must match `containerPort` when `hostNetwork` is true")
        }
      }
    }
    guard spec["hostUsers"]?.bool == false else { return }
    for (field, shown) in [("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC")]
    where spec[field]?.bool == true {
      forbidden(path.child(shown), "when `hostUsers` is false")
    }
    for (path, container) in Self.allContainers(of: spec, path)
    where !container.list("volumeDevices").isEmpty {
      forbidden(path.child("volumeDevices"), "when `hostUsers` is false")
    }
  }

  /// Every container with its path: those that run before, those that run, those that debug.
  static func allContainers(of spec: JSON, _ path: Path) -> [(Path, JSON)] {
    var all: [(Path, JSON)] = []
    for list in ["initContainers", "containers", "ephemeralContainers"] {
      let path = path.child(list)
      for (index, container) in spec.list(list).enumerated() { all.append((path.index(index), container)) }
    }
    return all
  }
}
