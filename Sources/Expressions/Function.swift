/// Why an expression has no value.
public struct EvaluationError: Error, Sendable {
  public var message: String

  init(_ message: String) { self.message = message }
}

/// One way to call a function: for the checker what it takes and gives, for the evaluator what it does.
struct Function: Sendable {
  typealias Body = @Sendable ([Value]) throws(EvaluationError) -> Value

  let parameters: [ValueType]
  let result: ValueType
  /// Whether it is called on its first parameter: `a.f(b)`.
  let isMember: Bool
  let body: Body

  /// `f(a, b)`
  static func plain(_ parameters: [ValueType], _ result: ValueType, _ body: @escaping Body) -> Function {
    Function(parameters: parameters, result: result, isMember: false, body: body)
  }

  /// `a.f(b)`
  static func member(_ parameters: [ValueType], _ result: ValueType, _ body: @escaping Body) -> Function {
    Function(parameters: parameters, result: result, isMember: true, body: body)
  }

  func takes(_ arguments: [ValueType], isMember: Bool) -> Bool {
    self.isMember == isMember && arguments.count == parameters.count
      && zip(arguments, parameters).allSatisfy { $0.fits($1) }
  }
}

/// Every function there is, by its name.
enum Functions {
  static let all: [String: [Function]] = {
    var result: [String: [Function]] = [:]
    for library in [
      operators, conversions, strings, lists, times, numbers, optionals, addresses, quantities, versions, urls, formats,
      authorization, patches,
    ] {
      for (name, functions) in library { result[name, default: []] += functions }
    }
    return result
  }()

  /// What stands before the dot in the names of functions that are called on nothing.
  static let spaces = Set(
    all.keys.compactMap { name in name.firstIndex(of: ".").map { String(name[..<$0]) } })

  typealias Library = [String: [Function]]

  static let integerOverflow = EvaluationError("integer overflow")
}
