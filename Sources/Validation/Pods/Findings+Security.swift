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
        path.child("shareProcessNamespace"), true, "ShareProcessNamespace and HostPID cannot both be enabled.")
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
      } else if !seen.insert(name).inserted {
        duplicate(path.child("name"), .string(name))
      }
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
    profile(context["seccompProfile"], path.child("seccompProfile"), kind: "seccomp")
    profile(context["appArmorProfile"], path.child("appArmorProfile"), kind: "AppArmor")
  }

  /// `securityContext` of a container.
  mutating func securityContext(_ context: JSON?, _ path: Path, hostUsers: Bool?) {
    guard let context else { return }
    for field in ["runAsUser", "runAsGroup"] { inRange(path.child(field), context[field], 0...Int(Int32.max)) }
    if let mount = context["procMount"]?.string { supported(path.child("procMount"), mount, ["Default", "Unmasked"]) }
    if context.text("procMount") == "Unmasked", hostUsers != false {
      invalid(path.child("procMount"), context["procMount"], "`hostUsers` must be false to use `Unmasked`")
    }
    profile(context["seccompProfile"], path.child("seccompProfile"), kind: "seccomp")
    profile(context["appArmorProfile"], path.child("appArmorProfile"), kind: "AppArmor")
    if context["allowPrivilegeEscalation"]?.bool == false {
      if context["privileged"]?.bool == true {
        invalid(
          path, context, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true")
      }
      if (context["capabilities"]?.list("add") ?? []).contains("SYS_ADMIN") {
        invalid(
          path, context, "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN")
      }
    }
  }

  /// What a container's calls to the kernel are held against.
  private mutating func profile(_ profile: JSON?, _ path: Path, kind: String) {
    guard let profile else { return }
    let type = profile.text("type")
    let hasProfile = profile["localhostProfile"] != nil
    switch type {
    case "Localhost":
      if !hasProfile { required(path.child("localhostProfile"), "must be set when \(kind) type is Localhost") }
    case "RuntimeDefault", "Unconfined":
      if hasProfile {
        invalid(
          path.child("localhostProfile"), profile["localhostProfile"], "can only be set when \(kind) type is Localhost")
      }
    case "":
      required(
        path.child("type"), "type is required when \(kind == "seccomp" ? "seccompProfile" : "appArmorProfile") is set")
    default: add(.notSupported(path.child("type"), .string(type), ["Localhost", "RuntimeDefault", "Unconfined"]))
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
