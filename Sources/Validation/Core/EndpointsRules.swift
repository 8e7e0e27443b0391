import JSONCore
import Objects

/// Rules of `endpoints`.
enum EndpointsRules {
  static let endpoints = Rule(object: { object, findings in
    for (path, subset) in findings.elements(object["subsets"], "subsets") {
      if subset.list("addresses").isEmpty, subset.list("notReadyAddresses").isEmpty {
        findings.required(path, "must specify `addresses` or `notReadyAddresses`")
      }
      for field in ["addresses", "notReadyAddresses"] {
        for (path, address) in findings.elements(subset[field], path.child(field)) {
          findings.ordinaryAddress(path.child("ip"), address.text("ip"))
          if !address.text("hostname").isEmpty {
            findings.invalid(
              path.child("hostname"), address.text("hostname"), messages: Names.label(address.text("hostname")))
          }
          if let node = address["nodeName"]?.string {
            findings.invalid(path.child("nodeName"), node, messages: Names.subdomain(node))
          }
        }
      }
      for (path, port) in findings.elements(subset["ports"], path.child("ports")) {
        if port.text("name").isEmpty {
          if subset.list("ports").count > 1 { findings.required(path.child("name")) }
        } else {
          findings.invalid(path.child("name"), port.text("name"), messages: Names.label(port.text("name")))
        }
        findings.inRange(path.child("port"), port["port"] ?? 0, 1...65535)
        findings.oneOf(path.child("protocol"), port.text("protocol"), ["SCTP", "TCP", "UDP"])
        if let name = port["appProtocol"]?.string {
          findings.invalid(path.child("appProtocol"), name, messages: Names.qualified(name))
        }
      }
    }
  })
}
