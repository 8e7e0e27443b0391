import JSONCore
import Objects

/// Rules of events of both groups, in the form in which they are stored.
enum EventRules {
  /// An event of the core group. One with a time of the newer kind has to say who reports it, too.
  static let coreEvent = Rule(object: { event, findings in
    let namespace = event.at("involvedObject", "namespace")?.string ?? ""
    let own = event.at("metadata", "namespace")?.string ?? ""
    let isNew = !event.text("eventTime").isEmpty
    let isMisplaced =
      namespace.isEmpty ? own != "default" && !(isNew && own == "kube-system") : !isNew && namespace != own
    if isMisplaced {
      findings.invalid("involvedObject.namespace", .string(namespace), "does not match event.namespace")
    }
    guard isNew else { return }
    let reporter = event.text("reportingComponent")
    if reporter.isEmpty { findings.required("reportingComponent") }
    findings.invalid("reportingComponent", reporter, messages: Names.qualified(reporter))
    texts(event, &findings)
  })

  /// What a reporter says of itself and of what happened.
  private static func texts(_ event: JSON, _ findings: inout Findings) {
    for field in ["reportingInstance", "action", "reason"] {
      let text = event.text(field)
      if text.isEmpty {
        findings.required(Path(field))
      } else if text.utf8.count > 128 {
        findings.invalid(Path(field), .string(""), "can have at most 128 characters")
      }
    }
    if event.text("message").utf8.count > 1024 {
      findings.invalid("message", .string(""), "can have at most 1024 characters")
    }
  }

  static let event = Rule(object: { event, findings in
    if event.text("eventTime").isEmpty { findings.required("eventTime") }
    let reporter = event.text("reportingComponent")
    if reporter.isEmpty {
      findings.required("reportingController")
    } else {
      findings.invalid("reportingController", reporter, messages: Names.qualified(reporter))
    }
    texts(event, &findings)
    if !["Normal", "Warning"].contains(event.text("type")) {
      findings.invalid("type", .string(""), "has invalid value: \(event.text("type"))")
    }
  })
}
