import JSONCore
import Objects

/// Rules of validating admission policies and their bindings.
enum AdmissionPolicyRules {
  static let policy = Rule(object: { object, findings in
    let spec = object["spec"] ?? .emptyObject
    let path = Path("spec")
    if let policy = spec["failurePolicy"]?.string {
      findings.supported(path.child("failurePolicy"), policy, ["Fail", "Ignore"])
    }
    if let kind = spec["paramKind"] {
      for field in ["apiVersion", "kind"] where kind.text(field).isEmpty {
        findings.required(path.child("paramKind").child(field))
      }
    }
    if let constraints = spec["matchConstraints"] {
      if constraints.list("resourceRules").isEmpty {
        findings.required(path.child("matchConstraints").child("resourceRules"))
      }
    } else {
      findings.required(path.child("matchConstraints"))
    }
    if spec.list("validations").isEmpty, spec.list("auditAnnotations").isEmpty {
      for field in ["validations", "auditAnnotations"] {
        findings.required(path.child(field), "validations or auditAnnotations must contain at least one item")
      }
    }
    for (path, validation) in findings.elements(spec["validations"], path.child("validations")) {
      if validation.text("expression").allSatisfy(\.isWhitespace) {
        findings.required(path.child("expression"), "expression is not specified")
      }
      if let reason = validation["reason"]?.string {
        findings.supported(
          path.child("reason"), reason, ["Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"])
      }
    }
  })

  static let binding = Rule(object: { object, findings in
    let spec = object["spec"] ?? .emptyObject
    let path = Path("spec")
    if spec.text("policyName").isEmpty {
      findings.required(path.child("policyName"))
    } else {
      findings.invalid(
        path.child("policyName"), spec.text("policyName"), messages: Names.subdomain(spec.text("policyName")))
    }
    if let reference = spec["paramRef"] {
      let hasName = !reference.text("name").isEmpty
      if hasName, reference["selector"] != nil {
        findings.forbidden(path.child("paramRef").child("name"), "name and selector are mutually exclusive")
      } else if !hasName, reference["selector"] == nil {
        findings.required(path.child("paramRef"), "one of name or selector must be specified")
      }
    }
    let actions = spec.list("validationActions").compactMap(\.string)
    let place = path.child("validationActions")
    if actions.isEmpty { findings.required(place) }
    var seen = Set<String>()
    for (index, action) in actions.enumerated() {
      findings.supported(place.index(index), action, ["Audit", "Deny", "Warn"])
      if !seen.insert(action).inserted { findings.duplicate(place.index(index), .string(action)) }
    }
    if seen.isSuperset(of: ["Deny", "Warn"]) {
      findings.invalid(
        place, spec["validationActions"],
        "must not contain both Deny and Warn (repeating the same validation failure information in the API response and "
          + "headers serves no purpose)")
    }
  })
}
