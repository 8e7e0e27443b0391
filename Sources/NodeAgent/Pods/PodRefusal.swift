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
