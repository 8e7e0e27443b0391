import Expressions
import JSONCore
import Objects

/// The rules of a schema (`x-kubernetes-validations`): whether they can be read, and what they may cost.
extension StructuralRules {
  mutating func judgeRules(_ place: Place) {
    let path = place.path.child("x-kubernetes-validations")
    let before = findings.errors.count
    for (path, rule) in findings.elements(place.schema["x-kubernetes-validations"], path) { form(rule, path) }
    guard findings.errors.count == before else { return }
    for (path, rule) in ruleFindings.elements(place.schema["x-kubernetes-validations"], path) {
      expression("rule", rule, wanted: "bool", place, path)
      guard !rule.text("messageExpression").isEmpty else { continue }
      expression("messageExpression", rule, wanted: "string", place, path)
    }
  }

  private static let reasons = [
    "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired",
  ]

  /// A rule's fields beside its expressions.
  private mutating func form(_ rule: JSON, _ path: Path) {
    let text = Self.trimmed(rule.text("rule"))
    let message = Self.trimmed(rule.text("message"))
    if text.isEmpty {
      findings.required(path.child("rule"), "rule is not specified")
    } else if message.isEmpty, !rule.text("message").isEmpty {
      findings.invalid(path.child("message"), rule["message"], "message must be non-empty if specified")
    } else if message.utf8.contains(0x0A) {
      findings.invalid(path.child("message"), .string(message), "message must not contain line breaks")
    } else if text.utf8.contains(0x0A), message.isEmpty {
      findings.required(path.child("message"), "message must be specified if rule contains line breaks")
    }
    let expression = rule.text("messageExpression")
    if !expression.isEmpty, Self.trimmed(expression).isEmpty {
      findings.required(path.child("messageExpression"), "messageExpression must be non-empty if specified")
    }
    if let reason = rule["reason"]?.string { findings.supported(path.child("reason"), reason, Self.reasons) }
    let field = rule.text("fieldPath")
    if !field.isEmpty, Self.trimmed(field).isEmpty {
      findings.invalid(path.child("fieldPath"), rule["fieldPath"], "fieldPath must be non-empty if specified")
    }
  }

  private static func trimmed(_ text: String) -> String {
    let isSpace: (Character) -> Bool = { $0.isWhitespace }
    let start = text.drop(while: isSpace)
    return String(start.reversed().drop(while: isSpace).reversed())
  }

  /// One of a rule's two expressions: it must be readable, give what is asked of it, and not cost too much.
  private mutating func expression(_ field: String, _ rule: JSON, wanted: String, _ place: Place, _ path: Path) {
    let type = place.read.valueType
    let old: ValueType = rule["optionalOldSelf"]?.bool == true ? .optional(type) : type
    let path = path.child(field)
    let problem: String
    do throws(CompileError) {
      let program = try Program(rule.text(field), variables: ["self": type, "oldSelf": old])
      if let cost = try place.cost(of: program, field) { total.add(field, cost, path, &ruleFindings) }
      if [wanted, "dyn"].contains(program.type.name) { return }
      problem =
        field == "rule" ? "cel expression must evaluate to a bool" : "messageExpression must evaluate to a string"
    } catch {
      problem = "compilation failed: " + error.description(in: rule.text(field))
    }
    ruleFindings.add(
      FieldError(reason: .invalid, field: path.description, message: "Invalid value: \(Self.shown(rule)): \(problem)"))
  }

  /// A rule as the stock server prints it in an error: its own struct, in Go's JSON.
  private static func shown(_ rule: JSON) -> String {
    func text(_ field: String) -> String { JSON.string(rule.text(field)).text }
    let reason = rule["reason"]?.text ?? "null"
    let optional = rule["optionalOldSelf"]?.text ?? "null"
    let json =
      "{\"Rule\":\(text("rule")),\"Message\":\(text("message")),\"MessageExpression\":\(text("messageExpression")),"
      + "\"Reason\":\(reason),\"FieldPath\":\(text("fieldPath")),\"OptionalOldSelf\":\(optional)}"
    return json.map { escapes[$0] ?? String($0) }.joined()
  }

  /// Go writes what could be taken for HTML as numbers.
  private static let escapes: [Character: String] = ["<": "\\u003c", ">": "\\u003e", "&": "\\u0026"]
}

extension StructuralRules.Place {
  /// What an expression may cost for all the values of the place that one object can have; a message is made once.
  fileprivate func cost(of program: Program, _ field: String) throws(CompileError) -> UInt64? {
    guard let sizes else { return nil }
    let once = try program.worstCost(["self": sizes, "oldSelf": sizes])
    if field != "rule" { return once }
    return once.timesOrMost(cardinality ?? CustomSchema.largestRequest / (sizes.smallest + 1))
  }
}

/// What the expressions of one schema may cost, and the limits of the stock server on it.
struct RuleCosts {
  private static let limit: UInt64 = 10_000_000
  private static let totalLimit: UInt64 = 100_000_000
  private static let namedCount = 4

  private var total: UInt64 = 0
  private var dearest: [(path: Path, cost: UInt64)] = []

  mutating func add(_ field: String, _ cost: UInt64, _ path: Path, _ findings: inout Findings) {
    if cost > Self.limit { findings.forbidden(path, Self.words("estimated \(field) cost", cost, Self.limit)) }
    total = total.addingOrMost(cost)
    // Only what makes up a hundredth of the whole is worth naming.
    guard cost >= Self.totalLimit / 100 else { return }
    dearest.append((path, cost))
    dearest.sort { $0.cost > $1.cost }
    dearest = Array(dearest.prefix(Self.namedCount))
  }

  /// - Parameter path: of the whole schema.
  func judge(_ path: Path, _ findings: inout Findings) {
    guard total > Self.totalLimit else { return }
    for (path, _) in dearest {
      findings.forbidden(
        path, "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema")
    }
    let name = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema"
    findings.forbidden(path, Self.words(name, total, Self.totalLimit))
  }

  private static func words(_ name: String, _ cost: UInt64, _ limit: UInt64) -> String {
    let factor = Double(cost) / Double(limit)
    let shown =
      if factor > 100 { "more than 100x" } else { fixed(factor, factor < 1.5 ? 6 : 1) + "x" }
    return "\(name) exceeds budget by factor of \(shown) (try simplifying the rule, or adding maxItems, "
      + "maxProperties, and maxLength where arrays, maps, and strings are declared)"
  }

  /// A number below a hundred with so many digits behind the point.
  private static func fixed(_ number: Double, _ digits: Int) -> String {
    let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
    let text = String(Int((number * scale).rounded()))
    let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
    return padded.dropLast(digits) + "." + padded.suffix(digits)
  }
}
