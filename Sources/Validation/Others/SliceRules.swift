import JSONCore
import Objects

/// Rules of `endpointslices`.
enum SliceRules {
  private static let maximumEndpoints = 1000
  private static let maximumAddresses = 100
  private static let maximumPorts = 20000

  static let rule = Rule(
    object: { object, findings in
      let type = object.text("addressType")
      if type.isEmpty {
        findings.required("addressType")
      } else {
        findings.supported("addressType", type, ["FQDN", "IPv4", "IPv6"])
      }
      let endpoints = object.list("endpoints")
      if endpoints.count > maximumEndpoints {
        findings.add(.tooMany("endpoints", count: endpoints.count, limit: maximumEndpoints))
      }
      for (path, endpoint) in findings.elements(object["endpoints"], "endpoints") {
        SliceRules.endpoint(endpoint, path, type: type, &findings)
      }
      ports(object, &findings)
    },
    update: { new, old, findings in
      findings.immutable("addressType", new: new["addressType"], old: old["addressType"])
    })

  private static func endpoint(_ endpoint: JSON, _ path: Path, type: String, _ findings: inout Findings) {
    let place = path.child("addresses")
    let addresses = endpoint.list("addresses")
    if addresses.isEmpty { findings.required(place, "must contain at least 1 address") }
    if addresses.count > maximumAddresses {
      findings.add(.tooMany(place, count: addresses.count, limit: maximumAddresses))
    }
    for (path, address) in findings.elements(endpoint["addresses"], place) {
      let text = address.string ?? ""
      switch type {
      case "FQDN": findings.domainName(path, text)
      case "IPv4", "IPv6":
        if let parsed = IPAddress(text), parsed.isIPv6 != (type == "IPv6") {
          findings.invalid(path, address, "must be an \(type) address")
        } else {
          findings.ordinaryAddress(path, text)
        }
      default: break
      }
    }
    if let name = endpoint["hostname"]?.string {
      findings.invalid(path.child("hostname"), name, messages: Names.label(name))
    }
    if let node = endpoint["nodeName"]?.string {
      findings.invalid(path.child("nodeName"), node, messages: Names.subdomain(node))
    }
    hints(endpoint["hints"], path.child("hints"), &findings)
  }

  private static let maximumHints = 8

  private static func hints(_ hints: JSON?, _ path: Path, _ findings: inout Findings) {
    for field in ["forZones", "forNodes"] {
      let path = path.child(field)
      let count = hints?.list(field).count ?? 0
      if count > maximumHints {
        findings.add(.tooMany(path, count: count, limit: maximumHints))
        continue
      }
      var names = Set<String>()
      for (path, hint) in findings.elements(hints?[field], path) {
        let name = hint.text("name")
        if names.insert(name).inserted {
          let messages = field == "forZones" ? Names.labelValue(name) : Names.subdomain(name)
          if name.isEmpty { findings.required(path.child("name")) }
          findings.invalid(path.child("name"), name, messages: name.isEmpty ? [] : messages)
        } else {
          findings.duplicate(path.child("name"), .string(name))
        }
      }
    }
  }

  private static func ports(_ object: JSON, _ findings: inout Findings) {
    var names = Set<String>()
    let ports = object.list("ports")
    if ports.count > maximumPorts { findings.add(.tooMany("ports", count: ports.count, limit: maximumPorts)) }
    for (path, port) in findings.elements(object["ports"], "ports") {
      let name = port.text("name")
      if !name.isEmpty { findings.invalid(path.child("name"), name, messages: Names.label(name)) }
      if !names.insert(name).inserted { findings.duplicate(path.child("name"), .string(name)) }
      if let kind = port["protocol"]?.string {
        findings.supported(path.child("protocol"), kind, ["SCTP", "TCP", "UDP"])
      }
      if port["port"] != nil { findings.inRange(path.child("port"), port["port"], 1...65535) }
      if let name = port["appProtocol"]?.string {
        findings.invalid(path.child("appProtocol"), name, messages: Names.qualified(name))
      }
    }
  }
}
