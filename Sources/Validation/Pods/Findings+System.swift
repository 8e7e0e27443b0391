import JSONCore
import Objects

/// What depends on the operating system of a pod's node.
extension Findings {
  /// `os`, and what only the other system knows.
  mutating func operatingSystem(_ spec: JSON, _ path: Path) {
    guard let system = spec["os"] else { return }
    let name = system.text("name")
    switch name {
    case "": required(path.child("os").child("name"), "cannot be empty")
    case "linux": linux(spec, path)
    case "windows": windows(spec, path)
    default: supported(path.child("os"), name, ["linux", "windows"])
    }
  }

  private mutating func linux(_ spec: JSON, _ path: Path) {
    let words = "windows options cannot be set for a linux pod"
    for (path, owner) in [(path, spec)] + Self.allContainers(of: spec, path)
    where owner.at("securityContext", "windowsOptions") != nil {
      forbidden(path.child("securityContext").child("windowsOptions"), words)
    }
  }

  private static let linuxOfPods = [
    "appArmorProfile", "seLinuxOptions", "seccompProfile", "fsGroup", "fsGroupChangePolicy", "sysctls", "runAsUser",
    "runAsGroup", "supplementalGroups", "supplementalGroupsPolicy", "seLinuxChangePolicy",
  ]

  private static let linuxOfContainers = [
    "appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities", "readOnlyRootFilesystem", "privileged",
    "allowPrivilegeEscalation", "procMount", "runAsUser", "runAsGroup",
  ]

  private mutating func windows(_ spec: JSON, _ path: Path) {
    let words = "cannot be set for a windows pod"
    if let context = spec["securityContext"] {
      for field in Self.linuxOfPods where context[field] != nil {
        forbidden(path.child("securityContext").child(field), words)
      }
    }
    for field in ["hostUsers", "shareProcessNamespace"] where spec[field] != nil {
      forbidden(path.child(field), words)
    }
    for field in ["hostPID", "hostIPC"] where spec[field]?.bool == true { forbidden(path.child(field), words) }
    for (path, container) in Self.allContainers(of: spec, path) {
      guard let context = container["securityContext"] else { continue }
      for field in Self.linuxOfContainers where context[field] != nil {
        forbidden(path.child("securityContext").child(field), words)
      }
    }
  }

  /// Either all containers of a pod are processes of the host, or none is.
  mutating func windowsHostProcess(_ spec: JSON, _ path: Path) {
    let ofPod = spec.at("securityContext", "windowsOptions", "hostProcess")?.bool
    let containers = Self.allContainers(of: spec, path)
    var count = 0
    for (path, container) in containers {
      let own = container.at("securityContext", "windowsOptions", "hostProcess")?.bool
      if let ofPod, let own, ofPod != own {
        invalid(
          path.child("securityContext").child("windowsOptions").child("hostProcess"), .bool(own),
          "pod hostProcess value must be identical if both are specified, was \(ofPod)")
      }
      if own ?? ofPod ?? false { count += 1 }
    }
    if count == 0 { return }
    if count != containers.count {
      invalid(
        path, "",
        "If pod contains any hostProcess containers then all containers must be HostProcess containers")
    }
    if spec["hostNetwork"]?.bool != true {
      invalid(
        path.child("hostNetwork"), false, "hostNetwork must be true if pod contains any hostProcess containers")
    }
  }

  private static let domainMaximum = 256
  private static let userMaximum = 104
  private static let credentialSpecKiB = 64

  /// `windowsOptions` of a pod or a container.
  mutating func windowsOptions(_ options: JSON?, _ path: Path) {
    guard let options else { return }
    if let name = options["gmsaCredentialSpecName"]?.string {
      invalid(path.child("gmsaCredentialSpecName"), name, messages: Names.subdomain(name))
    }
    if let spec = options["gmsaCredentialSpec"]?.string {
      let path = path.child("gmsaCredentialSpec")
      if spec.isEmpty {
        invalid(path, "", "gmsaCredentialSpec cannot be an empty string")
      } else if spec.utf8.count > Self.credentialSpecKiB * 1024 {
        invalid(path, .string(spec), "gmsaCredentialSpec size must be under \(Self.credentialSpecKiB) KiB")
      }
    }
    if let name = options["runAsUserName"]?.string {
      for message in Self.userNameProblems(name) { invalid(path.child("runAsUserName"), .string(name), message) }
    }
  }

  private static func userNameProblems(_ name: String) -> [String] {
    if name.isEmpty { return ["runAsUserName cannot be an empty string"] }
    if name.utf8.contains(where: { $0 < 32 || $0 == 127 }) {
      return ["runAsUserName cannot contain control characters"]
    }
    let parts = name.split(separator: "\\", omittingEmptySubsequences: false)
    if parts.count > 2 { return ["runAsUserName cannot contain more than one backslash"] }
    var problems: [String] = []
    let user = parts[parts.count - 1]
    if parts.count == 2 {
      let domain = parts[0]
      if domain.utf8.count >= domainMaximum {
        problems.append("runAsUserName's Domain length must be under \(domainMaximum) characters")
      }
      if !isNetBIOS(domain), !isDomain(domain) {
        problems.append("runAsUserName's Domain doesn't match the NetBios nor the DNS format")
      }
    }
    if user.isEmpty { problems.append("runAsUserName's User cannot be empty") }
    if user.utf8.count > userMaximum {
      problems.append("runAsUserName's User length must not be longer than \(userMaximum) characters")
    }
    if !user.isEmpty, user.allSatisfy({ $0 == "." || $0 == " " }) {
      problems.append("runAsUserName's User cannot contain only periods or spaces")
    }
    if user.contains(where: { "\"/\\:;|=,+*?<>@[]".contains($0) }) {
      problems.append("runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]")
    }
    return problems
  }

  private static func isNetBIOS(_ domain: Substring) -> Bool {
    guard let first = domain.first, first != ".", domain.count <= 15 else { return false }
    return !domain.contains { "\\/:*?\"<>|".contains($0) }
  }

  private static func isDomain(_ domain: Substring) -> Bool {
    domain.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
      guard let first = label.utf8.first, let last = label.utf8.last, label.utf8.count <= 63 else { return false }
      return Names.isAlphanumeric(first) && Names.isAlphanumeric(last)
        && label.utf8.allSatisfy { Names.isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    }
  }
}
