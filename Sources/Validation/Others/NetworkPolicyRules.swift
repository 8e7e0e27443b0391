import JSONCore
import Objects

/// Rules of `networkpolicies`.
enum NetworkPolicyRules {
  static let rule = Rule(object: { object, findings in
    let spec = object["spec"] ?? .emptyObject
    let path = Path("spec")
    findings.labelSelector(spec["podSelector"], path.child("podSelector"))
    for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
      for (path, rule) in findings.elements(spec[direction], path.child(direction)) {
        for (path, port) in findings.elements(rule["ports"], path.child("ports")) {
          NetworkPolicyRules.port(port, path, &findings)
        }
        for (path, peer) in findings.elements(rule[peers], path.child(peers)) {
          NetworkPolicyRules.peer(peer, path, &findings)
        }
      }
    }
    if spec.list("policyTypes").count > 2 {
      findings.invalid(path.child("policyTypes"), spec["policyTypes"], "may not specify more than two policyTypes")
    }
    for (path, type) in findings.elements(spec["policyTypes"], path.child("policyTypes")) {
      findings.supported(path, type.string ?? "", ["Ingress", "Egress"])
    }
  })

  private static func port(_ port: JSON, _ path: Path, _ findings: inout Findings) {
    if let name = port["protocol"]?.string { findings.supported(path.child("protocol"), name, ["SCTP", "TCP", "UDP"]) }
    guard let value = port["port"] else {
      if port["endPort"] != nil {
        findings.invalid(path.child("endPort"), port["endPort"], "may not be specified when `port` is not specified")
      }
      return
    }
    findings.portOrName(value, path.child("port"))
    guard let end = port["endPort"]?.int else { return }
    if let start = value.int {
      if end < start {
        findings.invalid(path.child("endPort"), JSON(start), "must be greater than or equal to `port`")
      }
      findings.inRange(path.child("endPort"), JSON(end), 1...65535)
    } else {
      findings.invalid(path.child("endPort"), JSON(end), "may not be specified when `port` is non-numeric")
    }
  }

  private static func peer(_ peer: JSON, _ path: Path, _ findings: inout Findings) {
    findings.labelSelector(peer["podSelector"], path.child("podSelector"))
    findings.labelSelector(peer["namespaceSelector"], path.child("namespaceSelector"))
    if let block = peer["ipBlock"] {
      if peer["podSelector"] != nil || peer["namespaceSelector"] != nil {
        findings.forbidden(path, "may not specify both ipBlock and another peer")
      }
      self.block(block, path.child("ipBlock"), &findings)
      if peer["podSelector"] != nil || peer["namespaceSelector"] != nil {
        findings.forbidden(path, "may not specify both ipBlock and another peer")
      }
    } else if peer["podSelector"] == nil, peer["namespaceSelector"] == nil {
      findings.required(path, "must specify a peer")
    }
  }

  private static func block(_ block: JSON, _ path: Path, _ findings: inout Findings) {
    let text = block.text("cidr")
    if text.isEmpty { return findings.required(path.child("cidr")) }
    findings.addressBlock(path.child("cidr"), text)
    guard let outer = CIDR(text) else { return }
    for (path, exception) in findings.elements(block["except"], path.child("except")) {
      findings.addressBlock(path, exception.string ?? "")
      guard let inner = CIDR(exception.string ?? "") else { continue }
      if !outer.contains(inner) || inner.length == outer.length {
        findings.invalid(path, exception, "must be a strict subset of `cidr`")
      }
    }
  }
}
