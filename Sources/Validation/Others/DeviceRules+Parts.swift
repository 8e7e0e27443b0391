import Expressions
import JSONCore
import Objects

/// What claims, classes and slices of devices have in common: names, selectors, and settings for drivers.
extension DeviceRules {
  private static let longestExpression = 10 << 10
  private static let longestSettings = 10 << 10

  static func attributeName(_ name: String, _ path: Path, _ findings: inout Findings) {
    if name.isEmpty { return findings.required(path) }
    if !name.contains("/") { return findings.invalid(path, .string(name), "must include a domain") }
    let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    for (text, what) in [(parts[0], "domain"), (parts[1], "name")] where text.isEmpty {
      findings.required(path, "the \(what) must not be empty")
    }
    if !parts[0].isEmpty { findings.invalid(path, parts[0], messages: Names.subdomain(parts[0])) }
    if !parts[1].isEmpty { identifier(parts[1], path, &findings) }
  }

  static func identifier(_ text: String, _ path: Path, _ findings: inout Findings) {
    let isGood = text.utf8.allSatisfy { Names.isAlphanumeric($0) || $0 == UInt8(ascii: "_") }
    let startsWell = text.utf8.first.map { !(48...57).contains($0) } ?? false
    if text.utf8.count > maximumCount { findings.add(.tooLong(path, limit: maximumCount)) }
    if !isGood || !startsWell {
      findings.invalid(
        path, .string(text),
        "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric "
          + "characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is "
          + "'[A-Za-z_][A-Za-z0-9_]*')")
    }
  }

  static func references(_ object: JSON, _ path: Path, _ known: Set<String>, _ findings: inout Findings) {
    var names = Set<String>()
    for (path, reference) in limited(object, "requests", path, &findings) {
      let text = reference.string ?? ""
      let parts = text.split(separator: "/", omittingEmptySubsequences: false)
      for part in parts.prefix(2) { name(String(part), path, Names.label, &findings) }
      if !known.contains(text) {
        findings.invalid(
          path, reference,
          "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'")
      }
      unique(text, path, &names, &findings)
    }
  }

  static func selectors(_ object: JSON, _ path: Path, _ findings: inout Findings) {
    for (path, selector) in limited(object, "selectors", path, &findings) {
      let path = path.child("cel")
      guard let expression = selector.at("cel", "expression")?.string else {
        findings.required(path)
        continue
      }
      self.expression(expression, path.child("expression"), &findings)
    }
  }

  private static func expression(_ text: String, _ path: Path, _ findings: inout Findings) {
    if text.utf8.count > longestExpression { return findings.add(.tooLong(path, limit: longestExpression)) }
    do throws(CompileError) {
      let type = try Program(text, variables: ["device": .dynamic]).type.name
      if !["bool", "dyn"].contains(type) {
        findings.invalid(path, .string(text), "must evaluate to bool or the unknown type, not \(type)")
      }
    } catch {
      findings.invalid(path, .string(text), "compilation failed: " + error.description(in: text))
    }
  }

  /// Settings that the driver alone understands.
  static func opaque(_ settings: JSON, _ path: Path, _ findings: inout Findings) {
    let path = path.child("opaque")
    guard let opaque = settings["opaque"] else { return findings.required(path) }
    driver(opaque.text("driver"), path.child("driver"), &findings)
    let place = path.child("parameters")
    guard let parameters = opaque["parameters"], !parameters.isNull else { return findings.required(place) }
    if parameters.text.utf8.count > longestSettings {
      findings.add(.tooLong(place, limit: longestSettings))
    } else if parameters.object == nil {
      findings.invalid(place, .string("<value omitted>"), "parameters must be a valid JSON object")
    }
  }
}
