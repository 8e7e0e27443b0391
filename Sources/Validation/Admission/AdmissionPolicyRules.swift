import JSONCore
import Objects

/// Rules of validating admission policies and their bindings.
enum AdmissionPolicyRules {
  static let policy = Rule(object: { object, findings in
    let spec = object["spec"] ?? .emptyObject
    let path = Path("spec")
    common(spec, path, &findings)
    if spec.list("validations").isEmpty, spec.list("auditAnnotations").isEmpty {
      for field in ["validations", "auditAnnotations"] {
        findings.required(path.child(field), "validations or auditAnnotations must contain at least one item")
      }
    }
    findings.names(spec["variables"], path.child("variables"), isIdentifier: true)
    for (path, validation) in findings.elements(spec["validations"], path.child("validations")) {
      if validation.text("expression").allSatisfy(\.isWhitespace) {
        findings.required(path.child("expression"), "expression is not specified")
      }
      if let reason = validation["reason"]?.string {
        findings.supported(
          path.child("reason"), reason, ["Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"])
      }
    }
    findings.complaints(of: PolicyExpressions(policy: spec))
  })

  /// Mutating policies differ in what they do.
  static let mutatingPolicy = Rule(object: { object, findings in
    let spec = object["spec"] ?? .emptyObject
    let path = Path("spec")
    common(spec, path, &findings)
    if spec.list("mutations").isEmpty {
      findings.required(path.child("mutations"), "mutations must contain at least one item")
    }
    for (path, mutation) in findings.elements(spec["mutations"], path.child("mutations")) {
      let type = mutation.text("patchType")
      findings.supported(path.child("patchType"), type, ["ApplyConfiguration", "JSONPatch"])
      for (name, field) in [("ApplyConfiguration", "applyConfiguration"), ("JSONPatch", "jsonPatch")] {
        if name == type, mutation[field] == nil {
          findings.required(path.child(field), "must be specified when patchType is \(name)")
        } else if name == type, mutation.at(field, "expression")?.string?.allSatisfy(\.isWhitespace) ?? true {
          findings.required(path.child(field).child("expression"), "expression is not specified")
        } else if name != type, mutation[field] != nil {
          findings.invalid(
            path.child(field), "{\(field)}", messages: ["must not be specified when patchType is \(type)"])
        }
      }
    }
    findings.supported(
      path.child("reinvocationPolicy"), spec.text("reinvocationPolicy"), ["IfNeeded", "Never"])
    findings.complaints(of: PolicyExpressions(policy: spec))
  })

  /// What is asked of policies of both sorts.
  private static func common(_ spec: JSON, _ path: Path, _ findings: inout Findings) {
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
    findings.names(spec["matchConditions"], path.child("matchConditions"), isIdentifier: false)
  }

  static let mutatingBinding = Rule(object: { object, findings in
    parameters(object["spec"] ?? .emptyObject, Path("spec"), &findings)
  })

  static let binding = Rule(object: { object, findings in
    let spec = object["spec"] ?? .emptyObject
    let path = Path("spec")
    parameters(spec, path, &findings)
    actions(spec, path, &findings)
  })

  /// Which policy a binding is for, and with which parameters.
  private static func parameters(_ spec: JSON, _ path: Path, _ findings: inout Findings) {
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
  }

  private static func actions(_ spec: JSON, _ path: Path, _ findings: inout Findings) {
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
  }
}

extension Findings {
  /// The most conditions that a policy or a webhook may have.
  private static let maximumConditions = 64

  /// The names of conditions and variables, which are unique.
  /// - Parameter isIdentifier: expressions call them by the name.
  mutating func names(_ items: JSON?, _ path: Path, isIdentifier: Bool) {
    if !isIdentifier, let count = items?.array?.count, count > Self.maximumConditions {
      return add(.tooMany(path, count: count, limit: Self.maximumConditions))
    }
    var seen = Set<String>()
    for (path, item) in elements(items, path) {
      let name = item.text("name")
      if name.isEmpty {
        required(path.child("name"))
      } else if isIdentifier {
        if !Names.isIdentifier(name) {
          invalid(path.child("name"), .string(name), "name is not a valid CEL identifier")
        }
      } else {
        invalid(path.child("name"), name, messages: Names.qualified(name))
      }
      if !name.isEmpty, !seen.insert(name).inserted { duplicate(path.child("name"), .string(name)) }
      if item.text("expression").allSatisfy(\.isWhitespace) {
        required(path.child("expression"), isIdentifier ? "expression is not specified" : "")
      }
    }
  }

  /// The expressions that cannot be read.
  mutating func complaints(of expressions: PolicyExpressions) {
    for item in expressions.all where !item.text.allSatisfy(\.isWhitespace) {
      if let complaint = item.complaint { invalid(item.path, .string(item.text), complaint) }
    }
  }
}

extension Names {
  /// A name that expressions can call a variable by.
  static func isIdentifier(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
    return name.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "_") }
  }
}
