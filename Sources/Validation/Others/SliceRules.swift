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
      case "FQDN": findings.invalid(path, text, messages: Names.subdomain(text))
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
    }
  }
}

/// Rules of leases and certificate requests.
enum CoordinationRules {
  static let lease = Rule(object: { object, findings in
    let spec = object["spec"] ?? .emptyObject
    let path = Path("spec")
    if let seconds = spec["leaseDurationSeconds"]?.int, seconds <= 0 {
      findings.invalid(path.child("leaseDurationSeconds"), JSON(seconds), "must be greater than 0")
    }
    if let holder = spec["holderIdentity"]?.string, holder.isEmpty {
      findings.invalid(path.child("holderIdentity"), "", "must not be empty")
    }
    if let count = spec["leaseTransitions"]?.int, count < 0 {
      findings.invalid(path.child("leaseTransitions"), JSON(count), "must be greater than or equal to 0")
    }
    if spec["preferredHolder"] != nil, spec.text("strategy").isEmpty {
      findings.forbidden(path.child("preferredHolder"), "may only be specified if `strategy` is defined")
    }
  })

  static let signingRequest = Rule(
    name: Names.pathSegment,
    object: { object, findings in
      let spec = object["spec"] ?? .emptyObject
      if spec.list("usages").isEmpty { findings.required("spec.usages") }
      if spec.text("signerName").isEmpty {
        findings.required("spec.signerName", "")
      } else if !spec.text("signerName").contains("/") {
        findings.invalid(
          "spec.signerName", spec["signerName"],
          "must be a fully qualified domain and path of the form \"example.com/signer-name\"")
      }
      if let seconds = spec["expirationSeconds"]?.int, seconds < 600 {
        findings.invalid(
          "spec.expirationSeconds", JSON(seconds), "may not specify a duration less than 600 seconds (10 minutes)")
      }
    })
}
