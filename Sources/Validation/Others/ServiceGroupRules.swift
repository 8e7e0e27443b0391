import JSONCore
import Objects
import Values

/// Rules of `apiservices`, who answers for a version of a group (kube-aggregator's validation).
enum ServiceGroupRules {
  static let rule = Rule(
    name: Names.pathSegment,
    object: { object, findings in
      let spec = object["spec"] ?? .emptyObject
      let (group, version) = (spec.text("group"), spec.text("version"))
      let name = object["metadata"]?.text("name") ?? ""
      if name != "\(version).\(group)" {
        findings.invalid(
          "metadata.name", .string(name),
          "must be `spec.version+\".\"+spec.group`: \(Status.quoted("\(version).\(group)"))")
      }
      if group.isEmpty, version != "v1" {
        findings.required("spec.group", "only v1 may have an empty group and it better be legacy kube")
      }
      if !group.isEmpty { findings.invalid("spec.group", group, messages: Names.subdomain(group)) }
      findings.invalid("spec.version", version, messages: Names.label1035(version))
      priority("groupPriorityMinimum", spec, most: 20000, &findings)
      priority("versionPriority", spec, most: 1000, &findings)
      if let service = spec["service"] {
        remote(spec, service, &findings)
      } else {
        local(spec, &findings)
      }
    })

  private static func priority(_ field: String, _ spec: JSON, most: Int, _ findings: inout Findings) {
    let value = spec[field]?.int ?? 0
    if !(1...most).contains(value) {
      findings.invalid(Path("spec").child(field), JSON(value), "must be positive and less than \(most)")
    }
  }

  private static func local(_ spec: JSON, _ findings: inout Findings) {
    let bundle = spec.text("caBundle")
    if !bundle.isEmpty {
      let count = Base64.decode(bundle)?.count ?? 0
      findings.invalid("spec.caBundle", .string("\(count) bytes"), "local APIServices may not have a caBundle")
    }
    if spec["insecureSkipTLSVerify"]?.bool == true {
      findings.invalid("spec.insecureSkipTLSVerify", true, "local APIServices may not have insecureSkipTLSVerify")
    }
  }

  private static func remote(_ spec: JSON, _ service: JSON, _ findings: inout Findings) {
    let path = Path("spec").child("service")
    for field in ["namespace", "name"] where service.text(field).isEmpty { findings.required(path.child(field)) }
    if let port = service["port"]?.int, !(1...65535).contains(port) {
      findings.invalid(
        path.child("port"), service["port"], "port is not valid: must be between 1 and 65535, inclusive")
    }
    if spec["insecureSkipTLSVerify"]?.bool == true, !spec.text("caBundle").isEmpty {
      findings.invalid("spec.insecureSkipTLSVerify", true, "may not be true if caBundle is present")
    }
  }
}
