import JSONCore
import Objects

extension Findings {
  /// The three lists of containers of a pod's spec.
  mutating func containers(of spec: JSON, _ path: Path, volumes: Set<String>, use: PodUse) {
    let containersPath = path.child("containers")
    if spec.list("containers").isEmpty { required(containersPath) }
    var names = Set<String>()
    for (path, container) in elements(spec["containers"], containersPath) {
      self.container(container, path, spec: spec, volumes: volumes)
      uniqueName(container, path, &names)
      probes(of: container, path)
      containerRestart(container, path, isInit: false)
    }
    hostPorts(spec.list("containers"), containersPath)
    for (path, container) in elements(spec["initContainers"], path.child("initContainers")) {
      self.container(container, path, spec: spec, volumes: volumes)
      uniqueName(container, path, &names)
      containerRestart(container, path, isInit: true)
      if container.text("restartPolicy") == "Always" {
        probes(of: container, path)
      } else {
        for field in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] where container[field] != nil {
          forbidden(path.child(field), "may not be set for init containers without restartPolicy=Always")
        }
      }
    }
    if case .pod = use {
    } else if !spec.list("ephemeralContainers").isEmpty {
      forbidden(path.child("ephemeralContainers"), "ephemeral containers not allowed in pod template")
    }
    ephemeralContainers(spec, path, &names, volumes: volumes)
  }

  private mutating func uniqueName(_ container: JSON, _ path: Path, _ names: inout Set<String>) {
    let name = container.text("name")
    if !name.isEmpty, !names.insert(name).inserted { duplicate(path.child("name"), .string(name)) }
  }

  private mutating func container(_ container: JSON, _ path: Path, spec: JSON, volumes: Set<String>) {
    let name = container.text("name")
    if name.isEmpty {
      required(path.child("name"))
    } else {
      invalid(path.child("name"), name, messages: Names.label(name))
    }
    image(container, path)
    lifecycle(
      container["lifecycle"], path.child("lifecycle"), grace: spec["terminationGracePeriodSeconds"]?.int ?? 30)
    oneOf(
      path.child("terminationMessagePolicy"), container.text("terminationMessagePolicy"),
      ["File", "FallbackToLogsOnError"])
    ports(container["ports"], path.child("ports"))
    environment(container, path)
    volumeMounts(container, path, volumes: volumes)
    volumeDevices(container, path, volumes: spec.list("volumes"))
    oneOf(path.child("imagePullPolicy"), container.text("imagePullPolicy"), ["Always", "IfNotPresent", "Never"])
    resources(container["resources"], path.child("resources"))
    resizePolicy(container["resizePolicy"], path.child("resizePolicy"))
    securityContext(container["securityContext"], path.child("securityContext"), hostUsers: spec["hostUsers"]?.bool)
  }

  private mutating func image(_ container: JSON, _ path: Path) {
    let image = container.text("image")
    if image.isEmpty { return required(path.child("image")) }
    if image.first?.isWhitespace == true || image.last?.isWhitespace == true {
      invalid(path.child("image"), .string(image), "must not have leading or trailing whitespace")
    }
  }

  private mutating func containerRestart(_ container: JSON, _ path: Path, isInit: Bool) {
    guard let policy = container["restartPolicy"]?.string else {
      if container["restartPolicyRules"] != nil {
        required(path.child("restartPolicy"), "must specify restartPolicy when restart rules are used")
      }
      return
    }
    supported(path.child("restartPolicy"), policy, ["Always", "Never", "OnFailure"])
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

  private mutating func lifecycle(_ lifecycle: JSON?, _ path: Path, grace: Int) {
    for hook in ["postStart", "preStop"] {
      guard let handler = lifecycle?[hook] else { continue }
      self.handler(handler, path.child(hook), kinds: ["exec", "httpGet", "tcpSocket", "sleep"])
      if let seconds = handler["sleep"]?["seconds"]?.int, !(0...max(grace, 0)).contains(seconds) {
        invalid(
          path.child(hook).child("sleep"), JSON(seconds),
          "must be non-negative and less than terminationGracePeriodSeconds (\(grace))")
      }
    }
  }

  private mutating func resizePolicy(_ policies: JSON?, _ path: Path) {
    var seen = Set<String>()
    for (path, policy) in elements(policies, path) {
      let name = policy.text("resourceName")
      oneOf(path, name, ["cpu", "memory"])
      oneOf(path, policy.text("restartPolicy"), ["NotRequired", "RestartContainer"])
      if !seen.insert(name).inserted { duplicate(path, .string(name)) }
    }
  }

  private mutating func ephemeralContainers(
    _ spec: JSON, _ path: Path, _ names: inout Set<String>, volumes: Set<String>
  ) {
    for (path, container) in elements(spec["ephemeralContainers"], path.child("ephemeralContainers")) {
      self.container(container, path, spec: spec, volumes: volumes)
      uniqueName(container, path, &names)
      for field in ["ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle", "resizePolicy"]
      where container[field] != nil {
        forbidden(path.child(field), "cannot be set for an Ephemeral Container")
      }
      if container["resources"]?.object?.isEmpty == false {
        forbidden(path.child("resources"), "cannot be set for an Ephemeral Container")
      }
      let target = container.text("targetContainerName")
      if !target.isEmpty, !(spec.list("containers").contains { $0.text("name") == target }) {
        add(.notFound(path.child("targetContainerName"), .string(target)))
      }
    }
  }
}
