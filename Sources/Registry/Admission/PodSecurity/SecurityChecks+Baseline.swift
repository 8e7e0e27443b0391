import JSONCore
import Objects

/// What no pod needs that does not manage its node.
extension SecurityChecks {
  static let baseline: [SecurityCheck] = [
    SecurityCheck(name: "appArmorProfile") { pod, _ in appArmor(pod) },
    SecurityCheck(name: "capabilities_baseline") { pod, _ in capabilities(pod) },
    SecurityCheck(name: "hostNamespaces") { pod, _ in hostNamespaces(pod) },
    SecurityCheck(name: "hostPathVolumes") { pod, _ in hostPaths(pod) },
    SecurityCheck(name: "hostPorts") { pod, _ in hostPorts(pod) },
    SecurityCheck(name: "hostProbesAndHostLifecycle", since: 34) { pod, _ in probeHosts(pod) },
    SecurityCheck(name: "privileged") { pod, _ in
      let names = pod.names { $0["privileged"]?.bool == true }
      if names.isEmpty { return nil }
      return SecurityViolation(
        reason: "privileged", detail: "\(containers(names)) must not set securityContext.privileged=true")
    },
    SecurityCheck(name: "procMount") { pod, minor in procMount(pod, minor) },
    SecurityCheck(name: "seLinuxOptions") { pod, minor in seLinux(pod, minor) },
    SecurityCheck(name: "seccompProfile_baseline") { pod, minor in seccomp(pod, minor) },
    SecurityCheck(name: "sysctls") { pod, minor in sysctls(pod, minor) },
    SecurityCheck(name: "windowsHostProcess") { pod, _ in
      func isHost(_ context: JSON) -> Bool { context.at("windowsOptions", "hostProcess")?.bool == true }
      return setters(pod: isHost(pod.securityContext), pod.names(where: isHost)).map {
        SecurityViolation(
          reason: "hostProcess", detail: "\($0) must not set securityContext.windowsOptions.hostProcess=true")
      }
    },
  ]

  private static let profiles: Set<String> = ["RuntimeDefault", "Localhost"]

  private static func appArmor(_ pod: SecuritySubject) -> SecurityViolation? {
    var values: Set<String> = []
    func isBad(_ context: JSON) -> Bool {
      guard let profile = context["appArmorProfile"], !profiles.contains(profile.text("type")) else { return false }
      values.insert(profile.text("type"))
      return true
    }
    let isPodBad = isBad(pod.securityContext)
    var bad = setters(pod: isPodBad, pod.names(where: isBad)).map { [$0] } ?? []
    let annotations = pod.annotations.filter { key, value in
      key.hasPrefix("container.apparmor.security.beta.kubernetes.io/") && !value.isEmpty
        && value != "runtime/default" && !value.hasPrefix("localhost/")
    }.map { "\($0.key)=\(Status.quoted($0.value))" }.sorted()
    if !annotations.isEmpty { bad.append(plural("annotation", annotations.count)) }
    if bad.isEmpty { return nil }
    let shown = values.sorted() + annotations
    return SecurityViolation(
      reason: plural("forbidden AppArmor profile", shown.count),
      detail: "\(bad.joined(separator: " and ")) must not set AppArmor profile type to \(quoted(shown))")
  }

  /// What container engines give by default.
  private static let defaultCapabilities: Set<String> = [
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
    "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
  ]

  private static func capabilities(_ pod: SecuritySubject) -> SecurityViolation? {
    var added: Set<String> = []
    let names = pod.names { context in
      let bad = Self.added(context).filter { !defaultCapabilities.contains($0) }
      added.formUnion(bad)
      return !bad.isEmpty
    }
    if names.isEmpty { return nil }
    return SecurityViolation(
      reason: "non-default capabilities",
      detail: "\(containers(names)) must not include \(quoted(added.sorted())) in securityContext.capabilities.add")
  }

  static func added(_ context: JSON) -> [String] {
    (context["capabilities"]?.list("add") ?? []).compactMap(\.string)
  }

  private static func hostNamespaces(_ pod: SecuritySubject) -> SecurityViolation? {
    let shared = ["hostNetwork", "hostPID", "hostIPC"].filter { pod.spec[$0]?.bool == true }
    if shared.isEmpty { return nil }
    return SecurityViolation(
      reason: "host namespaces", detail: shared.map { "\($0)=true" }.joined(separator: ", "))
  }

  private static func hostPaths(_ pod: SecuritySubject) -> SecurityViolation? {
    let names = pod.spec.list("volumes").filter { $0["hostPath"] != nil }.map { $0.text("name") }
    if names.isEmpty { return nil }
    return SecurityViolation(reason: "hostPath volumes", detail: "\(plural("volume", names.count)) \(quoted(names))")
  }

  private static func hostPorts(_ pod: SecuritySubject) -> SecurityViolation? {
    var ports: Set<String> = []
    let names = pod.containers.filter { container in
      let used = container.list("ports").compactMap { $0["hostPort"]?.int }.filter { $0 != 0 }
      ports.formUnion(used.map(String.init))
      return !used.isEmpty
    }.map { $0.text("name") }
    if names.isEmpty { return nil }
    return SecurityViolation(
      reason: plural("hostPort", ports.count),
      detail: "\(containers(names)) \(names.count == 1 ? "uses" : "use") \(plural("hostPort", ports.count)) "
        + ports.sorted().joined(separator: ", "))
  }

