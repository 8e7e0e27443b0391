import JSONCore
import Objects

/// Rules of validating and mutating webhook configurations.
enum WebhookRules {
  static let rule = Rule(object: { object, findings in
    var names = Set<String>()
    for (path, hook) in findings.elements(object["webhooks"], "webhooks") {
      let name = hook.text("name")
      webhook(hook, path, &findings)
      if !names.insert(name).inserted { findings.duplicate(path.child("name"), .string(name)) }
    }
  })

  private static func webhook(_ hook: JSON, _ path: Path, _ findings: inout Findings) {
    let name = hook.text("name")
    if name.isEmpty {
      findings.required(path.child("name"))
    } else {
      findings.invalid(path.child("name"), name, messages: Names.subdomain(name))
      if name.split(separator: ".").count < 3 {
        findings.invalid(
          path.child("name"), .string(name), "should be a domain with at least three segments separated by dots")
      }
    }
    let versions = hook.list("admissionReviewVersions").compactMap(\.string)
    let place = path.child("admissionReviewVersions")
    if versions.isEmpty {
      findings.required(place, "must specify one of v1, v1beta1")
    } else if !versions.contains("v1"), !versions.contains("v1beta1") {
      findings.invalid(place, hook["admissionReviewVersions"], "must include at least one of v1, v1beta1")
    }
    for (path, rule) in findings.elements(hook["rules"], path.child("rules")) {
      for field in ["operations", "apiGroups", "apiVersions", "resources"] where rule.list(field).isEmpty {
        findings.required(path.child(field))
      }
      for (field, what) in [("apiGroups", "API groups"), ("apiVersions", "API versions"), ("operations", "operations")]
      where rule.list(field).count > 1 && rule.list(field).contains("*") {
        findings.invalid(path.child(field), rule[field], "if '*' is present, must not specify other \(what)")
      }
      if let scope = rule["scope"]?.string {
        findings.supported(path.child("scope"), scope, ["*", "Cluster", "Namespaced"])
      }
      for (path, operation) in findings.elements(rule["operations"], path.child("operations")) {
        findings.supported(path, operation.string ?? "", ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"])
      }
    }
    if let policy = hook["failurePolicy"]?.string {
      findings.supported(path.child("failurePolicy"), policy, ["Fail", "Ignore"])
    }
    if let policy = hook["matchPolicy"]?.string {
      findings.supported(path.child("matchPolicy"), policy, ["Equivalent", "Exact"])
    }
    if let effects = hook["sideEffects"]?.string {
      findings.supported(path.child("sideEffects"), effects, ["None", "NoneOnDryRun"])
    } else {
      findings.required(path.child("sideEffects"), "must specify one of None, NoneOnDryRun")
    }
    if let seconds = hook["timeoutSeconds"]?.int, !(1...30).contains(seconds) {
      findings.invalid(
        path.child("timeoutSeconds"), JSON(seconds), "the timeout value must be between 1 and 30 seconds")
    }
    if let policy = hook["reinvocationPolicy"]?.string {
      findings.supported(path.child("reinvocationPolicy"), policy, ["IfNeeded", "Never"])
    }
    findings.labelSelector(hook["namespaceSelector"], path.child("namespaceSelector"))
    findings.labelSelector(hook["objectSelector"], path.child("objectSelector"))
    findings.names(hook["matchConditions"], path.child("matchConditions"), isIdentifier: false)
    findings.complaints(of: PolicyExpressions(webhook: hook, at: path))
    client(hook["clientConfig"] ?? .emptyObject, path.child("clientConfig"), &findings)
  }

  private static func client(_ config: JSON, _ path: Path, _ findings: inout Findings) {
    switch (config["url"]?.string, config["service"]) {
    case (nil, nil), (_?, _?): findings.required(path, "exactly one of url or service is required")
    case (let url?, nil): address(url, path.child("url"), &findings)
    case (nil, let service?):
      for field in ["name", "namespace"] where service.text(field).isEmpty {
        findings.required(path.child("service").child(field), "service \(field) is required")
      }
    }
  }

  private static func address(_ url: String, _ path: Path, _ findings: inout Findings) {
    let form = "; desired format: https://host[/path]"
    let parts = url.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    if parts.count < 2 || parts[0] != "https" {
      findings.invalid(path, .string(parts.count < 2 ? "" : parts[0]), "'https' is the only allowed URL scheme" + form)
    }
    let rest = parts.last?.drop { $0 == "/" } ?? ""
    if rest.isEmpty { findings.invalid(path, "", "host must be specified" + form) }
    if rest.contains("?") { findings.invalid(path, .string(url), "query parameters are not permitted in the URL") }
    if rest.contains("#") { findings.invalid(path, .string(url), "fragments are not permitted in the URL") }
    if rest.contains("@") { findings.invalid(path, .string(url), "user information is not permitted in the URL") }
  }
}
