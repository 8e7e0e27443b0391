/// An expression that has been read and checked, ready to be asked again and again.
public struct Program: Sendable {
  public let text: String
  /// The type of its values, as far as it is known beforehand.
  public let type: ValueType
  private let expression: Expression
  private let variables: [String: ValueType]

  /// - Parameter variables: what the expression may name.
  public init(_ text: String, variables: [String: ValueType]) throws(CompileError) {
    self.text = text
    self.variables = variables
    expression = try Parser.parse(text)
    var checker = Checker(variables)
    type = try checker.type(expression)
  }

  /// The most that the expression may cost when its variables have such sizes.
  public func worstCost(_ sizes: [String: SizeTree]) throws(CompileError) -> UInt64 {
    var estimator = Estimator(variables, sizes)
    return try estimator.estimate(expression).cost.most
  }

  /// - Parameter budget: steps that may be taken; reduced by those that were.
  public func value(_ variables: [String: Value], budget: inout Int) throws(EvaluationError) -> Value {
    var definitions = Definitions.none
    return try value(variables, &definitions, budget: &budget)
  }

  /// - Parameter definitions: remembers the values that were asked for.
  public func value(
    _ variables: [String: Value], _ definitions: inout Definitions, budget: inout Int
  ) throws(EvaluationError) -> Value {
    var evaluator = Evaluator(variables, definitions, budget: budget)
    defer {
      budget = evaluator.budget
      definitions = evaluator.definitions
    }
    return try evaluator.value(expression)
  }

  func value(in evaluator: inout Evaluator) throws(EvaluationError) -> Value { try evaluator.value(expression) }

  /// Whether the expression names a variable.
  public func names(_ variable: String) -> Bool { expression.names(variable) }
}

extension Expression {
  fileprivate func names(_ variable: String) -> Bool {
    switch form {
    case .literal: false
    case .name(let name): name == variable
    case .select(let object, _, _), .has(let object, _): object.names(variable)
    case .index(let left, let right, _), .and(let left, let right), .or(let left, let right):
      left.names(variable) || right.names(variable)
    case .call(_, let arguments): arguments.contains { $0.names(variable) }
    case .memberCall(let target, _, let arguments):
      target.names(variable) || arguments.contains { $0.names(variable) }
    case .choice(let condition, let yes, let no): [condition, yes, no].contains { $0.names(variable) }
    case .list(let elements): elements.contains { $0.value.names(variable) }
    case .map(let entries): entries.contains { $0.key.names(variable) || $0.value.names(variable) }
    case .message(_, let fields): fields.contains { $0.value.names(variable) }
    case .comprehension(let comprehension):
      [comprehension.source, comprehension.body].contains { $0.names(variable) }
        || comprehension.condition?.names(variable) ?? false
    case .bind(_, let value, let body): value.names(variable) || body.names(variable)
    }
  }
}
