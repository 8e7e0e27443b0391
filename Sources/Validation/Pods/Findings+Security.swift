import JSONCore
import Objects

extension Findings {
  /// `securityContext` of a pod.
  mutating func podSecurityContext(_ spec: JSON, _ path: Path) {
    guard let context = spec["securityContext"] else { return }
    for field in ["runAsUser", "runAsGroup", "fsGroup"] {
      inRange(path.child(field), context[field], 0...Int(Int32.max))
    }
    for (path, group) in elements(context["supplementalGroups"], path.child("supplementalGroups")) {
      inRange(path, group, 0...Int(Int32.max))
    }
    if spec["shareProcessNamespace"]?.bool == true, spec["hostPID"]?.bool == true {
      invalid(
        path.child("shareProcessNamespace"), true, "ShareProcessNamespace and HostPID cannot both be enabled")
    }
    var seen = Set<String>()
    for (path, sysctl) in elements(context["sysctls"], path.child("sysctls")) {
      let name = sysctl.text("name")
      if name.isEmpty {
        required(path.child("name"))
      } else if !Self.isSysctl(name) {
        invalid(
          path.child("name"), .string(name),
          "must have at most 253 characters and match regex "
            + "^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$")
      } else if seen.contains(name) {
        duplicate(path.child("name"), .string(name))
      }
      seen.insert(name)
      hostSysctl(name, spec, path.child("name"))
    }
    if let policy = context["fsGroupChangePolicy"]?.string {
      supported(path.child("fsGroupChangePolicy"), policy, ["Always", "OnRootMismatch"])
    }
    if let policy = context["supplementalGroupsPolicy"]?.string {
      supported(path.child("supplementalGroupsPolicy"), policy, ["Merge", "Strict"])
    }
    if let policy = context["seLinuxChangePolicy"]?.string {
      supported(path.child("seLinuxChangePolicy"), policy, ["MountOption", "Recursive"])
    }
    profiles(context, path)
  }

  /// `securityContext` of a container.
  mutating func securityContext(_ context: JSON?, _ path: Path, hostUsers: Bool?) {
    guard let context else { return }
    for field in ["runAsUser", "runAsGroup"] { inRange(path.child(field), context[field], 0...Int(Int32.max)) }
    if let mount = context["procMount"]?.string { supported(path.child("procMount"), mount, ["Default", "Unmasked"]) }
    if context.text("procMount") == "Unmasked", hostUsers != false {
      invalid(path.child("procMount"), context["procMount"], "`hostUsers` must be false to use `Unmasked`")
    }
    profiles(context, path)
    if context["allowPrivilegeEscalation"]?.bool == false {
      if context["privileged"]?.bool == true {
        invalid(
          path, context, as: .securityContext,
          "cannot set `allowPrivilegeEscalation` to false and `privileged` to true")
      }
      for capability in context["capabilities"]?.list("add") ?? [] where capability == "CAP_SYS_ADMIN" {
        invalid(
          path, context, as: .securityContext,
          "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN")
      }
    }
  }

  /// Settings of the kernel that a pod shares with its node are not its own to make.
  private mutating func hostSysctl(_ name: String, _ spec: JSON, _ path: Path) {
    let name = String(name.map { $0 == "/" ? "." : $0 })
    if spec["hostNetwork"]?.bool == true, name.hasPrefix("net.") {
      invalid(path, .string(name), "may not be specified when 'hostNetwork' is true")
    } else if spec["hostIPC"]?.bool == true,
      ["kernel.shm", "kernel.msg", "fs.mqueue."].contains(where: name.hasPrefix) || name == "kernel.sem"
    {
      invalid(path, .string(name), "may not be specified when 'hostIPC' is true")
    }
  }

  private mutating func profiles(_ context: JSON, _ path: Path) {
    if let seccomp = context["seccompProfile"] { seccompProfile(seccomp, path.child("seccompProfile")) }
    if let appArmor = context["appArmorProfile"] { appArmorProfile(appArmor, path.child("appArmorProfile")) }
    windowsOptions(context["windowsOptions"], path.child("windowsOptions"))
  }

  private static let profileTypes = ["Localhost", "RuntimeDefault", "Unconfined"]

  private mutating func seccompProfile(_ profile: JSON, _ path: Path) {
    let type = profile.text("type")
    if type.isEmpty {
      required(path.child("type"), "type is required when seccompProfile is set")
    } else {
      supported(path.child("type"), type, Self.profileTypes)
    }
    let place = path.child("localhostProfile")
    switch profile["localhostProfile"]?.string {
    case nil: if type == "Localhost" { required(place, "must be set when seccomp type is Localhost") }
    case let file? where type == "Localhost": descendingPath(file, place)
    case _?: invalid(place, profile, as: .profile, "can only be set when seccomp type is Localhost")
    }
  }

  /// Bytes of a path.
  private static let profileMaximum = 4095

  private mutating func appArmorProfile(_ profile: JSON, _ path: Path) {
    let place = path.child("localhostProfile")
    let file = profile["localhostProfile"]?.string
    switch profile.text("type") {
    case "Localhost":
      guard let file else { return required(place, "must be set when AppArmor type is Localhost") }
      if file.first?.isWhitespace == true || file.last?.isWhitespace == true {
        invalid(place, .string(file), "must not be padded with whitespace")
      } else if file.isEmpty {
        required(place, "must be set when AppArmor type is Localhost")
      }
      if file.utf8.count > Self.profileMaximum { add(.tooLong(place, limit: Self.profileMaximum)) }
    case "RuntimeDefault", "Unconfined":
      if let file { invalid(place, .string(file), "can only be set when AppArmor type is Localhost") }
    case "": required(path.child("type"), "type is required when appArmorProfile is set")
    case let type: supported(path.child("type"), type, Self.profileTypes)
    }
  }

  private static func isSysctl(_ name: String) -> Bool {
    name.utf8.count <= 253
      && name.split(omittingEmptySubsequences: false) { $0 == "." || $0 == "/" }.allSatisfy { part in
        guard let first = part.utf8.first, let last = part.utf8.last else { return false }
        return Names.isLowerAlphanumeric(first) && Names.isLowerAlphanumeric(last)
          && part.utf8.allSatisfy { Names.isLowerAlphanumeric($0) || $0 == 45 || $0 == 95 }
      }
  }
}
