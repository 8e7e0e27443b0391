/// Operators, by the names that the language has for them.
extension Functions {
  static let operators: Library = [
    "_==_": [.plain([.dynamic, .dynamic], .bool) { .bool($0[0].equals($0[1])) }],
    "_!=_": [.plain([.dynamic, .dynamic], .bool) { .bool(!$0[0].equals($0[1])) }],
    "_<_": comparison { $0 < 0 },
    "_<=_": comparison { $0 <= 0 },
    "_>_": comparison { $0 > 0 },
    "_>=_": comparison { $0 >= 0 },
    "!_": [
      .plain([.bool], .bool) { arguments throws(EvaluationError) in
        guard case .bool(let flag) = arguments[0] else { throw EvaluationError("no such overload") }
        return .bool(!flag)
      }
    ],
    "-_": [
      .plain([.int], .int) { arguments throws(EvaluationError) in
        guard case .int(let number) = arguments[0] else { throw EvaluationError("no such overload") }
        let (result, overflows) = Int64(0).subtractingReportingOverflow(number)
        if overflows { throw integerOverflow }
        return .int(result)
      },
      .plain([.double], .double) { arguments throws(EvaluationError) in
        guard case .double(let number) = arguments[0] else { throw EvaluationError("no such overload") }
        return .double(-number)
      },
    ],
    "_+_": arithmetic(
      { $0.addingReportingOverflow($1) }, { $0.addingReportingOverflow($1) }, +)
      + [
        .plain([.string, .string], .string) { .string($0[0].text + $0[1].text) },
        .plain([.bytes, .bytes], .bytes) { .bytes($0[0].byteList + $0[1].byteList) },
        .plain([.list(.dynamic), .list(.dynamic)], .list(.dynamic)) { .list($0[0].elements + $0[1].elements) },
        .plain([.duration, .duration], .duration, addTimes), .plain([.timestamp, .duration], .timestamp, addTimes),
        .plain([.duration, .timestamp], .timestamp, addTimes),
      ],
    "_-_": arithmetic(
      { $0.subtractingReportingOverflow($1) }, { $0.subtractingReportingOverflow($1) }, -)
      + [
        .plain([.duration, .duration], .duration, subtractTimes),
        .plain([.timestamp, .duration], .timestamp, subtractTimes),
        .plain([.timestamp, .timestamp], .duration, subtractTimes),
      ],
    "_*_": arithmetic({ $0.multipliedReportingOverflow(by: $1) }, { $0.multipliedReportingOverflow(by: $1) }, *),
    "_/_": arithmetic(
      { $0.dividedReportingOverflow(by: $1) }, { $0.dividedReportingOverflow(by: $1) }, /, divides: "division by zero"),
    "_%_": wholeArithmetic(
      { $0.remainderReportingOverflow(dividingBy: $1) }, { $0.remainderReportingOverflow(dividingBy: $1) },
      divides: "modulus by zero"),
    "@in": [
      .plain([.dynamic, .list(.dynamic)], .bool) { arguments in
        .bool(arguments[1].elements.contains { $0.equals(arguments[0]) })
      },
      .plain([.dynamic, .map(.dynamic, .dynamic)], .bool) { .bool($0[1].lists($0[0])) },
    ],
  ]

  private static func comparison(_ holds: @escaping @Sendable (Int) -> Bool) -> [Function] {
    let body: Function.Body = { arguments throws(EvaluationError) in
      guard let order = arguments[0].compare(arguments[1]) else { return .bool(false) }
      return .bool(holds(order))
    }
    let numbers: [ValueType] = [.int, .uint, .double]
    var result = numbers.flatMap { left in numbers.map { Function.plain([left, $0], .bool, body) } }
    for type: ValueType in [.string, .bytes, .bool, .duration, .timestamp] {
      result.append(.plain([type, type], .bool, body))
    }
    return result
  }

  private typealias Whole<T> = @Sendable (T, T) -> (partialValue: T, overflow: Bool)

  private static func arithmetic(
    _ int: @escaping Whole<Int64>, _ uint: @escaping Whole<UInt64>,
    _ double: @escaping @Sendable (Double, Double) -> Double, divides: String? = nil
  ) -> [Function] {
    wholeArithmetic(int, uint, divides: divides) + [
      .plain([.double, .double], .double) { arguments throws(EvaluationError) in
        guard case .double(let left) = arguments[0], case .double(let right) = arguments[1] else {
          throw EvaluationError("no such overload")
        }
        return .double(double(left, right))
      }
    ]
  }

  private static func wholeArithmetic(
    _ int: @escaping Whole<Int64>, _ uint: @escaping Whole<UInt64>, divides: String?
  ) -> [Function] {
    [
      .plain([.int, .int], .int) { arguments throws(EvaluationError) in
        guard case .int(let left) = arguments[0], case .int(let right) = arguments[1] else {
          throw EvaluationError("no such overload")
        }
        if let divides, right == 0 { throw EvaluationError(divides) }
        let (result, overflows) = int(left, right)
        if overflows { throw integerOverflow }
        return .int(result)
      },
      .plain([.uint, .uint], .uint) { arguments throws(EvaluationError) in
        guard case .uint(let left) = arguments[0], case .uint(let right) = arguments[1] else {
          throw EvaluationError("no such overload")
        }
        if let divides, right == 0 { throw EvaluationError(divides) }
        let (result, overflows) = uint(left, right)
        if overflows { throw EvaluationError("unsigned integer overflow") }
        return .uint(result)
      },
    ]
  }
}

extension Value {
  var elements: [Value] { if case .list(let elements) = self { elements } else { [] } }
  var byteList: [UInt8] { if case .bytes(let bytes) = self { bytes } else { [] } }
  var whole: Int64 { if case .int(let number) = self { number } else { 0 } }
  var isTrue: Bool { if case .bool(true) = self { true } else { false } }
}
