/// Expressions with names, which others ask for as members of one variable (`variables.replicas`). Each gets its value when
/// it is first asked for, and only then.
public struct Definitions: Sendable {
  /// What the variable is called.
  static let variable = "variables"

  private let programs: [String: Program]
  private var values: [String: Result<Value, EvaluationError>] = [:]

  public static let none = Definitions([])

  public init(_ programs: [(name: String, program: Program)]) {
    self.programs = Dictionary(programs.map { ($0.name, $0.program) }) { _, last in last }
  }

  /// Takes over the values that a copy came to know.
  mutating func join(_ other: Definitions) { values.merge(other.values) { first, _ in first } }

  func has(_ name: String) -> Bool { programs[name] != nil }

  /// - Parameter evaluator: has what definitions may name, and the budget; definitions know no names of macros.
  mutating func value(_ name: String, _ evaluator: inout Evaluator) throws(EvaluationError) -> Value {
    if let known = values[name] { return try known.get() }
    guard let program = programs[name] else { throw EvaluationError("no such key: \(name)") }
    let result: Result<Value, EvaluationError>
    do throws(EvaluationError) {
      result = .success(try evaluator.outside { (inner) throws(EvaluationError) in try program.value(in: &inner) })
    } catch {
      if evaluator.budget < 0 { throw error }
      result = .failure(EvaluationError("composited variable \"\(name)\" fails to evaluate: \(error.message)"))
    }
    values[name] = result
    return try result.get()
  }
}
