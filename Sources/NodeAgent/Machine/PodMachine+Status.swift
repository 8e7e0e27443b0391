import JSONCore
import Reconciling
import Values

/// What the pod's status says.
extension PodMachine {
  public var phase: String {
    if let failure, !failure.reason.isEmpty { return isStillRunning ? "Running" : "Failed" }
    let initial = specification.containers.filter { $0.role == .initial }
    for container in initial {
      guard let exit = containers[container.name]?.exit else { return isAnyRegularTouched ? "Running" : "Pending" }
      if exit.code != 0 { return restarts(container, after: exit) && !isTerminating ? "Pending" : "Failed" }
    }
    let regular = specification.containers.filter { $0.role == .regular }
    if regular.contains(where: { containers[$0.name]?.isUntouched ?? true }) { return "Pending" }
    if regular.allSatisfy({ containers[$0.name]?.exit != nil && (isTerminating || isOver($0)) }) {
      if isStillRunning { return "Running" }
      return regular.allSatisfy { containers[$0.name]?.exit?.code == 0 } ? "Succeeded" : "Failed"
    }
    return "Running"
  }

  private var isStillRunning: Bool { containers.values.contains(where: \.isRunning) }

  private var isAnyRegularTouched: Bool {
    specification.containers.contains { $0.role == .regular && containers[$0.name]?.isUntouched == false }
  }

  /// All init containers have done their part.
  var isInitialized: Bool {
    specification.containers.allSatisfy { container in
      guard let state = containers[container.name] else { return true }
      switch container.role {
      case .initial: return state.exit?.code == 0 || isAnyRegularTouched
      case .sidecar: return state.isStarted || state.restartCount > 0 || isFinished
      default: return true
      }
    }
  }

  /// The new status, made from the stored one.
  /// - Parameters:
  ///   - pod: the object as it is stored.
  ///   - host: the node's own address.
  public func status(of pod: JSON, host: String, at now: Instant) -> JSON {
    var status = pod["status"] ?? .emptyObject
    let phase = self.phase
    status["phase"] = .string(phase)
    status["observedGeneration"] = JSON(specification.generation)
    if let startedAt { status["startTime"] = .string(startedAt.rfc3339) }
    status["hostIP"] = .string(host)
    status["hostIPs"] = [["ip": .string(host)]]
    if let address {
      status["podIP"] = .string(address)
      status["podIPs"] = [["ip": .string(address)]]
    }
    if let failure, !failure.reason.isEmpty {
      status["reason"] = .string(failure.reason)
      status["message"] = .string(failure.message)
    }
    // Of a pod that was refused nothing ever was.
    if isFinished, address == nil, failure != nil { return status }
    let groups = [
      ("initContainers", "initContainerStatuses"), ("containers", "containerStatuses"),
      ("ephemeralContainers", "ephemeralContainerStatuses"),
    ]
    for (field, statuses) in groups {
      let stored = pod["spec"]?.list(field) ?? []
      var list = specification.containers.filter { $0.role.field == field }.compactMap { container in
        containers[container.name]?.json(container, stored.first { $0.text("name") == container.name })
      }
      if phase == "Failed", field == "containers", isInitialized { list = list.map(Self.ended) }
      if !list.isEmpty { status[statuses] = .array(list) }
    }
    var conditions = Conditions(status)
    write(&conditions, phase, now)
    conditions.write(to: &status)
    return status
  }

  /// Kubelets count a container as lost that has no end when its pod has one.
  private static func ended(_ container: JSON) -> JSON {
    if container.at("state", "terminated") != nil { return container }
    var container = container
    container["state"] = [
      "terminated": [
        "exitCode": 137, "reason": "ContainerStatusUnknown",
        "message": "The container could not be located when the pod was terminated",
      ]
    ]
    return container
  }

  private func write(_ conditions: inout Conditions, _ phase: String, _ now: Instant) {
    let extra: [(String, JSON)] = [("observedGeneration", JSON(specification.generation))]
    func set(_ type: String, _ isTrue: Bool, _ reason: String = "", _ message: String = "") {
      conditions.set(
        type, isTrue ? "True" : "False", reason: reason, message: message, at: now, extra: extra)
    }
    let isOver = phase == "Succeeded" || phase == "Failed"
    set("PodReadyToStartContainers", address != nil && !isOver && !isFinished)
    if isInitialized {
      set("Initialized", true, phase == "Succeeded" ? "PodCompleted" : "")
    } else {
      let names = specification.containers.filter { container in
        (container.role == .initial && containers[container.name]?.exit?.code != 0)
          || (container.role == .sidecar && containers[container.name]?.isStarted != true)
      }.map(\.name)
      set(
        "Initialized", false, "ContainersNotInitialized", "containers with incomplete status: [\(Self.joined(names))]")
    }
    let unready = specification.containers.filter { container in
      (container.role == .regular || container.role == .sidecar) && containers[container.name]?.isReady != true
    }.map(\.name)
    if isOver {
      let reason = phase == "Succeeded" ? "PodCompleted" : "PodFailed"
      set("Ready", false, reason)
      set("ContainersReady", false, reason)
    } else if !unready.isEmpty {
      let message = "containers with unready status: [\(Self.joined(unready))]"
      set("Ready", false, "ContainersNotReady", message)
      set("ContainersReady", false, "ContainersNotReady", message)
    } else {
      let missing = specification.gates.filter { !conditions.isTrue($0) }
      if missing.isEmpty {
        set("Ready", true)
      } else {
        let parts = missing.map { "corresponding condition of pod readiness gate \"\($0)\" does not exist." }
        set("Ready", false, "ReadinessGatesNotReady", parts.joined(separator: ", "))
      }
      set("ContainersReady", true)
    }
    if conditions["PodScheduled"] == nil { set("PodScheduled", true) }
    writeResize(&conditions, extra)
    if let failure, failure.reason == "Evicted" {
      set("DisruptionTarget", true, "TerminationByKubelet", failure.message)
    }
  }

  private static func joined(_ names: [String]) -> String { names.joined(separator: " ") }
}
