import JSONCore
import Objects

extension Warnings {
  /// A pod, or the template of one.
  /// - Parameter path: of the template; empty for a pod.
  mutating func pod(_ pod: JSON, _ path: Path) {
    let spec = pod["spec"] ?? .emptyObject
    let specPath = path.child("spec")
    nodeLabels(spec, specPath)
    annotations(pod, path)
    volumes(spec["volumes"], specPath.child("volumes"))
    overlappingFiles(spec["volumes"])
    repeatedNames(spec, specPath)
    for name in ["memory", "ephemeral-storage"] {
      wholeBytes(spec["overhead"]?[name], specPath.child("overhead").key(name))
    }
    containers(pod, path)
    ports(spec, specPath)
    if let seconds = spec["terminationGracePeriodSeconds"]?.int, seconds < 0 {
      add(
        specPath.child("terminationGracePeriodSeconds"),
        "must be >= 0; negative values are invalid and will be treated as 1")
    }
    affinity(spec["affinity"], specPath.child("affinity"))
    for (path, server) in Self.elements(spec.at("dnsConfig", "nameservers"), specPath.child("dnsConfig.nameservers")) {
      address(server.string ?? "", path)
    }
    for (path, alias) in Self.elements(spec["hostAliases"], specPath.child("hostAliases")) {
      address(alias.text("ip"), path.child("ip"))
    }
  }

  static func elements(_ value: JSON?, _ path: Path) -> PathElements { Findings().elements(value, path) }

  static let deprecatedNodeLabels = [
    "beta.kubernetes.io/arch": "deprecated since v1.14; use \"kubernetes.io/arch\" instead",
    "beta.kubernetes.io/os": "deprecated since v1.14; use \"kubernetes.io/os\" instead",
    "failure-domain.beta.kubernetes.io/region": "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
    "failure-domain.beta.kubernetes.io/zone": "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead",
    "beta.kubernetes.io/instance-type": "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead",
  ]

  private static let deprecatedAnnotations = [
    (
      "scheduler.alpha.kubernetes.io/critical-pod",
      "non-functional in v1.16+; use the \"priorityClassName\" field instead"
    ),
    ("security.alpha.kubernetes.io/sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"),
    ("security.alpha.kubernetes.io/unsafe-sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"),
  ]

  private mutating func nodeLabels(_ spec: JSON, _ path: Path) {
    for key in spec["nodeSelector"]?.object?.allKeys ?? [] {
      if let text = Self.deprecatedNodeLabels[key] { add(path.child("nodeSelector").key(key), text) }
    }
    let node = spec.at("affinity", "nodeAffinity")
    let place = path.child("affinity").child("nodeAffinity")
    let hard = "requiredDuringSchedulingIgnoredDuringExecution"
    let terms = place.child(hard).child("nodeSelectorTerms")
    for (path, term) in Self.elements(node?[hard]?["nodeSelectorTerms"], terms) { nodeSelectorTerm(term, path) }
    let soft = "preferredDuringSchedulingIgnoredDuringExecution"
    for (path, weighted) in Self.elements(node?[soft], place.child(soft)) {
      nodeSelectorTerm(weighted["preference"] ?? .emptyObject, path.child("preference"), judgesValues: true)
    }
    let constraints = path.child("topologySpreadConstraints")
    for (path, constraint) in Self.elements(spec["topologySpreadConstraints"], constraints) {
      if let text = Self.deprecatedNodeLabels[constraint.text("topologyKey")] { add(path.child("topologyKey"), text) }
      if constraint["labelSelector"] == nil { nullSelector(path) }
    }
  }

  mutating func nodeSelectorTerm(_ term: JSON, _ path: Path, judgesValues: Bool = false) {
    for (path, expression) in Self.elements(term["matchExpressions"], path.child("matchExpressions")) {
      let key = expression.text("key")
      if let text = Self.deprecatedNodeLabels[key] { add(path.child("key"), "\(key) is \(text)") }
      if !judgesValues { continue }
      for (path, value) in Self.elements(expression["values"], path.child("values")) {
        let value = value.string ?? ""
        for message in Names.labelValue(value) { add(path, "\(value) is invalid, \(message)") }
      }
    }
  }

  private mutating func nullSelector(_ path: Path) {
    add(path.child("labelSelector"), "a null labelSelector results in matching no pod")
  }

  private mutating func affinity(_ affinity: JSON?, _ path: Path) {
    for kind in ["podAffinity", "podAntiAffinity"] {
      let path = path.child(kind)
      let hard = "requiredDuringSchedulingIgnoredDuringExecution"
      for (path, term) in Self.elements(affinity?[kind]?[hard], path.child(hard)) where term["labelSelector"] == nil {
        nullSelector(path)
      }
      let soft = "preferredDuringSchedulingIgnoredDuringExecution"
      for (path, weighted) in Self.elements(affinity?[kind]?[soft], path.child(soft))
      where weighted.at("podAffinityTerm", "labelSelector") == nil {
        nullSelector(path.child("podAffinityTerm"))
      }
    }
  }

  private mutating func annotations(_ pod: JSON, _ path: Path) {
    let annotations = pod.at("metadata", "annotations")
    simulation(pod, path)
    let path = path.child("metadata").child("annotations")
    for (key, text) in Self.deprecatedAnnotations where annotations?[key] != nil { add(path.key(key), text) }
    let seccomp = "seccomp.security.alpha.kubernetes.io/pod"
    if annotations?[seccomp] != nil, pod.at("spec", "securityContext", "seccompProfile") == nil {
      add(path.key(seccomp), "non-functional in v1.27+; use the \"seccompProfile\" field instead")
    }
  }

