import JSONCore
import Objects

/// Rules of the ports of services.
enum ServicePortRules {
  static func ports(_ spec: JSON, _ path: Path, _ findings: inout Findings) {
    var names = Set<String>()
    let list = spec.list("ports")
    for (path, port) in findings.elements(spec["ports"], path.child("ports")) {
      let name = port.text("name")
      if name.isEmpty {
        if list.count > 1 { findings.required(path.child("name")) }
      } else {
        findings.invalid(path.child("name"), name, messages: Names.label(name))
        if !names.insert(name).inserted { findings.duplicate(path.child("name"), .string(name)) }
      }
      findings.inRange(path.child("port"), port["port"] ?? 0, 1...65535)
      findings.oneOf(path.child("protocol"), port.text("protocol"), ["SCTP", "TCP", "UDP"])
      findings.portOrName(port["targetPort"], path.child("targetPort"))
      if let name = port["appProtocol"]?.string {
        findings.invalid(path.child("appProtocol"), name, messages: Names.qualified(name))
      }
    }
  }

  /// A port of the cluster's address, and a port of the nodes, can be given to one purpose only.
  static func repetitions(_ spec: JSON, _ path: Path, _ findings: inout Findings) {
    let ports = findings.elements(spec["ports"], path.child("ports"))
    var nodePorts = Set<String>()
    for (path, port) in ports {
      guard let number = port["nodePort"]?.int, number != 0 else { continue }
      if spec.text("type") == "ClusterIP" {
        findings.forbidden(path.child("nodePort"), "may not be used when `type` is 'ClusterIP'")
      }
      if !nodePorts.insert("\(port.text("protocol")) \(number)").inserted {
        findings.duplicate(path.child("nodePort"), JSON(number))
      }
    }
    var seen = Set<String>()
    for (path, port) in ports where !seen.insert("\(port.text("protocol")) \(port["port"]?.int ?? 0)").inserted {
      // The stock server prints the Go value of the port.
      findings.add(
        FieldError(
          reason: .duplicate, field: path.description,
          message: "Duplicate value: {\"Name\":\"\",\"Protocol\":\(Status.quoted(port.text("protocol"))),"
            + "\"AppProtocol\":null,\"Port\":\(port["port"]?.int ?? 0),\"TargetPort\":0,\"NodePort\":0}"))
    }
  }
}
