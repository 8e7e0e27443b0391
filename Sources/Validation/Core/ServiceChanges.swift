import JSONCore
import Objects

/// What an update may not do to a service.
enum ServiceChanges {
  static func judge(_ after: JSON, _ before: JSON, _ findings: inout Findings) {
    if before.text("type") != "ExternalName", after.text("type") != "ExternalName" {
      let wasHeadless = ServiceRules.isHeadless(before)
      let isHeadless = ServiceRules.isHeadless(after)
      if !(wasHeadless && isHeadless) { addresses(after, before, &findings) }
      if !wasHeadless, !isHeadless { families(after, before, &findings) }
    }
    if before.text("type") == "LoadBalancer", after.text("type") == "LoadBalancer",
      before["loadBalancerClass"] != after["loadBalancerClass"]
    {
      findings.invalid("spec.loadBalancerClass", after["loadBalancerClass"], "may not change once set")
    }
    if checksHealth(before), checksHealth(after), after["healthCheckNodePort"] != before["healthCheckNodePort"] {
      findings.forbidden("spec.healthCheckNodePort", "field is immutable")
    }
  }

  private static func checksHealth(_ spec: JSON) -> Bool {
    spec.text("type") == "LoadBalancer" && spec.text("externalTrafficPolicy") == "Local"
  }

  /// A second address may come and go; the first one, and a second one while it is there, stay.
  private static func addresses(_ after: JSON, _ before: JSON, _ findings: inout Findings) {
    let was = before.list("clusterIPs")
    let now = after.list("clusterIPs")
    let path = Path("spec.clusterIPs")
    if was.count == now.count {
      for (index, (old, new)) in zip(was, now).enumerated() where old != new {
        findings.invalid(path.index(index), .array(now), "may not change once set")
      }
    } else if now.isEmpty {
      findings.invalid(path.index(0), now.isEmpty ? .null : .array(now), "primary clusterIP can not be unset")
    } else if let first = was.first, first != now[0] {
      findings.invalid(path.index(0), .array(now), "may not change once set")
    }
    if was.count > now.count, now.count == 1 { released("clusterIP", after, &findings) }
  }

  private static func families(_ after: JSON, _ before: JSON, _ findings: inout Findings) {
    let was = before.list("ipFamilies")
    let now = after.list("ipFamilies")
    let path = Path("spec.ipFamilies").index(0)
    if was.count == now.count {
      for (old, new) in zip(was, now) where old != new {
        findings.invalid(path, .array(now), "may not change once set")
      }
      return
    }
    if was.count > now.count, after.list("clusterIPs").isEmpty {
      findings.invalid(path, now.isEmpty ? .null : .array(now), "primary ipFamily can not be unset")
    }
    if let old = was.first, let new = now.first, old != new {
      findings.invalid(path, after["clusterIPs"], "may not change once set")
    }
    if was.count > now.count, now.count == 1 { released("ipFamily", after, &findings) }
  }

  private static func released(_ what: String, _ after: JSON, _ findings: inout Findings) {
    if after.text("ipFamilyPolicy") == "SingleStack" { return }
    findings.invalid(
      "spec.ipFamilyPolicy", after["ipFamilyPolicy"],
      "must be set to 'SingleStack' when releasing the secondary \(what)")
  }
}