  private static func probeHosts(_ pod: SecuritySubject) -> SecurityViolation? {
    var hosts: Set<String> = []
    let names = pod.containers.filter { container in
      let handlers =
        ["livenessProbe", "readinessProbe", "startupProbe"].compactMap { container[$0] }
        + ["postStart", "preStop"].compactMap { container["lifecycle"]?[$0] }
      let used = handlers.flatMap { handler in
        ["httpGet", "tcpSocket"].compactMap { handler[$0]?.text("host") }.filter { !$0.isEmpty }
      }
      hosts.formUnion(used)
      return !used.isEmpty
    }.map { $0.text("name") }
    if names.isEmpty { return nil }
    return SecurityViolation(
      reason: "probe or lifecycle host",
      detail: "\(containers(Set(names).sorted())) \(names.count == 1 ? "uses" : "use") "
        + "\(plural("probe or lifecycle host", hosts.count)) \(quoted(hosts.sorted()))")
  }

  private static func procMount(_ pod: SecuritySubject, _ minor: Int) -> SecurityViolation? {
    if minor >= 35, pod.hasOwnUsers { return nil }
    var values: Set<String> = []
    let names = pod.names { context in
      let value = context.text("procMount")
      if value.isEmpty || value == "Default" { return false }
      values.insert(value)
      return true
    }
    if names.isEmpty { return nil }
    return SecurityViolation(
      reason: "procMount",
      detail: "\(containers(names)) must not set securityContext.procMount to \(quoted(values.sorted()))")
  }

  private static func seLinux(_ pod: SecuritySubject, _ minor: Int) -> SecurityViolation? {
    var allowed: Set<String> = ["", "container_t", "container_init_t", "container_kvm_t"]
    if minor >= 31 { allowed.insert("container_engine_t") }
    var types: Set<String> = []
    var setsUser = false
    var setsRole = false
    func isBad(_ context: JSON) -> Bool {
      guard let options = context["seLinuxOptions"] else { return false }
      let type = options.text("type")
      let hasBadType = !allowed.contains(type)
      if hasBadType { types.insert(type) }
      let hasUser = !options.text("user").isEmpty
      let hasRole = !options.text("role").isEmpty
      setsUser = setsUser || hasUser
      setsRole = setsRole || hasRole
      return hasBadType || hasUser || hasRole
    }
    let isPodBad = isBad(pod.securityContext)
    guard let bad = setters(pod: isPodBad, pod.names(where: isBad)) else { return nil }
    var what: [String] = []
    if !types.isEmpty { what.append("\(plural("type", types.count)) \(quoted(types.sorted()))") }
    if setsUser { what.append("user may not be set") }
    if setsRole { what.append("role may not be set") }
    return SecurityViolation(
      reason: "seLinuxOptions",
      detail: "\(bad) set forbidden securityContext.seLinuxOptions: \(what.joined(separator: "; "))")
  }

  private static func seccomp(_ pod: SecuritySubject, _ minor: Int) -> SecurityViolation? {
    if minor < 19 { return seccompAnnotations(pod) }
    var values: Set<String> = []
    let isPodBad = hasBadSeccomp(pod.securityContext, &values)
    let names = pod.names { hasBadSeccomp($0, &values) }
    return setters(pod: isPodBad, names).map { badSeccomp($0, values) }
  }

  static func hasBadSeccomp(_ context: JSON, _ values: inout Set<String>) -> Bool {
    guard let profile = context["seccompProfile"], !profiles.contains(profile.text("type")) else { return false }
    values.insert(profile.text("type"))
    return true
  }

  static func badSeccomp(_ setters: String, _ values: Set<String>) -> SecurityViolation {
    SecurityViolation(
      reason: "seccompProfile",
      detail: "\(setters) must not set securityContext.seccompProfile.type to \(quoted(values.sorted()))")
  }

  /// Before there was a field for it.
  private static func seccompAnnotations(_ pod: SecuritySubject) -> SecurityViolation? {
    let keys = [PodSecurity.seccompPod] + pod.containers.map { PodSecurity.seccompContainer + $0.text("name") }
    let bad = keys.compactMap { key -> String? in
      guard let value = pod.annotations[key], value != "runtime/default", value != "docker/default",
        !value.hasPrefix("localhost/")
      else { return nil }
      return "\(key)=\(Status.quoted(value))"
    }
    if bad.isEmpty { return nil }
    return SecurityViolation(
      reason: "seccompProfile",
      detail: "forbidden \(plural("annotation", bad.count)) \(Set(bad).sorted().joined(separator: ", "))")
  }

  /// Settings of the kernel that touch nothing outside the pod, by the minor version that allowed them.
  private static let safeSysctls: [String: Int] = [
    "kernel.shm_rmid_forced": 0, "net.ipv4.ip_local_port_range": 0, "net.ipv4.tcp_syncookies": 0,
    "net.ipv4.ping_group_range": 0, "net.ipv4.ip_unprivileged_port_start": 0, "net.ipv4.ip_local_reserved_ports": 27,
    "net.ipv4.tcp_keepalive_time": 29, "net.ipv4.tcp_fin_timeout": 29, "net.ipv4.tcp_keepalive_intvl": 29,
    "net.ipv4.tcp_keepalive_probes": 29, "net.ipv4.tcp_rmem": 32, "net.ipv4.tcp_wmem": 32,
  ]

  private static func sysctls(_ pod: SecuritySubject, _ minor: Int) -> SecurityViolation? {
    let bad = pod.securityContext.list("sysctls").map { $0.text("name") }.filter { name in
      safeSysctls[name].map { $0 > minor } ?? true
    }
    if bad.isEmpty { return nil }
    return SecurityViolation(reason: "forbidden sysctls", detail: bad.joined(separator: ", "))
  }
}
