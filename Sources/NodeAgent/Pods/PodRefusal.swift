import JSONCore
import Objects

/// Why a node does not take a pod that was bound to it.
struct PodRefusal: Sendable, Equatable {
  var reason: String
  var message: String

  /// Settings of the kernel that belong to a pod alone, so that it may choose them.
  private static let safeSettings: Set<String> = [
    "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range",
    "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_wmem",
  ]

  init(reason: String, message: String) {
    self.reason = reason
    self.message = message
  }

  /// What its own spec says; nil when nothing is wrong with it.
  init?(_ spec: JSON) {
    if let system = spec.at("os", "name")?.string, system != "linux" {
      self.init(
        reason: "PodOSNotSupported", message: "Failed to admit pod as the OS field doesn't match node OS")
      return
    }
    let usesHost = (network: spec["hostNetwork"]?.bool == true, processes: spec["hostIPC"]?.bool == true)
    for setting in spec.at("securityContext", "sysctls")?.array ?? [] {
      let name = setting.text("name").replacing("/", with: ".")
      if !Self.safeSettings.contains(name) {
        self.init(reason: "SysctlForbidden", message: "forbidden sysctl: \"\(name)\" not allowlisted")
        return
      }
      if usesHost.network && name.hasPrefix("net.") || usesHost.processes && name.hasPrefix("kernel.") {
        let what = name.hasPrefix("net.") ? "network" : "ipc"
        self.init(
          reason: "SysctlForbidden", message: "forbidden sysctl: \"\(name)\" not allowed with host \(what) enabled")
        return
      }
    }
    return nil
  }
}

extension NodeAgent {
  /// Why the pod's node does not take it: its own spec, or what the others have left; nil when it does.
  func refusal(of worker: PodWorker, _ json: JSON) -> PodRefusal? {
    if let refusal = PodRefusal(json["spec"] ?? .emptyObject) { return refusal }
    guard let node = state.value.nodes[worker.node] else { return nil }
    let wanted = worker.machine.requests
    // The scheduler has seen to it already.
    let isScheduled = json["status"]?.list("conditions").contains { $0.text("type") == "PodScheduled" } ?? false
    if wanted.isEmpty || isScheduled { return nil }
    var used: [String: Quantity] = [:]
    for other in state.value.workers.values
    where other.node == worker.node && other.uid != worker.uid && !other.machine.isFinished {
      for (resource, amount) in other.machine.requests { used[resource, default: .zero] += amount }
    }
    for (resource, amount) in wanted.sorted(by: { $0.key < $1.key }) {
      guard let capacity = Quantity(node.allocatable[resource]) else { continue }
      let taken = used[resource] ?? .zero
      if amount + taken <= capacity { continue }
      let shown = { (quantity: Quantity) in resource == "cpu" ? quantity.milliValue : quantity.value }
      return PodRefusal(
        reason: "OutOf\(resource)",
        message: "Node didn't have enough resource: \(resource), requested: \(shown(amount)), used: \(shown(taken)), "
          + "capacity: \(shown(capacity))")
    }
    return nil
  }
}
