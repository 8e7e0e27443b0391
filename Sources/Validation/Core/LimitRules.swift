import JSONCore
import Objects

/// Rules of `limitranges`.
enum LimitRules {
  static let limitRange = Rule(object: { object, findings in
    var seen = Set<String>()
    for (path, item) in findings.elements(object["spec"]?["limits"], "spec.limits") {
      let type = item.text("type")
      let messages = Names.qualified(type)
      findings.invalid(path.child("type"), type, messages: messages)
      if messages.isEmpty, !["Pod", "Container", "PersistentVolumeClaim"].contains(type), !type.contains("/") {
        findings.invalid(path.child("type"), .string(type), "must be a standard limit type or fully qualified")
      }
      if !seen.insert(type).inserted { findings.duplicate(path.child("type"), .string(type)) }
      names(item, type, path, &findings)
      if type == "PersistentVolumeClaim", item.at("min", "storage") == nil, item.at("max", "storage") == nil {
        findings.required(
          path.child("limits"), "either minimum or maximum storage value is required, but neither was provided")
      }
      limits(item, path, &findings)
    }
  })

  private static func names(_ item: JSON, _ type: String, _ path: Path, _ findings: inout Findings) {
    for field in ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] {
      let names = item[field]?.object?.allKeys ?? []
      if type == "Pod", field.hasPrefix("default") {
        if !names.isEmpty { findings.forbidden(path.child(field), "may not be specified when `type` is 'Pod'") }
        continue
      }
      for name in names {
        let place = path.child(field).key(name)
        if ["Pod", "Container"].contains(type) {
          findings.containerResource(name, place)
        } else {
          QuotaRules.resourceName(name, place, &findings)
        }
      }
    }
  }

  private static func limits(_ item: JSON, _ path: Path, _ findings: inout Findings) {
    var names = Set<String>()
    for field in ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] {
      for key in item[field]?.object?.allKeys ?? [] { names.insert(key) }
    }
    let isPod = item.text("type") == "Pod"
    func amount(_ field: String, _ name: String) -> Quantity? {
      isPod && field.hasPrefix("default") ? nil : Quantity(item[field]?[name])
    }
    func check(
      _ field: String, _ name: String, _ low: Quantity?, _ high: Quantity?, _ shown: Quantity?,
      _ words: (Quantity, Quantity) -> String
    ) {
      guard let low, let high, low > high else { return }
      findings.invalid(path.child(field).key(name), .string((shown ?? low).description), words(low, high))
    }
    for name in names.sorted() {
      let (least, most) = (amount("min", name), amount("max", name))
      let (request, limit) = (amount("defaultRequest", name), amount("default", name))
      check("min", name, least, most, least) { "min value \($0) is greater than max value \($1)" }
      check("defaultRequest", name, least, request, request) {
        "min value \($0) is greater than default request value \($1)"
      }
      check("defaultRequest", name, request, most, request) {
        "default request value \($0) is greater than max value \($1)"
      }
      check("defaultRequest", name, request, limit, request) {
        "default request value \($0) is greater than default limit value \($1)"
      }
      check("default", name, least, limit, least) { "min value \($0) is greater than default value \($1)" }
      check("default", name, limit, most, most) { "default value \($0) is greater than max value \($1)" }
      if let ratio = amount("maxLimitRequestRatio", name) {
        LimitRules.ratio(ratio, least, most, path.child("maxLimitRequestRatio").key(name), &findings)
      }
      if let limit, let request, limit != request, !ResourceNames.canOvercommit(name) {
        findings.invalid(
          path.child("defaultRequest").key(name), .string(request.description),
          "default value \(limit) must equal to defaultRequest value \(request) in \(name)")
      }
    }
  }

  private static func ratio(
    _ ratio: Quantity, _ least: Quantity?, _ most: Quantity?, _ path: Path, _ findings: inout Findings
  ) {
    if ratio < Quantity(1) {
      findings.invalid(path, .string(ratio.description), "ratio \(ratio) is less than 1")
    }
    guard let least, let most, !least.isZero else { return }
    let highest = most.double / least.double
    if ratio.double > highest {
      findings.invalid(
        path, .string(ratio.description), "ratio \(ratio) is greater than max/min = \(Self.sixDigits(highest))")
    }
  }

  /// As `%f` prints it.
  private static func sixDigits(_ number: Double) -> String {
    guard number.isFinite, number < 1e12 else { return number.description }
    let millionths = Int((number * 1e6).rounded())
    let rest = String(millionths % 1_000_000)
    return "\(millionths / 1_000_000)." + String(repeating: "0", count: 6 - rest.utf8.count) + rest
  }
}
