import JSONCore
import Objects

/// Rules of `ingresses` and `ingressclasses`.
enum IngressRules {
  static let ingress = Rule(
    object: { object, findings in ingress(object, &findings) },
    create: { object, findings in
      let annotation = "kubernetes.io/ingress.class"
      guard let name = object.at("spec", "ingressClassName")?.string,
        let other = object.at("metadata", "annotations", annotation)?.string, other != name
      else { return }
      findings.invalid(
        Path("annotations").child(annotation), .string(other), "must match `ingressClassName` when both are specified")
    })

  private static func ingress(_ object: JSON, _ findings: inout Findings) {
    let spec = object["spec"] ?? .emptyObject
    let path = Path("spec")
    if spec.list("rules").isEmpty, spec["defaultBackend"] == nil {
      findings.invalid(path, spec["rules"], "either `defaultBackend` or `rules` must be specified")
    }
    if let backend = spec["defaultBackend"] { IngressRules.backend(backend, path.child("defaultBackend"), &findings) }
    for (path, rule) in findings.elements(spec["rules"], path.child("rules")) {
      IngressRules.rule(rule, path, &findings)
    }
    for (path, tls) in findings.elements(spec["tls"], path.child("tls")) {
      for (path, host) in findings.elements(tls["hosts"], path.child("hosts")) {
        let name = host.string ?? ""
        findings.invalid(
          path, name, messages: name.contains("*") ? Names.wildcardSubdomain(name) : Names.subdomain(name))
      }
      if !tls.text("secretName").isEmpty {
        findings.invalid(
          path.child("secretName"), tls.text("secretName"), messages: Names.subdomain(tls.text("secretName")))
      }
    }
    if let name = spec["ingressClassName"]?.string {
      findings.invalid(path.child("ingressClassName"), name, messages: Names.subdomain(name))
    }
  }

  static let ingressClass = Rule(
    object: { object, findings in
      let controller = object["spec"]?.text("controller") ?? ""
      if controller.utf8.count > 250 { findings.add(.tooLong("spec.controller", limit: 250)) }
      findings.domainPath("spec.controller", controller)
      if let parameters = object.at("spec", "parameters") { IngressRules.parameters(parameters, &findings) }
    },
    update: { new, old, findings in
      findings.immutable("spec.controller", new: new["spec"]?["controller"], old: old["spec"]?["controller"])
    })

  private static func parameters(_ parameters: JSON, _ findings: inout Findings) {
    let path = Path("spec.parameters")
    if let group = parameters["apiGroup"]?.string {
      findings.invalid(path.child("apiGroup"), group, messages: Names.subdomain(group))
    }
    for field in ["kind", "name"] {
      let value = parameters.text(field)
      if value.isEmpty {
        findings.required(path.child(field), "\(field) is required")
      } else {
        findings.invalid(path.child(field), value, messages: Names.pathSegment(value))
      }
    }
    guard let scope = parameters["scope"]?.string else { return findings.required(path.child("scope")) }
    findings.supported(path.child("scope"), scope, ["Cluster", "Namespace"])
    let namespace = parameters["namespace"]?.string
    switch (scope, namespace) {
    case ("Namespace", nil): findings.required(path.child("namespace"), "`parameters.scope` is set to 'Namespace'")
    case ("Namespace", let name?): findings.invalid(path.child("namespace"), name, messages: Names.label(name))
    case ("Cluster", _?): findings.forbidden(path.child("namespace"), "`parameters.scope` is set to 'Cluster'")
    default: break
    }
  }

  private static func host(_ host: String, _ path: Path, _ findings: inout Findings) {
    if host.isEmpty { return }
    if IPAddress(host) != nil { findings.invalid(path, .string(host), "must be a DNS name, not an IP address") }
    findings.invalid(
      path, host, messages: host.contains("*") ? Names.wildcardSubdomain(host) : Names.subdomain(host))
  }

  private static func rule(_ rule: JSON, _ path: Path, _ findings: inout Findings) {
    host(rule.text("host"), path.child("host"), &findings)
    guard let http = rule["http"] else { return }
    let path = path.child("http").child("paths")
    if http.list("paths").isEmpty { findings.required(path) }
    for (path, entry) in findings.elements(http["paths"], path) {
      let text = entry.text("path")
      switch entry["pathType"]?.string {
      case nil: findings.required(path.child("pathType"), "pathType must be specified")
      case "Exact", "Prefix":
        if !text.hasPrefix("/") { findings.invalid(path.child("path"), .string(text), "must be an absolute path") }
        for part in ["//", "/./", "/../", "%2f", "%2F"] where text.contains(part) {
          findings.invalid(path.child("path"), .string(text), "must not contain '\(part)'")
        }
        for end in ["/..", "/."] where text.hasSuffix(end) {
          findings.invalid(path.child("path"), .string(text), "cannot end with '\(end)'")
        }
      case "ImplementationSpecific":
        if !text.isEmpty, !text.hasPrefix("/") {
          findings.invalid(path.child("path"), .string(text), "must be an absolute path")
        }
      case let type?:
        findings.add(
          .notSupported(path.child("pathType"), .string(type), ["Exact", "ImplementationSpecific", "Prefix"]))
      }
      backend(entry["backend"] ?? .emptyObject, path.child("backend"), &findings)
    }
  }

  /// The resource that serves instead of a service.
  private static func resource(_ resource: JSON, _ path: Path, _ findings: inout Findings) {
    if let group = resource["apiGroup"]?.string {
      findings.invalid(path.child("apiGroup"), group, messages: Names.subdomain(group))
    }
    for field in ["kind", "name"] {
      let value = resource.text(field)
      if value.isEmpty {
        findings.required(path.child(field), "\(field) is required")
      } else {
        findings.invalid(path.child(field), value, messages: Names.pathSegment(value))
      }
    }
  }

  private static func backend(_ backend: JSON, _ path: Path, _ findings: inout Findings) {
    switch (backend["service"], backend["resource"]) {
    case (_?, _?): findings.invalid(path, "", "cannot set both resource and service backends")
    case (nil, nil): findings.invalid(path, "", "resource or service backend is required")
    case (nil, let resource?): self.resource(resource, path.child("resource"), &findings)
    case (let service?, nil):
      let place = path.child("service")
      let name = service.text("name")
      if name.isEmpty {
        findings.required(place.child("name"))
      } else {
        findings.invalid(place.child("name"), name, messages: Names.label(name))
      }
      let portName = service.at("port", "name")?.string ?? ""
      let number = service.at("port", "number")?.int ?? 0
      if !portName.isEmpty, number != 0 {
        findings.invalid(path, "", "cannot set both port name & port number")
      } else if !portName.isEmpty {
        findings.invalid(place.child("port").child("name"), portName, messages: Names.portName(portName))
      } else if number != 0 {
        findings.inRange(place.child("port").child("number"), JSON(number), 1...65535)
      } else {
        findings.required(path, "port name or number is required")
      }
    }
  }
}