  private mutating func repeatedNames(_ spec: JSON, _ path: Path) {
    for (list, field) in [("hostAliases", "ip"), ("imagePullSecrets", "name")] {
      var seen = Set<String>()
      for (path, entry) in Self.elements(spec[list], path.child(list)) {
        let value = entry.text(field)
        if !seen.insert(value).inserted { add(path.child(field), "duplicate \(field) \(Status.quoted(value))") }
      }
    }
    for (path, entry) in Self.elements(spec["imagePullSecrets"], path.child("imagePullSecrets"))
    where entry.text("name").isEmpty {
      add(path.child("name"), "invalid empty name \"\"")
    }
  }

  /// Every container with its path: those that run before, those that run, those that debug.
  private static func containers(of spec: JSON, _ path: Path) -> [(Path, JSON)] {
    ["initContainers", "containers", "ephemeralContainers"].flatMap { elements(spec[$0], path.child($0)) }
  }

  private mutating func containers(_ pod: JSON, _ path: Path) {
    let spec = pod["spec"] ?? .emptyObject
    let annotations = pod.at("metadata", "annotations")
    let notes = path.child("metadata").child("annotations")
    let isTemplate = !path.isRoot
    let podHasProfile = spec.at("securityContext", "appArmorProfile") != nil
    for (path, container) in Self.containers(of: spec, path.child("spec")) {
      let context = container["securityContext"]
      let seccomp = "container.seccomp.security.alpha.kubernetes.io/" + container.text("name")
      if context?["seccompProfile"] == nil, annotations?[seccomp] != nil {
        add(notes.key(seccomp), "non-functional in v1.27+; use the \"seccompProfile\" field instead")
      }
      let appArmor = "container.apparmor.security.beta.kubernetes.io/" + container.text("name")
      if isTemplate, !podHasProfile, context?["appArmorProfile"] == nil, annotations?[appArmor] != nil {
        add(notes.key(appArmor), "deprecated since v1.30; use the \"appArmorProfile\" field instead")
      }
      for name in ["memory", "ephemeral-storage"] {
        for list in ["limits", "requests"] {
          wholeBytes(container.at("resources", list, name), path.child("resources").child(list).key(name))
        }
      }
      environment(container, path)
    }
  }

  /// A later variable of the same name hides the earlier one, unless it makes use of it.
  private mutating func environment(_ container: JSON, _ path: Path) {
    var seen = SeenTexts()
    for (path, variable) in Self.elements(container["env"], path.child("env")) {
      let name = variable.text("name")
      if seen.insert(name) { continue }
      if variable["valueFrom"] != nil || !Self.contains(variable.text("value"), "$(\(name))") {
        add(path, "hides previous definition of \(Status.quoted(name)), which may be dropped when using apply")
      }
    }
  }

  private static func contains(_ text: String, _ part: String) -> Bool { text.contains(part) }

  mutating func wholeBytes(_ value: JSON?, _ path: Path) {
    guard let amount = Quantity(value), amount.milliValue % 1000 != 0 else { return }
    add(path, "fractional byte value \(Status.quoted(amount.description)) is invalid, must be an integer")
  }

  private mutating func ports(_ spec: JSON, _ path: Path) {
    var known: [String: [(Path, JSON)]] = [:]
    var names: [String: Path] = [:]
    var nameTexts: [String] = []
    for (path, container) in Self.containers(of: spec, path) {
      for (path, port) in Self.elements(container["ports"], path.child("ports")) {
        let hostPort = port["hostPort"]?.int ?? 0
        let hostIP = port.text("hostIP")
        if !hostIP.isEmpty, hostPort == 0 {
          add(path, "hostIP set without hostPort: \(Self.goText(of: port))")
        }
        let key = "\(port["containerPort"]?.int ?? 0)/\(port.text("protocol"))"
        for (other, earlier) in known[key] ?? [] {
          let earlierPort = earlier["hostPort"]?.int ?? 0
          let earlierIP = earlier.text("hostIP")
          if hostIP == earlierIP, hostPort == earlierPort {
            add(path, "duplicate port definition with \(other)")
          } else if hostPort == 0 || earlierPort == 0 {
            add(path, "overlapping port definition with \(other)")
          } else if hostPort == earlierPort, hostIP.isEmpty != earlierIP.isEmpty {
            add(path, "dangerously ambiguous port definition with \(other)")
          }
        }
        known[key, default: []].append((path, port))
        let name = port.text("name")
        if name.isEmpty { continue }
        if let other = names[name] {
          nameTexts.append(
            "\(path): duplicate port name \(Status.quoted(name)) with \(other), services and probes that select ports by "
              + "name will use \(other)")
        } else {
          names[name] = path
        }
      }
    }
    for text in nameTexts { add(text) }
  }

  /// The stock server prints the Go value of the port.
  private static func goText(of port: JSON) -> String {
    "{Name:\(port.text("name")) HostPort:\(port["hostPort"]?.int ?? 0) ContainerPort:\(port["containerPort"]?.int ?? 0) "
      + "Protocol:\(port.text("protocol")) HostIP:\(port.text("hostIP"))}"
  }
}
