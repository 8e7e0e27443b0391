import JSONCore
import Objects

/// What the containers of a pod are judged by.
struct ContainerFrame {
  var spec: JSON
  /// Those that can be mounted, by name.
  var volumes: [String: JSON]
  var use: PodUse
  /// Names in `resourceClaims`.
  var claims: Set<String>
  /// Seconds.
  var grace: Int
}

extension Findings {
  /// The three lists of containers of a pod's spec.
  mutating func containers(of spec: JSON, _ path: Path, volumes: [String: JSON], use: PodUse) {
    let claims = spec.list("resourceClaims").map { $0.text("name") }
    let frame = ContainerFrame(
      spec: spec, volumes: volumes, use: use, claims: Set(claims.filter { !$0.isEmpty }),
      grace: spec["terminationGracePeriodSeconds"]?.int ?? 30)
    let containersPath = path.child("containers")
    if spec.list("containers").isEmpty { required(containersPath) }
    var names = Set<String>()
    for (path, container) in elements(spec["containers"], containersPath) {
      self.container(container, path, frame)
      if !names.insert(container.text("name")).inserted { duplicate(path.child("name"), container["name"] ?? "") }
      lifecycle(container["lifecycle"], path.child("lifecycle"), frame)
      probes(of: container, path)
      containerRestart(container, path)
    }
    hostPorts(spec.list("containers"), containersPath)
    let initPath = path.child("initContainers")
    for (path, container) in elements(spec["initContainers"], initPath) {
      initContainer(container, path, frame)
      // They run one after the other, and their ports are told of as those of the first one.
      hostPorts([container], initPath)
      let name = container.text("name")
      if names.contains(name) { duplicate(path.child("name"), .string(name)) }
      if !name.isEmpty { names.insert(name) }
    }
    ephemeralContainers(path, &names, frame)
  }

  mutating func container(_ container: JSON, _ path: Path, _ frame: ContainerFrame) {
    let name = container.text("name")
    if name.isEmpty {
      required(path.child("name"))
    } else {
      invalid(path.child("name"), name, messages: Names.label(name))
    }
    image(container, path, frame.use)
    oneOf(
      path.child("terminationMessagePolicy"), container.text("terminationMessagePolicy"),
      ["File", "FallbackToLogsOnError"])
    ports(container["ports"], path.child("ports"))
    environment(container, path)
    variableFiles(of: container, path, frame.spec)
    volumeMounts(container, path, volumes: frame.volumes)
    volumeDevices(container, path, volumes: frame.volumes)
    oneOf(path.child("imagePullPolicy"), container.text("imagePullPolicy"), ["Always", "IfNotPresent", "Never"])
    resources(container["resources"], path.child("resources"), claims: frame.claims)
    resizePolicy(
      container["resizePolicy"], path.child("resizePolicy"), podRestarts: frame.spec.text("restartPolicy") != "Never")
    securityContext(
      container["securityContext"], path.child("securityContext"), hostUsers: frame.spec["hostUsers"]?.bool)
  }

  private mutating func image(_ container: JSON, _ path: Path, _ use: PodUse) {
    let image = container.text("image")
    if image.isEmpty { return required(path.child("image")) }
    // Templates are forgiven, for the sake of those that have long been stored.
    if case .template = use { return }
    if image.first?.isWhitespace == true || image.last?.isWhitespace == true {
      invalid(path.child("image"), .string(image), "must not have leading or trailing whitespace")
    }
  }

  private mutating func initContainer(_ container: JSON, _ path: Path, _ frame: ContainerFrame) {
    self.container(container, path, frame)
    containerRestart(container, path)
    if container.text("restartPolicy") == "Always" {
      lifecycle(container["lifecycle"], path.child("lifecycle"), frame)
      return probes(of: container, path)
    }
    for field in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] where container[field] != nil {
      forbidden(path.child(field), "may not be set for init containers without restartPolicy=Always")
    }
  }

  private static let ruleMaximum = 20
  private static let exitCodeMaximum = 255

  /// A container's own `restartPolicy`, and the rules that go before it.
  private mutating func containerRestart(_ container: JSON, _ path: Path) {
    let rules = container.list("restartPolicyRules")
    if let policy = container["restartPolicy"]?.string {
      supported(path.child("restartPolicy"), policy, ["Always", "Never", "OnFailure"])
    } else if !rules.isEmpty {
      required(path.child("restartPolicy"), "must specify restartPolicy when restart rules are used")
    }
    let path = path.child("restartPolicyRules")
    if rules.count > Self.ruleMaximum { add(.tooMany(path, count: rules.count, limit: Self.ruleMaximum)) }
    for (index, rule) in rules.enumerated() {
      let path = path.index(index)
      supported(path.child("action"), rule.text("action"), ["Restart", "RestartAllContainers"])
      guard let codes = rule["exitCodes"] else {
        required(path.child("exitCodes"), "must be specified")
        continue
      }
      supported(path.child("exitCodes").child("operator"), codes.text("operator"), ["In", "NotIn"])
      let count = codes.list("values").count
      if count > Self.exitCodeMaximum {
        add(.tooMany(path.child("exitCodes").child("values"), count: count, limit: Self.exitCodeMaximum))
      }
    }
  }

  private mutating func ports(_ ports: JSON?, _ path: Path) {
    var names = Set<String>()
    for (path, port) in elements(ports, path) {
      if let name = port["name"]?.string, !name.isEmpty {
        let messages = Names.portName(name)
        invalid(path.child("name"), name, messages: messages)
        if messages.isEmpty, !names.insert(name).inserted { duplicate(path.child("name"), .string(name)) }
      }
      if port["containerPort"]?.int ?? 0 == 0 {
        required(path.child("containerPort"))
      } else {
        inRange(path.child("containerPort"), port["containerPort"], 1...65535)
      }
      if port["hostPort"]?.int ?? 0 != 0 { inRange(path.child("hostPort"), port["hostPort"], 1...65535) }
      oneOf(path.child("protocol"), port.text("protocol"), ["SCTP", "TCP", "UDP"])
    }
  }

  /// Two containers of one pod cannot share a port of the node.
  private mutating func hostPorts(_ containers: [JSON], _ path: Path) {
    var seen = Set<String>()
    for (index, container) in containers.enumerated() {
      for (portPath, port) in elements(container["ports"], path.index(index).child("ports")) {
        guard let number = port["hostPort"]?.int, number != 0 else { continue }
        let text = "\(port.text("protocol"))/\(port.text("hostIP"))/\(number)"
        if !seen.insert(text).inserted { duplicate(portPath.child("hostPort"), .string(text)) }
      }
    }
  }

  private mutating func lifecycle(_ lifecycle: JSON?, _ path: Path, _ frame: ContainerFrame) {
    for hook in ["postStart", "preStop"] {
      guard let handler = lifecycle?[hook] else { continue }
      self.handler(
        handler, path.child(hook), kinds: ["exec", "httpGet", "tcpSocket", "sleep"], grace: frame.grace)
    }
  }
}
