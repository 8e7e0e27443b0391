/// A program of `awk`, parsed: rules with their patterns and actions.
struct AwkProgram: Sendable {
  indirect enum Expression: Sendable {
    case text(String)
    case number(Double)
    case pattern(String)
    case variable(String)
    case element(String, [Expression])
    case field(Expression)
    case assign(Expression, operation: String, Expression)
    case binary(String, Expression, Expression)
    case unary(String, Expression)
    /// `i++`, `--i`
    case step(Expression, by: Double, isBefore: Bool)
    case choice(Expression, Expression, Expression)
    case contains(String, Expression)
    case call(String, [Expression])
  }

  indirect enum Statement: Sendable {
    case expression(Expression)
    case print([Expression])
    case printf([Expression])
    case branch(Expression, Statement, otherwise: Statement?)
    case loop(start: Statement?, test: Expression?, step: Statement?, body: Statement)
    case each(String, array: String, body: Statement)
    case block([Statement])
    case delete(String, [Expression]?)
    case next, leave, again
    case exit(Expression?)
  }

  enum Moment: Sendable {
    case begin, end, always
    case test(Expression)
    case range(Expression, Expression)
  }

  struct Rule: Sendable {
    var moment: Moment
    /// nil prints the line.
    var body: Statement?
  }

  private(set) var rules: [Rule] = []

  /// There is more than a beginning.
  var readsInput: Bool { rules.contains { if case .begin = $0.moment { false } else { true } } }

  /// nil for what is no such program, or not simulated.
  init?(_ text: String) {
    guard let tokens = AwkToken.all(in: text) else { return nil }
    var parser = AwkParser(tokens)
    guard let rules = parser.rules() else { return nil }
    self.rules = rules
  }
}
