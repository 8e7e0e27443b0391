import JSONCore
import Objects

/// What a hardened pod does without, beyond the baseline.
extension SecurityChecks {
  static let restricted: [SecurityCheck] = [
    SecurityCheck(name: "allowPrivilegeEscalation", since: 8) { pod, minor in
      if minor >= 25, pod.isWindows { return nil }
      let names = pod.names { $0["allowPrivilegeEscalation"]?.bool != false }
      if names.isEmpty { return nil }
      return SecurityViolation(
        reason: "allowPrivilegeEscalation != false",
        detail: "\(containers(names)) must set securityContext.allowPrivilegeEscalation=false")
    },
    SecurityCheck(name: "capabilities_restricted", since: 22, covers: "capabilities_baseline") { pod, minor in
      minor >= 25 && pod.isWindows ? nil : droppedCapabilities(pod)
    },
    SecurityCheck(name: "restrictedVolumes", covers: "hostPathVolumes") { pod, minor in volumes(pod, minor) },
    SecurityCheck(name: "runAsNonRoot") { pod, minor in
      minor >= 35 && pod.hasOwnUsers ? nil : nonRoot(pod)
    },
    SecurityCheck(name: "runAsUser", since: 23) { pod, minor in
      if minor >= 35, pod.hasOwnUsers { return nil }
      func isRoot(_ context: JSON) -> Bool { context["runAsUser"]?.int == 0 }
      return setters(pod: isRoot(pod.securityContext), pod.names(where: isRoot)).map {
        SecurityViolation(reason: "runAsUser=0", detail: "\($0) must not set runAsUser=0")
      }
    },
    SecurityCheck(name: "seccompProfile_restricted", since: 19, covers: "seccompProfile_baseline") { pod, minor in
      minor >= 25 && pod.isWindows ? nil : seccompRequired(pod)
    },
  ]

  private static func droppedCapabilities(_ pod: SecuritySubject) -> SecurityViolation? {
    let keeping = pod.names { context in
      !(context["capabilities"]?.list("drop") ?? []).contains("ALL")
    }
    var added: Set<String> = []
    let adding = pod.names { context in
      let bad = Self.added(context).filter { $0 != "NET_BIND_SERVICE" }
      added.formUnion(bad)
      return !bad.isEmpty
    }
    var details: [String] = []
    if !keeping.isEmpty {
      details.append("\(containers(keeping)) must set securityContext.capabilities.drop=[\"ALL\"]")
    }
    if !adding.isEmpty {
      details.append(
        "\(containers(adding)) must not include \(quoted(added.sorted())) in securityContext.capabilities.add")
    }
    if details.isEmpty { return nil }
    return SecurityViolation(reason: "unrestricted capabilities", detail: details.joined(separator: "; "))
  }

  private static let allowedVolumes = [
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret",
  ]
  private static let restrictedVolumes = [
    "hostPath", "gcePersistentDisk", "awsElasticBlockStore", "gitRepo", "nfs", "iscsi", "glusterfs", "rbd",
    "flexVolume", "cinder", "cephfs", "flocker", "fc", "azureFile", "vsphereVolume", "quobyte", "azureDisk",
    "portworxVolume", "scaleIO", "storageos",
  ]

  private static func volumes(_ pod: SecuritySubject, _ minor: Int) -> SecurityViolation? {
    let allowed = allowedVolumes + (minor >= 31 ? ["image"] : [])
    let bad = pod.spec.list("volumes").filter { volume in !allowed.contains { volume[$0] != nil } }
    if bad.isEmpty { return nil }
    let types = Set(bad.map { volume in restrictedVolumes.first { volume[$0] != nil } ?? "unknown" }).sorted()
    return SecurityViolation(
      reason: "restricted volume types",
      detail: "\(plural("volume", bad.count)) \(quoted(bad.map { $0.text("name") })) "
        + "\(bad.count == 1 ? "uses" : "use") \(plural("restricted volume type", types.count)) \(quoted(types))")
  }

  private static func nonRoot(_ pod: SecuritySubject) -> SecurityViolation? {
    let ofPod = pod.securityContext["runAsNonRoot"]?.bool
    let reason = "runAsNonRoot != true"
    let explicit = pod.names { $0["runAsNonRoot"]?.bool == false }
    if let bad = setters(pod: ofPod == false, explicit) {
      return SecurityViolation(reason: reason, detail: "\(bad) must not set securityContext.runAsNonRoot=false")
    }
    let silent = ofPod == true ? [] : pod.names { $0["runAsNonRoot"]?.bool == nil }
    if silent.isEmpty { return nil }
    return SecurityViolation(
      reason: reason, detail: "pod or \(containers(silent)) must set securityContext.runAsNonRoot=true")
  }

  private static func seccompRequired(_ pod: SecuritySubject) -> SecurityViolation? {
    var values: Set<String> = []
    let isPodBad = hasBadSeccomp(pod.securityContext, &values)
    let explicit = pod.names { hasBadSeccomp($0, &values) }
    if let bad = setters(pod: isPodBad, explicit) { return badSeccomp(bad, values) }
    let silent = pod.securityContext["seccompProfile"] != nil ? [] : pod.names { $0["seccompProfile"] == nil }
    if silent.isEmpty { return nil }
    return SecurityViolation(
      reason: "seccompProfile",
      detail: "pod or \(containers(silent)) must set securityContext.seccompProfile.type to "
        + "\"RuntimeDefault\" or \"Localhost\"")
  }
}
