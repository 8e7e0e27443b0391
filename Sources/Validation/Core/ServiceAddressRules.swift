import JSONCore
import Objects

/// Rules of the addresses of services, and of the families that they are of.
enum ServiceAddressRules {
  private static let families = ["IPv4", "IPv6"]
  private static let policies = ["PreferDualStack", "RequireDualStack", "SingleStack"]

  static func addresses(_ spec: JSON, _ path: Path, _ findings: inout Findings) {
    let place = path.child("clusterIPs")
    let list = spec.list("clusterIPs").compactMap(\.string)
    let single = spec.text("clusterIP")
    if let first = list.first {
      if single.isEmpty {
        findings.invalid(place, spec["clusterIPs"], "must be empty when `clusterIP` is not specified")
      } else if first != single {
        findings.invalid(place, spec["clusterIPs"], "first value must match `clusterIP`")
      }
    } else if !single.isEmpty {
      findings.required(place)
    }
    families(spec, path, &findings)
    if let policy = spec["ipFamilyPolicy"]?.string {
      findings.supported(path.child("ipFamilyPolicy"), policy, policies)
    }
    var isReadable = true
    for (index, address) in list.enumerated() {
      if index == 0, address == "None" {
        if list.count > 1 {
          isReadable = false
          findings.invalid(place, spec["clusterIPs"], "'None' must be the first and only value")
        }
        continue
      }
      if IPAddress.problem(address) != nil { isReadable = false }
      findings.ipAddress(place.index(index), address)
    }
    if list.count > 2 { findings.invalid(place, spec["clusterIPs"], "may only hold up to 2 values") }
    if isReadable { match(list, spec, place, &findings) }
  }

  private static func families(_ spec: JSON, _ path: Path, _ findings: inout Findings) {
    var seen = Set<String>()
    for (path, family) in findings.elements(spec["ipFamilies"], path.child("ipFamilies")) {
      let name = family.string ?? ""
      findings.supported(path, name, families)
      if !seen.insert(name).inserted { findings.duplicate(path, family) }
    }
  }

  private static func match(_ list: [String], _ spec: JSON, _ path: Path, _ findings: inout Findings) {
    let addresses = list.compactMap { IPAddress($0) }
    if list.count > 1, Set(addresses.map(\.isIPv6)).count < 2 {
      findings.invalid(path, spec["clusterIPs"], "may specify no more than one IP for each IP family")
    }
    if list.first == "None" { return }
    for (index, (address, family)) in zip(addresses, spec.list("ipFamilies")).enumerated() {
      let isIPv6 = family.string == "IPv6"
      if families.contains(family.string ?? ""), address.isIPv6 != isIPv6 {
        findings.invalid(
          path.index(index), .string(list[index]),
          "expected an \(isIPv6 ? "IPv6" : "IPv4") value as indicated by `ipFamilies[\(index)]`")
      }
    }
  }
}
