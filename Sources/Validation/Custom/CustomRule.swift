import Expressions
import JSONCore
import Objects

/// One of a schema's `x-kubernetes-validations`: an expression that must be true of every value in its place.
struct CustomRule: Sendable {
  private let program: Program
  private let message: String
  private let messageProgram: Program?
  private let reason: String
  private let fieldPath: String
  /// Whether it compares with the value before; then it applies to changes alone.
  let isTransition: Bool
  private let takesOptionalOld: Bool

  /// - Throws: what is wrong with the expression.
  init(_ json: JSON, of type: ValueType) throws(CompileError) {
    takesOptionalOld = json["optionalOldSelf"]?.bool ?? false
    let variables = ["self": type, "oldSelf": takesOptionalOld ? .optional(type) : type]
    program = try Program(json.text("rule"), variables: variables)
    message = json.text("message")
    let expression = json.text("messageExpression")
    messageProgram = expression.isEmpty ? nil : try Program(expression, variables: variables)
    reason = json.text("reason")
    fieldPath = json.text("fieldPath")
    isTransition = program.names("oldSelf")
  }

  /// Whether the rule has something to say of a value that replaces another, or none.
  func applies(replacing old: JSON?) -> Bool { !isTransition || old != nil || takesOptionalOld }

  /// - Returns: nil when the value keeps to the rule.
  func fault(
    _ value: JSON, replacing old: JSON?, _ type: ValueType, _ path: Path, budget: inout Int
  ) -> FieldError? {
    var variables = ["self": Value(value, type)]
    if isTransition {
      let before = old.map { Value($0, type) }
      variables["oldSelf"] = takesOptionalOld ? .optional(before) : before
    }
    var allowance = min(budget, Self.callLimit)
    let granted = allowance
    do throws(EvaluationError) {
      let result = try program.value(variables, budget: &allowance)
      budget -= granted - allowance
      if case .bool(true) = result { return nil }
    } catch {
      budget -= granted - allowance
      return failure(error, value, path, isTooDear: allowance < 0, budget: &budget)
    }
    return error(value, path, words(variables, &budget))
  }

  /// What one evaluation may cost, in steps.
  private static let callLimit = 1_000_000

  /// Why a rule came to no result.
  private func failure(
    _ error: EvaluationError, _ value: JSON, _ path: Path, isTooDear: Bool, budget: inout Int
  ) -> FieldError {
    if budget < 0 { return Self.exhausted(path) }
    let rule = message.isEmpty ? program.text : message
    var text = "\(error.message) evaluating rule: \(rule)"
    if isTooDear {
      budget = -1
      text =
        "'\(error.message)': no further validation rules will be run due to call cost exceeds limit for rule: "
        + rule
    } else if error.message.hasPrefix("no such overload") {
      text =
        "'\(error.message)': call arguments did not match a supported operator, function or macro signature for "
        + "rule: \(rule)"
    }
    return .invalid(path, .string(value.schemaType), text)
  }

  static func exhausted(_ path: Path) -> FieldError {
    FieldError(
      reason: .invalid, field: path.description,
      message:
        "Invalid value: validation failed due to running out of cost budget, no further validation rules will be run")
  }

  private func words(_ variables: [String: Value], _ budget: inout Int) -> String {
    if let messageProgram {
      do throws(EvaluationError) {
        if case .string(let text) = try messageProgram.value(variables, budget: &budget) {
          let isGood = !text.allSatisfy(\.isWhitespace) && !text.contains("\n")
          if isGood { return text }
        }
      } catch {
        // A message that cannot be made gives way to the one that is written, as in the stock server.
      }
    }
    return message.isEmpty ? "failed rule: \(program.text)" : message
  }

  private func error(_ value: JSON, _ path: Path, _ words: String) -> FieldError {
    var path = path
    for step in fieldPath.split(separator: ".") { path = path.child(String(step)) }
    switch reason {
    case "FieldValueRequired": return .required(path, words)
    case "FieldValueForbidden": return .forbidden(path, words)
    case "FieldValueDuplicate": return .duplicate(path, value)
    default: break
    }
    // Objects and lists would make long messages, and are not shown.
    if value.object != nil || value.array != nil {
      return FieldError(reason: .invalid, field: path.description, message: "Invalid value: \(words)")
    }
    return .invalid(path, value, words)
  }
}

extension CustomSchema {
  /// What all the rules of one object may cost together, in steps.
  private static let budget = 10_000_000

  /// What is wrong with a value by the rules of its schema; asked only where types and bounds are right.
  package func ruleFaults(_ value: JSON, replacing old: JSON?) -> [FieldError] {
    var errors: [FieldError] = []
    var budget = Self.budget
    applyRules(value, old, .root, &budget, &errors)
    return errors
  }

  private func applyRules(
    _ value: JSON, _ old: JSON?, _ path: Path, _ budget: inout Int, _ errors: inout [FieldError]
  ) {
    guard hasRules, budget >= 0, !(value.isNull && isNullable) else { return }
    let isSame = old == value
    for rule in rules where rule.applies(replacing: old) && (rule.isTransition || !isSame) {
      guard budget >= 0 else { return }
      if let error = rule.fault(value, replacing: old, valueType, path, budget: &budget) { errors.append(error) }
    }
    if let elements = value.array, let items {
      let before = listType == .map ? byIdentity(old) : [:]
      for (index, element) in elements.enumerated() {
        let old = before.isEmpty ? nil : identity(of: element).flatMap { before[$0.text] }
        items.applyRules(element, old, path.index(index), &budget, &errors)
      }
    }
    for (name, member) in value.object ?? Members() {
      if let property = property(name) {
        property.applyRules(member, old?[name], path.child(name), &budget, &errors)
      } else {
        additional?.applyRules(member, old?[name], path.key(name), &budget, &errors)
      }
    }
  }
}
