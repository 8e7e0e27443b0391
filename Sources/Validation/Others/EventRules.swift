import JSONCore
import Objects

/// Rules of events of the newer group, in the form in which both groups are stored.
enum EventRules {
  static let event = Rule(object: { event, findings in
    if event.text("eventTime").isEmpty { findings.required("eventTime") }
    let reporter = event.text("reportingComponent")
    if reporter.isEmpty {
      findings.required("reportingController")
    } else {
      findings.invalid("reportingController", reporter, messages: Names.qualified(reporter))
    }
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
    if !["Normal", "Warning"].contains(event.text("type")) {
      findings.invalid("type", .string(""), "has invalid value: \(event.text("type"))")
    }
  })
}
